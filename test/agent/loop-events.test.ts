/** The loop over answers that no scripted server gives: broken, paused, cut, and stopped at any event whatever. */
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { toMessages } from '../../src/agent/request.ts'
import type { ChatRequest, Provider } from '../../src/llm/types.ts'
import type { AssistantMessage, Block, Message, Stop, StreamEvent, ToolCall, Usage } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { isOver } from '../../src/shared/tool-state.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { couldNot, said } from '../../src/tools/tool.ts'
import type { Reader } from '../harness/readers.ts'
import { readers, requestFor } from '../harness/readers.ts'
import { assertWellFormed, rules } from '../harness/request-rules.ts'
import type { Played, TurnParts } from '../harness/turn.ts'
import { approvals, play, says, tool } from '../harness/turn.ts'

type Answer = { content: Block[]; stop: Stop; usage?: Usage }

const usage = (output: number): Usage => ({ input: 3, output, cacheRead: 2, cacheWrite: 1 })
const call = (id: string, name: string, json = '{"city":"Köln"}'): ToolCall => {
  let input: ToolCall['input']
  try {
    input = JSON.parse(json) as NonNullable<ToolCall['input']>
  } catch {
    input = undefined
  }
  return { type: 'tool-call', id, name, ranBy: 'host', json, ...(input !== undefined && { input }) }
}
const text = (words: string): Block => ({ type: 'text', text: words })
const done: Answer = { content: [text('Done.')], stop: { kind: 'done' } }
const calls = (...content: ToolCall[]): Answer => ({ content, stop: { kind: 'tools' } })

/** Speaks for this reader, one answer a request, the last for ever; an abort ends it as the real ones end. */
function scripted(reader: Reader, answers: Answer[], requests: ChatRequest[] = []): Provider {
  return {
    id: reader.provider,
    listModels: () => Promise.resolve([]),
    async *stream(request, signal): AsyncGenerator<StreamEvent> {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? done
      requests.push(request)
      yield { type: 'start', origin: { provider: reader.provider, dialect: reader.dialect, model: 'm' } }
      yield { type: 'usage', usage: answer.usage ?? usage(1) }
      for (const [index, block] of answer.content.entries()) {
        await nextTurn()
        if (signal.aborted) return yield { type: 'end', stop: { kind: 'aborted' } }
        const { input: _, ...begun } = block as ToolCall
        yield { type: 'block-start', index, block: block.type === 'tool-call' ? { ...begun, json: '' } : block }
        await nextTurn()
        if (signal.aborted) {
          yield { type: 'block-end', index, block: block.type === 'tool-call' ? { ...begun, json: '{"ha' } : block }
          return yield { type: 'end', stop: { kind: 'aborted' } }
        }
        yield { type: 'block-end', index, block }
      }
      yield { type: 'end', stop: answer.stop }
    },
  }
}

const reader = readers[0]!
const weather = tool({ name: 'weather' })

async function turn(
  answers: Answer[],
  parts: Partial<TurnParts> = {},
): Promise<Played & { requests: ChatRequest[]; told: string[] }> {
  const requests: ChatRequest[] = []
  const played = await play({ provider: scripted(reader, answers, requests), tools: [weather], ...parts })
  const results = played.history.flatMap((message) => (message.role === 'tool' ? message.content : []))
  return { ...played, requests, told: results.map(({ output }) => textOf(output)) }
}

/** What every turn must leave behind, however it ended. */
function assertWhole(history: readonly Message[]): void {
  history.forEach((message, at) => {
    if (message.role !== 'assistant') return
    const ids = [
      ...new Set(message.content.flatMap((b) => (b.type === 'tool-call' && b.ranBy === 'host' ? [b.id] : []))),
    ]
    const next = history[at + 1]
    const answered = next?.role === 'tool' ? next.content.map(({ callId }) => callId) : []
    assert.deepEqual(answered, ids, 'each call has its result, in the order of the calls')
  })
}

describe('A turn', () => {
  it('sends an answer that paused back as it is, without a tool message and without a word', async () => {
    const search: Block = { ...call('s1', 'web_search'), ranBy: 'provider' }
    const paused: Answer = { content: [text('I search.'), search], stop: { kind: 'paused', raw: 'pause_turn' } }
    const { end, history, requests, totals } = await turn([paused, paused, done])
    assert.deepEqual(end, { kind: 'done' })
    assert.equal(totals.steps, 3)
    assert.deepEqual(
      history.map(({ role }) => role),
      ['user', 'assistant', 'assistant', 'assistant'],
    )
    assert.deepEqual(
      requests[2]?.messages.map(({ role }) => role),
      ['user', 'assistant', 'assistant'],
    )
    const body = await requestFor(reader, requests[2]!.messages)
    assert.ok(!JSON.stringify(body).includes('Go on exactly'))
    for (const other of readers.slice(1)) {
      const moved = await requestFor(
        other,
        toMessages(
          history.map((message) => ({ message })),
          other,
        ),
      )
      rules[other.dialect]?.(moved)
    }
  })

  it('tells the model that its arguments were no JSON, in a history that its provider takes', async () => {
    const { end, told, requests } = await turn([calls(call('a', 'weather', '{"city": "Kö')), done])
    assert.deepEqual(end, { kind: 'done' })
    assert.match(told[0]!, /not valid JSON/)
    for (const each of readers) {
      const body = await requestFor(each, requests[1]!.messages)
      rules[each.dialect]?.(body)
      assert.ok(JSON.stringify(body).includes('not valid JSON'), `${each.provider} hears of it`)
    }
  })

  it('refuses arguments that are JSON and no object', async () => {
    const { told } = await turn([calls(call('a', 'weather', '[1]'), call('b', 'weather', 'null')), done])
    for (const words of told) assert.match(words, /JSON/)
  })

  it('runs the whole calls of an answer that was cut, and tells of the half one', async () => {
    const { end, told } = await turn([
      { content: [call('a', 'weather'), call('b', 'weather', '{"ci')], stop: { kind: 'limit', of: 'output' } },
      done,
    ])
    assert.deepEqual(end, { kind: 'done' })
    assert.equal(told[0], 'weather of Köln')
    assert.match(told[1]!, /limit of tokens/)
  })

  it('does not take a call that was cut before its first letter for one without arguments', async () => {
    const ran: string[] = []
    const all = tool({
      name: 'all',
      inputSchema: { type: 'object' },
      run: (_, { callId }) => Promise.resolve((ran.push(callId), said('ran'))),
    })
    const empty = (id: string): ToolCall => ({ ...call(id, 'all', '{}'), json: '' })
    await turn([{ content: [empty('a'), empty('b')], stop: { kind: 'limit', of: 'output' } }, done], { tools: [all] })
    assert.deepEqual(ran, ['a'])
  })

  it('ends with an answer that was cut, refused or failed, and says so', async () => {
    const stops: Stop[] = [
      { kind: 'limit', of: 'output' },
      { kind: 'refused' },
      { kind: 'failed', failure: { code: 'network', message: 'It broke.' } },
    ]
    for (const stop of stops) {
      const { end, steps } = await turn([{ content: [text('Half')], stop }], { queued: [says('And?')] })
      assert.deepEqual(end, { kind: 'answer', stop })
      assert.equal(steps.length, 1)
    }
  })

  it('runs nothing of an answer that broke off or was refused', async () => {
    const run = () => assert.fail('it must not run')
    for (const stop of [
      { kind: 'refused' },
      { kind: 'failed', failure: { code: 'network', message: 'x' } },
    ] as Stop[]) {
      const { end, history, told } = await turn([{ content: [call('a', 'weather')], stop }], {
        tools: [tool({ name: 'weather', run })],
      })
      assert.equal(end.kind, 'answer')
      assertWhole(history)
      assert.match(told[0]!, /was not run/)
    }
  })

  it('pauses when it has cost what it may, and when it has taken the time it may', async () => {
    const many = [calls(call('a', 'weather')), calls(call('b', 'weather')), calls(call('c', 'weather'))]
    const cost = await turn(many, { limits: { cost: 0.5 }, cost: 0.3 })
    assert.deepEqual(cost.end, { kind: 'limit', of: 'cost', limit: 0.5 })
    assert.equal(cost.totals.steps, 2)
    const slow = tool({ name: 'weather', run: () => new Promise((resolve) => setTimeout(resolve, 30, said('x'))) })
    const time = await turn(many, { limits: { time: 20 }, tools: [slow] })
    assert.deepEqual(time.end, { kind: 'limit', of: 'time', limit: 20 })
    assert.equal(time.totals.steps, 1)
  })

  it('pauses where it may cost so much and nobody knows what it costs, but for answers that nobody pays for', async () => {
    const two = [calls(call('a', 'weather')), done]
    const tools = [tool({ name: 'weather' })]
    const paused = await turn(two, { limits: { cost: 5 }, keyed: true, tools })
    assert.deepEqual(paused.end, { kind: 'limit', of: 'cost', limit: 5, unknown: true })
    assert.equal(paused.totals.steps, 1)
    assert.deepEqual((await turn(two, { limits: { cost: 5 }, tools })).end, { kind: 'done' })
    assert.deepEqual((await turn(two, { limits: { cost: 5, unpriced: true }, keyed: true, tools })).end, {
      kind: 'done',
    })
    assert.deepEqual((await turn(two, { limits: {}, keyed: true, tools })).end, { kind: 'done' })
  })

  const { now } = performance
  afterEach(() => void (performance.now = now))
  /** As a person does who comes back after an hour; turns are measured by this clock. */
  const answersLater = async <T>(answer: T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 0))
    performance.now = () => now.call(performance) + 3_600_000
    return answer
  }

  it('does not count the time a person takes to answer', async () => {
    const { end } = await turn([calls(call('a', 'change')), done], {
      limits: { time: 600_000 },
      tools: [tool({ name: 'change', effect: 'write' })],
      approve: () => answersLater({ kind: 'once' }),
    })
    assert.deepEqual(end, { kind: 'done' })
  })

  it('counts no time of a question that a running tool puts to the person', async () => {
    const asks = tool({
      name: 'weather',
      run: (_, { aside = (question) => question }) => aside(answersLater(said('x'))),
    })
    const { end } = await turn([calls(call('a', 'weather')), done], { limits: { time: 600_000 }, tools: [asks] })
    assert.deepEqual(end, { kind: 'done' })
    performance.now = now
    const works = tool({ name: 'weather', run: () => answersLater(said('x')) })
    const other = await turn([calls(call('a', 'weather')), done], { limits: { time: 600_000 }, tools: [works] })
    assert.equal(other.end.kind, 'limit', 'what it works itself counts')
  })

  it('goes on with what was typed while the last answer was written', async () => {
    const { end, history, requests } = await turn([done, done], { queued: [says('One more thing.')] })
    assert.deepEqual(end, { kind: 'done' })
    assert.equal(requests.length, 2)
    assert.deepEqual(history.at(-2), says('One more thing.'))
  })

  it('says where a cost is not known', async () => {
    assert.equal((await turn([done])).totals.costUnknown, true)
    assert.equal((await turn([done], { cost: 0 })).totals.costUnknown, undefined)
  })

  it('leaves a tool behind that does not end when it is told to', async function () {
    this.timeout(90_000)
    const deaf = tool({ name: 'weather', timeoutMs: 10, run: () => new Promise(() => undefined) })
    const { told } = await turn([calls(call('a', 'weather')), done], { tools: [deaf] })
    assert.match(told[0]!, /longer than/)
  })

  it('keeps what a call gave although it was told to end', async () => {
    const run: Tool['run'] = (_, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(said('Half of the log.'))))
    const { told, history } = await turn([calls(call('a', 'weather')), done], {
      tools: [tool({ name: 'weather', timeoutMs: 10, run })],
    })
    assert.match(told[0]!, /longer than[\s\S]*Half of the log\./)
    assert.ok(history[2]?.role === 'tool' && history[2].content[0]?.failed)
  })

  it('writes down before any call runs that it was interrupted, for a host that is killed', async () => {
    const seen: string[] = []
    const { results } = await turn([calls(call('a', 'weather'), call('b', 'weather')), done], {
      onEvent: (name) => void seen.push(name),
    })
    assert.ok(seen.indexOf('results false') < seen.indexOf('running'))
    const words = results.map(({ content }) => content.map(({ output }) => textOf(output)))
    assert.ok(words[0]!.every((each) => /interrupted/.test(each)))
    assert.deepEqual(words.at(-1), ['weather of Köln', 'weather of Köln'])
  })

  it('passes on what a call prints and how far it is, until it is over', async () => {
    let late: (() => void) | undefined
    const run: Tool['run'] = (_, context) => {
      context.onOutput('one ')
      context.onProgress({ done: 1, total: 2 })
      late = () => context.onOutput('late')
      return Promise.resolve(said('x'))
    }
    const { calls: events } = await turn([calls(call('a', 'weather')), done], {
      tools: [tool({ name: 'weather', run })],
    })
    late?.()
    const kinds = events.map((event) => (event.type === 'output' ? event.text : event.state.kind))
    assert.deepEqual(kinds, ['waiting', 'running', 'one ', 'running', 'done'])
  })

  it('runs nothing where it cannot be told whether it may', async () => {
    const change = tool({ name: 'weather', effect: 'write', run: () => assert.fail('it must not run') })
    const broken = Object.assign(approvals(), { judge: () => Promise.reject(new Error('The disk is gone.')) })
    const { end, told } = await turn([calls(call('a', 'weather')), done], { tools: [change], approvals: broken })
    assert.deepEqual(end, { kind: 'done' })
    assert.match(told[0]!, /The disk is gone\./)
  })

  it('never runs two calls under one id: the first is the one that the model’s history holds', async () => {
    const ran: unknown[] = []
    const run: Tool['run'] = (input) => Promise.resolve((ran.push(input), said('x')))
    const twice = calls(call('a', 'weather'), call('a', 'weather', '{"city":"Bonn"}'))
    await turn([twice, done], { tools: [tool({ name: 'weather', run })] })
    assert.deepEqual(ran, [{ city: 'Köln' }])
  })

  it('leaves what was typed waiting where a limit is met, also where the model was done', async () => {
    const { end, requests, history } = await turn([done], { limits: { steps: 1 }, queued: [says('More.')] })
    assert.deepEqual(end, { kind: 'done' })
    assert.equal(requests.length, 1)
    assert.equal(history.at(-1)?.role, 'assistant')
  })

  it('takes no more than a budget from any tool', async () => {
    const run = () => Promise.resolve(said('x'.repeat(1_000_000)))
    const { told } = await turn([calls(call('a', 'weather')), done], {
      tools: [tool({ name: 'weather', run })],
      budget: { text: 1_000, line: 500, files: 0 },
    })
    assert.ok(told[0]!.length < 1_300, `${told[0]!.length}`)
  })
})

describe('Whatever happens in a turn', function () {
  this.timeout(120_000)
  const tools: Tool[] = [
    weather,
    tool({ name: 'slow', run: () => nextTurn().then(() => said('slow')) }),
    tool({ name: 'fail', run: () => nextTurn().then(() => couldNot('No.')) }),
    tool({ name: 'throw', run: () => assert.fail('It fell over.') }),
    tool({ name: 'change', effect: 'write', run: () => nextTurn().then(() => said('changed')) }),
    tool({ name: 'hang', effect: 'run', timeoutMs: 5, run: (_, { signal }) => rejected(signal) }),
    tool({ name: 'silent', run: () => Promise.resolve({ output: [] }) }),
  ]
  const names = [...tools.map(({ name }) => name), 'unknown']
  const json = fc.constantFrom('{"city":"Köln"}', '{"city":"Köln"}', '{"city":1}', '{"ci', '[]', '')
  const block = fc.oneof(
    fc.record({ name: fc.constantFrom(...names), json }).map(({ name, json: given }) => ({ name, json: given })),
    fc.constantFrom('Well.', 'So.'),
  )
  const stop = fc.constantFrom<Stop>(
    ...Array.from({ length: 6 }, (): Stop => ({ kind: 'tools' })),
    { kind: 'paused' },
    { kind: 'limit', of: 'output' },
    { kind: 'refused' },
    { kind: 'failed', failure: { code: 'network', message: 'It broke.' } },
  )
  const answer = fc.record({ blocks: fc.array(block, { maxLength: 4 }), stop, output: fc.nat(50) })
  const decisions = fc.array(fc.constantFrom('once' as const, 'conversation' as const, 'deny' as const), {
    maxLength: 4,
  })

  for (const speaker of readers) {
    it(`${speaker.provider} leaves a history that every provider takes, and counts that add up`, async () => {
      const property = fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 4 }),
        decisions,
        fc.option(fc.nat(60), { nil: undefined }),
        fc.array(fc.constant(says('And this.')), { maxLength: 1 }),
        async (script, decided, abortAt, queued) => {
          let at = 0
          const answers = script.map(({ blocks, stop: ended, output }, step): Answer => {
            const content = blocks.map((each, place) =>
              typeof each === 'string' ? text(each) : call(`call${step}x${place}abc`, each.name, each.json),
            )
            return { content, stop: ended, usage: usage(output) }
          })
          const controller = new AbortController()
          const played = await play(
            {
              provider: scripted(speaker, [...answers, done]),
              tools,
              approvals: approvals(decided.length % 2 === 0),
              limits: { steps: 4 },
              queued,
              approve: async () => {
                await nextTurn()
                return { kind: decided.shift() ?? 'once' }
              },
              onEvent(name) {
                assert.ok(!(name === 'ask' && controller.signal.aborted), 'nothing is asked after a stop')
                if (at++ === abortAt) controller.abort()
              },
            },
            controller.signal,
          )
          assertWhole(played.history)
          const spoken = played.history.filter((message): message is AssistantMessage => message.role === 'assistant')
          assert.equal(played.totals.steps, spoken.length)
          const sum = (count: (each: Usage) => number) => spoken.reduce((all, each) => all + count(each.usage), 0)
          for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite'] as const)
            assert.equal(
              played.totals.usage[kind],
              sum((each) => each[kind]),
            )
          const last = new Map(played.calls.flatMap((e) => (e.type === 'state' ? [[e.callId, e.state] as const] : [])))
          for (const [id, state] of last) assert.ok(isOver(state), `${id} is ${state.kind} at the end`)
          if (controller.signal.aborted) assert.ok(played.end.kind !== 'limit', 'a stop is no limit')
          for (const next of readers) {
            const asked = played.history.at(-1)?.role === 'user' ? [] : [says('And now?')]
            const branch = [...played.history, ...asked].map((message) => ({ message }))
            const body = await requestFor(next, toMessages(branch, next))
            rules[next.dialect]?.(body)
            assertWellFormed(body)
          }
        },
      )
      await fc.assert(property, { numRuns: 100 })
    })
  }
})

const rejected = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))
