/** Checks of answers, the file of prompts, and what runs come to. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkAnswer, jsonIn } from '../../src/host/benchmark/check.ts'
import { runCheck } from '../../src/host/benchmark/command.ts'
import { estimateOf } from '../../src/host/benchmark/estimate.ts'
import { verdictIn } from '../../src/host/benchmark/judge.ts'
import { promptsIn } from '../../src/host/benchmark/prompts.ts'
import { rowsOf, summaryOf } from '../../src/host/benchmark/statistics.ts'
import { usualPrompts } from '../../src/host/benchmark/usual-prompts.ts'
import type { BenchmarkResult } from '../../src/shared/benchmark.ts'
import { worked } from '../harness/steady.ts'
import { runs, until } from '../mcp/support.ts'

describe('a check of an answer', () => {
  it('finds text wherever it stands, and in any case only where that is wanted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string({ minLength: 1 }), fc.string(), async (before, text, after) => {
        const { passed } = await checkAnswer({ kind: 'contains', text }, before + text + after)
        assert.equal(passed, true)
      }),
    )
    const folded = { kind: 'contains', text: 'CANBERRA', ignoreCase: true } as const
    assert.equal((await checkAnswer(folded, 'It is Canberra.')).passed, true)
    const exact = await checkAnswer({ kind: 'contains', text: 'CANBERRA' }, 'It is Canberra.')
    assert.deepEqual([exact.passed, exact.why], [false, '“CANBERRA” is not in it.'])
  })

  it('matches a pattern, and leaves open what takes too long', async () => {
    assert.equal((await checkAnswer({ kind: 'regex', pattern: '^\\d+$', flags: 'm' }, 'x\n391')).passed, true)
    assert.equal((await checkAnswer({ kind: 'regex', pattern: '^\\d+$' }, 'x\n391')).passed, false)
    const began = performance.now()
    const endless = await checkAnswer({ kind: 'regex', pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`)
    assert.equal(endless.passed, undefined)
    assert.match(endless.why ?? '', /takes too long/)
    assert.ok(performance.now() - began < 5_000)
  })

  it('takes JSON bare or in one code block, and fits it to the schema', async () => {
    const schema = { type: 'object', required: ['year'], properties: { year: { type: 'integer' } } }
    const fits = (answer: string) => checkAnswer({ kind: 'json-schema', schema }, answer)
    assert.equal((await fits('{"year": 1851}')).passed, true)
    assert.equal((await fits('Here:\n```json\n{"year": 1851}\n```')).passed, true)
    assert.equal((await fits('{"year": "1851"}')).passed, false)
    assert.deepEqual(await fits('1851 it was'), { kind: 'json-schema', passed: false, why: 'It is no JSON.' })
    const broken = await checkAnswer({ kind: 'json-schema', schema: { type: 'nothing' } }, '{}')
    assert.equal(broken.passed, undefined)
  })

  it('reads any JSON that is fenced as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        assert.equal(JSON.stringify(jsonIn(`\`\`\`json\n${text}\n\`\`\``)), text)
      }),
    )
  })

  it('runs a command with the answer on its standard input', async () => {
    const { signal } = new AbortController()
    assert.deepEqual(await runCheck('grep -q Canberra', 'It is Canberra.', signal), { kind: 'command', passed: true })
    const failed = await runCheck('echo "no such city" >&2; exit 3', 'Sydney', signal)
    assert.deepEqual(failed, { kind: 'command', passed: false, why: 'no such city' })
    // It reads nothing of an answer that is larger than a pipe.
    assert.equal((await runCheck('exit 0', 'x'.repeat(1_000_000), signal)).passed, true)
  })

  it('ends a command that is stopped', async () => {
    const stop = new AbortController()
    const running = runCheck('sleep 60', '', stop.signal)
    setTimeout(() => stop.abort(), 100)
    const began = performance.now()
    assert.equal((await running).passed, undefined)
    assert.ok(performance.now() - began < 5_000)
  })

  it('leaves open what a command that cannot be started would have said', async () => {
    const { signal } = new AbortController()
    for (const command of ['grep a\0b', `: ${'x'.repeat(300_000)}`]) {
      const { passed, why } = await runCheck(command, '', signal)
      assert.deepEqual([passed, /^It could not be started: /.test(why ?? '')], [undefined, true], why)
    }
  })

  it('leaves nothing running that a command has left behind', async () => {
    const { signal } = new AbortController()
    const { why } = await runCheck('sleep 600 >/dev/null 2>&1 & echo $!; exit 1', '', signal)
    const left = Number(why)
    assert.ok(left > 1, why)
    await until(() => !runs(left), 'the end of what it left', 20_000)
  })

  it('finds JSON in one fenced block, however the lines end, and no time is lost where a model repeats itself', () => {
    assert.deepEqual(jsonIn('Here:\r\n```json\r\n{"a": 1}\r\n```\r\n'), { a: 1 })
    assert.equal(jsonIn('```\n1\n```\n```\n2\n```'), undefined)
    const most = 30_000
    const parts = worked(() => void JSON.stringify(jsonIn('```js\n{}\n'.repeat(most / 10))))
    const whole = worked(() => void JSON.stringify(jsonIn('```js\n{}\n'.repeat(most))))
    assert.ok(whole < 200 + 40 * parts, `${whole} ms, a tenth of it ${parts} ms`)
  })

  it('takes the verdict of a judging model, also with words around it, and no other number', () => {
    assert.deepEqual(verdictIn('{"score": 8, "why": "Clear."}', 7), {
      kind: 'judge',
      passed: true,
      score: 8,
      why: 'Clear.',
    })
    assert.equal(verdictIn('I think: {"score": 6.5}. Good bye.', 7).passed, false)
    const around = [
      'The {criteria} ask for clarity. {"score": 8, "why": "Clear."}',
      '<think>Is it {"score": 5}? No.</think>\n```json\n{"score": 8, "why": "Clear."}\n```\nThat is {all}.',
    ]
    for (const reply of around) assert.equal(verdictIn(reply, 7).score, 8, reply)
    for (const reply of ['', 'Ten of ten!', '{"score": "9"}', '{"score": 11}', '{"score": -1}', '[9]']) {
      assert.equal(verdictIn(reply, 7).passed, undefined, reply)
    }
  })
})

describe('the file of prompts', () => {
  it('is shipped without a mistake, with each kind of check that needs no command', () => {
    const { prompts, problems } = promptsIn(usualPrompts())
    assert.deepEqual(problems, [])
    const kinds = new Set(prompts.flatMap(({ checks }) => checks.map(({ kind }) => kind)))
    assert.deepEqual([...kinds].sort(), ['contains', 'json-schema', 'judge', 'regex'])
  })

  it('says of each entry that is wrong what is, and uses the others', () => {
    const good = { name: 'Good', prompt: 'Say hello.' }
    const wrong: [unknown, RegExp][] = [
      [7, /Prompt 1 is left out: it is no object/],
      [{ prompt: 'x' }, /needs a “name”/],
      [{ name: 'A' }, /\(“A”\) is left out: it needs a “prompt”/],
      [{ name: 'A', prompt: 'x', maxOutputTokens: 0 }, /whole number above 0/],
      [{ name: 'A', prompt: 'x', check: [] }, /unknown field “check”/],
      [{ name: 'A', prompt: 'x', checks: [{}] }, /check 1 must have exactly one of: contains, regex/],
      [{ name: 'A', prompt: 'x', checks: [{ contains: 'a', regex: 'a' }] }, /exactly one/],
      [{ name: 'A', prompt: 'x', checks: [{ contains: 'a' }, { regex: '(' }] }, /check 2 has no valid pattern/],
      [{ name: 'A', prompt: 'x', checks: [{ regex: 'a', flags: 'g' }] }, /flags that cannot be used/],
      [{ name: 'A', prompt: 'x', checks: [{ judge: 'good', atLeast: 11 }] }, /not 0 to 10/],
      [{ name: 'A', prompt: 'x', checks: [{ jsonSchema: 'x' }] }, /needs a JSON schema/],
    ]
    for (const [entry, words] of wrong) {
      const { prompts, problems } = promptsIn(JSON.stringify({ prompts: [entry, good] }))
      assert.match(problems.join('\n'), words)
      assert.deepEqual([problems.length, prompts.map(({ name }) => name)], [1, ['Good']])
    }
    const twice = promptsIn(JSON.stringify({ prompts: [good, good] }))
    assert.match(twice.problems[0] ?? '', /Prompt 2 \(“Good”\) is left out: its name is taken/)
  })

  it('is read with the mark of UTF-8 that some editors put before it', () => {
    assert.deepEqual(promptsIn(`\uFEFF${usualPrompts()}`), promptsIn(usualPrompts()))
  })

  it('that is no JSON, or no list, is said to be so', () => {
    assert.match(promptsIn('{"prompts": [').problems[0] ?? '', /is no JSON/)
    assert.match(promptsIn('{}').problems[0] ?? '', /needs a list named “prompts”/)
  })

  it('never throws, whatever is in it', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void promptsIn(JSON.stringify({ prompts: [value] }))))
    fc.assert(fc.property(fc.string(), (text) => void promptsIn(text)))
  })
})

describe('what a comparison comes to', () => {
  const model = { provider: 'openai', model: 'gpt' }
  const result = (more: Partial<BenchmarkResult>): BenchmarkResult => {
    const base = { prompt: 'Fact', repeat: 1, startedAt: 1, durationMs: 3000, output: 100, attempts: 1, checks: [] }
    return { ...model, ...base, firstTokenMs: 1000, cost: 0.01, ...more }
  }
  const rowOf = (results: BenchmarkResult[]) => rowsOf({ models: [model], names: { 'openai/gpt': 'GPT' }, results })[0]

  it('takes the median of what was measured: a value that occurred, with half of them on each side', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 60 }), (times) => {
        const median = rowOf(times.map((firstTokenMs) => result({ firstTokenMs, durationMs: firstTokenMs + 1000 })))
        const value = median?.firstTokenMs ?? NaN
        assert.ok(times.includes(value))
        assert.ok(times.filter((time) => time < value).length <= times.length / 2)
        assert.ok(times.filter((time) => time > value).length <= times.length / 2)
        assert.equal(median?.rate, 100)
      }),
    )
  })

  it('leaves failures out of speeds, counts them, and does not call them unpriced', () => {
    const failure = { code: 'overloaded' as const, message: 'Overloaded.' }
    const { firstTokenMs: _first, cost: _cost, ...nothing } = result({ failure, output: 0, attempts: 4 })
    const { cost: _price, ...unknown } = result({})
    const row = rowOf([result({}), nothing, unknown])
    assert.deepEqual(
      [row?.asked, row?.failed, row?.retried, row?.unpriced, row?.cost, row?.firstTokenMs, row?.rate],
      [3, 1, 3, 1, 0.01, 1000, 50],
    )
  })

  it('makes no model faster by reasoning that came unseen before its first word', () => {
    const row = rowOf([result({ output: 5_200, reasoning: 5_000, firstTokenMs: 30_000, durationMs: 32_000 })])
    assert.equal(row?.rate, 162.5)
  })

  it('keeps what a model judged apart from what was checked, and leaves out what could not be', () => {
    const checks: BenchmarkResult['checks'] = [
      { kind: 'contains', passed: true },
      { kind: 'regex', passed: false },
      { kind: 'command', why: 'No command may run here.' },
      { kind: 'judge', passed: true, score: 8 },
    ]
    const other: BenchmarkResult['checks'] = [{ kind: 'judge', passed: false, score: 5 }]
    const results = [result({ checks, judgeCost: 0.002 }), result({ checks: other, judgeCost: 0.001 })]
    const row = rowOf(results)
    assert.deepEqual([row?.passed, row?.checked, row?.score, row?.judged], [1, 2, 6.5, 2])
    const run = { id: 'r', startedAt: 1, models: [model], prompts: ['Fact'], repeats: 1, names: {}, results }
    const summary = summaryOf({ ...run, judge: model })
    assert.equal(summary.judgedBy, 'gpt')
    assert.ok(Math.abs((summary.judgeCost ?? 0) - 0.003) < 1e-9)
  })

  it('costs at most what all requests and judgements may, and names whose price is unknown', () => {
    const { prompts } = promptsIn(
      JSON.stringify({
        prompts: [{ name: 'A', prompt: 'x'.repeat(4000), maxOutputTokens: 1000, checks: [{ judge: 'good' }] }],
      }),
    )
    const free = { provider: 'lab', model: 'own' }
    const known = new Map([
      ['openai/gpt', { name: 'GPT', price: { input: 1, output: 10 } }],
      ['lab/own', { name: 'Own' }],
    ])
    const alone = estimateOf({ models: [model, free], prompts: ['A'], repeats: 2 }, prompts, known)
    assert.deepEqual([alone.requests, alone.judgements, alone.unpriced], [4, 0, ['Own']])
    assert.ok(alone.most > 2 * 0.01 && alone.most < 2 * 0.015, String(alone.most))
    const judged = estimateOf({ models: [model], prompts: ['A'], repeats: 2, judge: model }, prompts, known)
    assert.equal(judged.judgements, 2)
    assert.ok(judged.most > alone.most + 2 * 0.005, String(judged.most))
  })
})
