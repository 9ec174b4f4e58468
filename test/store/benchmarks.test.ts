/** Comparisons of models, in both stores. */
import assert from 'node:assert/strict'
import type { BenchmarkRun } from '../../src/shared/benchmark.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { Place } from './support.ts'

const run = (id: string, startedAt: number, more: Partial<BenchmarkRun> = {}): BenchmarkRun => ({
  id,
  startedAt,
  models: [{ provider: 'openai', model: 'gpt' }],
  names: { 'openai/gpt': 'GPT' },
  prompts: ['Fact'],
  repeats: 1,
  results: [],
  ...more,
})

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`comparisons of models in ${kind}`, () => {
    let place: Place
    let store: Store
    beforeEach(() => {
      place = new Place()
      store = kind === 'sqlite' ? place.open() : place.tryOpen({ sqlite: undefined }).store
    })
    afterEach(() => place.dispose())

    it('are listed newest first, as many as are asked for', () => {
      for (const [id, at] of [
        ['a', 1],
        ['b', 3],
        ['c', 2],
      ] as const)
        store.benchmarks.put(run(id, at))
      const ids = (limit: number) => store.benchmarks.list(limit).map((one) => one.id)
      assert.deepEqual(
        [ids(9), ids(2)],
        [
          ['b', 'c', 'a'],
          ['b', 'c'],
        ],
      )
    })

    it('are replaced as they go on, read back as they were, and removed', () => {
      store.benchmarks.put(run('a', 1))
      const result = { provider: 'openai', model: 'gpt', prompt: 'Fact', repeat: 1, startedAt: 2, durationMs: 5 }
      const ended = run('a', 1, { endedAt: 9, results: [{ ...result, output: 3, attempts: 1, checks: [] }] })
      store.benchmarks.put(ended)
      assert.deepEqual(store.benchmarks.get('a'), ended)
      assert.deepEqual(store.benchmarks.list(9), [ended])
      store.benchmarks.remove('a')
      assert.equal(store.benchmarks.get('a'), undefined)
      assert.deepEqual(store.benchmarks.list(9), [])
    })
  })
}

describe('comparisons of models in a database', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  it('are there when it is opened again, and one that is damaged costs only itself', () => {
    const first = place.open()
    first.benchmarks.put(run('a', 1))
    first.benchmarks.put(run('b', 2))
    first.close()
    const database = new (loadSqlite()!.DatabaseSync)(place.path)
    database.exec(`UPDATE benchmark_run SET body = '{"results": 1' WHERE id = 'a'`)
    database.close()
    const again = place.open()
    assert.deepEqual(again.benchmarks.list(9), [run('b', 2)])
    assert.equal(again.benchmarks.get('a'), undefined)
    assert.match(place.problems[0] ?? '', /damaged and left out/)
  })

  it('go along with a copy of the chats', async () => {
    const store = place.open()
    store.benchmarks.put(run('a', 1))
    await store.backup(`${place.folder}/copy.db`)
    store.benchmarks.remove('a')
    store.benchmarks.put(run('b', 2))
    await store.restore(`${place.folder}/copy.db`)
    assert.deepEqual(store.benchmarks.list(9), [run('a', 1)])
  })
})
