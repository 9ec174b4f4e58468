/** Patterns that take too long, over all answers of a comparison. */
import assert from 'node:assert/strict'
import { runBenchmark } from '../../src/host/benchmark/runner.ts'
import type { BenchmarkRun } from '../../src/shared/benchmark.ts'

describe('a pattern that takes too long', function () {
  this.timeout(60_000)
  const ENDLESS = { kind: 'regex', pattern: '^(a+)+$' } as const
  const model = { provider: 'lab', model: 'own' }

  async function run(repeats: number, answer: (repeat: number) => string, stop = new AbortController()) {
    const made: BenchmarkRun = {
      id: 'r',
      startedAt: 1,
      models: [model],
      prompts: ['A'],
      repeats,
      names: {},
      results: [],
    }
    const prompt = { name: 'A', prompt: 'Say it.', maxOutputTokens: 100, checks: [ENDLESS] }
    let asked = 0
    const measured = { startedAt: 1, durationMs: 1, output: 1, attempts: 1 }
    const ask = () => Promise.resolve({ ...measured, text: answer(++asked) })
    await runBenchmark(made, [prompt], { ask, now: () => 2, changed: () => undefined }, stop.signal)
    return made
  }
  const long = `${'a'.repeat(60)}!`

  it('is given up after a few answers, which the others are told', async () => {
    const { results } = await run(8, () => long)
    const whys = results.map(({ checks }) => checks[0]?.why ?? '')
    assert.deepEqual(
      results.map(({ checks }) => checks[0]?.passed),
      results.map(() => undefined),
    )
    assert.equal(whys.filter((why) => why.startsWith('The pattern takes too long.')).length, 3)
    assert.equal(whys.filter((why) => why === 'The pattern took too long for other answers.').length, 5)
  })

  it('lets the host do other work between two answers, and a stop be heard', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    try {
      await run(3, () => long)
      assert.ok(turns >= 2, `${turns} times`)
    } finally {
      clearInterval(timer)
    }
  })

  it('is no reason to give up others, nor one answer of many that was too long for it', async () => {
    const { results } = await run(8, (repeat) => (repeat <= 2 ? long : 'aaa'))
    assert.equal(results.filter(({ checks }) => checks[0]?.passed).length, 6)
  })
})
