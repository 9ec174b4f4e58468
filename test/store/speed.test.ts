import assert from 'node:assert/strict'
import type { Store } from '../../src/store/store.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { Place, chain } from './support.ts'

/** Milliseconds of the fastest of some runs: what the work costs when nothing else runs. */
function fastest(work: () => void): number {
  const times = Array.from({ length: 41 }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}

describe('the speed of the store', function () {
  this.timeout(60_000)
  let place: Place
  let store: Store
  before(() => {
    place = new Place()
    store = place.open()
  })
  after(() => place.dispose())

  const longChain = (length: number): { conversation: string; leaf: string } => {
    const { id: conversation } = store.conversations.create({ title: `${length}` })
    return { conversation, leaf: chain(store, conversation, length, 'word '.repeat(100)).at(-1) ?? '' }
  }
  const page = ({ conversation, leaf }: { conversation: string; leaf: string }) =>
    fastest(() => assert.equal(store.messages.page(conversation, { leaf, limit: 40 }).messages.length, 40))

  it('reads the last page of 2,000 messages as fast as that of 200, also among 100,000 others', () => {
    const [short, long] = [longChain(200), longChain(2_000)]
    const [shortTime, longTime] = [page(short), page(long)]
    fillUp(100_000)
    const crowdedTime = page(long)
    const branchTime = fastest(() => store.messages.branch(long.conversation, long.leaf))
    const listTime = fastest(() => store.conversations.list({ limit: 50 }))
    const times = { shortTime, longTime, crowdedTime, branchTime, listTime }
    for (const [name, time] of Object.entries(times)) console.log(`      ${name}: ${time.toFixed(2)} ms`)
    // Twice the goal of 5 ms, for a machine that does other things too.
    assert.ok(crowdedTime < 10, `${crowdedTime} ms`)
    assert.ok(longTime / shortTime < 3, `${longTime} ms against ${shortTime} ms`)
    assert.ok(crowdedTime / shortTime < 3, `${crowdedTime} ms against ${shortTime} ms`)
  })

  it('opens that file without reading all of it', () => {
    const time = fastest(() => place.open().close())
    console.log(`      open and close: ${time.toFixed(2)} ms`)
    assert.ok(time < 100, `${time} ms`)
  })

  /** Rows in 500 conversations, written past the store because one transaction is faster. */
  function fillUp(rows: number): void {
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const database = new sqlite.DatabaseSync(place.path)
    const body = JSON.stringify({ role: 'user', content: [{ type: 'text', text: 'word '.repeat(100) }] })
    database.exec('BEGIN')
    const conversation = database.prepare(
      "INSERT INTO conversation (id, title, created_at, updated_at) VALUES (?, 'T', 1, ?)",
    )
    for (let place = 0; place < 500; place++) conversation.run(`filler-${place}`, place)
    const message = database.prepare(
      "INSERT INTO message (id, conversation, parent_id, created_at, state, body) VALUES (?, ?, ?, 1, 'done', ?)",
    )
    for (let row = 0; row < rows; row++) message.run(`row-${row}`, `filler-${row % 500}`, `row-${row - 500}`, body)
    database.exec('COMMIT')
    database.close()
  }
})
