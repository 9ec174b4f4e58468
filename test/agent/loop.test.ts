/** The loop with every provider over real HTTP, each in its own format. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message, ToolResult } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { couldNot, said } from '../../src/tools/tool.ts'
import type { Call, Said } from '../harness/formats/format.ts'
import { assertWellFormed, rules } from '../harness/request-rules.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { Speaker } from '../harness/speakers.ts'
import { connect, nameOf, speakers } from '../harness/speakers.ts'
import type { Played, TurnParts } from '../harness/turn.ts'
import { play, says, tool } from '../harness/turn.ts'

const call = (id: string, name: string, input: JsonObject = { city: 'Köln' }): Call => ({ id, name, input })
const done: Said = { text: 'Done.' }
const resultsOf = (messages: readonly Message[]): ToolResult[] =>
  messages.flatMap((message) => (message.role === 'tool' ? message.content : []))
const wordsOf = (results: readonly ToolResult[]): string[] => results.map(({ output }) => textOf(output))
const endless = (_: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))

type Script = { answers: (Said | 'silence')[]; tools?: Tool[] } & Partial<Omit<TurnParts, 'tools' | 'provider'>>

function describeLoop(speaker: Speaker): void {
  const { format } = speaker

  /** Plays a turn against a server that gives these answers, and holds every request to the rules of the format. */
  async function turn(script: Script, signal?: AbortSignal): Promise<Played & { bodies: JsonObject[]; open: number }> {
    let served = 0
    let open = 0
    await using server = await startScriptedServer(async (each) => {
      const answer = script.answers[served++]
      assert.ok(answer !== undefined, 'no request but those of the script')
      each.head(200, { 'content-type': format.contentType })
      if (answer === 'silence') {
        await each.send(format.part)
        open++
        await each.silence()
        open--
        return
      }
      await each.send(format.answer(answer))
      each.end()
    })
    const { answers: _, tools = [tool({ name: 'weather' })], ...parts } = script
    const provider = connect(speaker, server.origin)
    const played = await play({ provider, tools, ...parts }, signal)
    await sleep(5)
    const bodies = server.requests.map((each) => each.json() as JsonObject)
    const answer = played.history.find(({ role }) => role === 'assistant')
    assert.ok(answer?.role === 'assistant')
    for (const body of bodies) {
      assertWellFormed(body)
      const rule = rules[answer.origin.dialect]
      assert.ok(rule)
      rule(body)
    }
    return { ...played, bodies, open }
  }

  describe(`A turn with ${nameOf(speaker)}`, () => {
    it('is one answer where nothing is called', async () => {
      const { end, totals, history, results, bodies } = await turn({ answers: [done] })
      assert.deepEqual(end, { kind: 'done' })
      assert.equal(totals.steps, 1)
      assert.equal(history.length, 2)
      assert.deepEqual(results, [])
      assert.ok(JSON.stringify(bodies[0]).includes('Tells the weather.'), 'the tools are offered')
    })

    it('runs a call and gives its result back', async () => {
      const { end, bodies, history, states } = await turn({
        answers: [{ thinking: 'Hm.', text: 'I look.', calls: [call('callABC01', 'weather')] }, done],
      })
      assert.deepEqual(end, { kind: 'done' })
      assert.deepEqual(
        history.map(({ role }) => role),
        ['user', 'assistant', 'tool', 'assistant'],
      )
      assert.deepEqual(format.resultsIn(bodies[1]!)[0]?.text, 'weather of Köln')
      const id = resultsOf(history)[0]!.callId
      assert.deepEqual(
        states(id).map(({ kind }) => kind),
        ['waiting', 'running', 'done'],
      )
    })

    it('runs reads side by side and keeps their results in the order of the calls', async () => {
      let running = 0
      let most = 0
      const slow = (name: string, ms: number) =>
        tool({
          name,
          async run() {
            most = Math.max(most, ++running)
            await sleep(ms)
            running--
            return said(name)
          },
        })
      const { bodies } = await turn({
        answers: [{ calls: [call('callABC01', 'weather'), call('callABC02', 'time')] }, done],
        tools: [slow('weather', 40), slow('time', 5)],
      })
      assert.equal(most, 2)
      assert.deepEqual(
        format.resultsIn(bodies[1]!).map(({ text }) => text),
        ['weather', 'time'],
      )
    })

    it('runs calls one after another where one of them writes', async () => {
      const log: string[] = []
      const logged = (name: string, effect: Tool['effect']) =>
        tool({
          name,
          effect,
          async run() {
            log.push(`${name} starts`)
            await sleep(5)
            log.push(`${name} ends`)
            return said(name)
          },
        })
      const { asked } = await turn({
        answers: [{ calls: [call('callABC01', 'look'), call('callABC02', 'change'), call('callABC03', 'look')] }, done],
        tools: [logged('look', 'read'), logged('change', 'write')],
      })
      const each = (name: string) => [`${name} starts`, `${name} ends`]
      assert.deepEqual(log, [...each('look'), ...each('change'), ...each('look')])
      assert.equal(asked.length, 1, 'only the write is asked for')
    })

    it('adds up what many steps used, and tells it after each', async () => {
      const answers = [1, 2, 3, 4].map((step) => ({ calls: [call(`callABC0${step}`, 'weather')] }))
      const { totals, steps, history } = await turn({ answers: [...answers, done], cost: 0.25 })
      assert.equal(totals.steps, 5)
      assert.equal(totals.cost, 1.25)
      assert.equal(totals.usage.output, 5 * format.usage.output)
      assert.equal(totals.usage.input, 5 * format.usage.input)
      assert.equal(totals.usage.cacheRead, 5 * format.usage.cacheRead)
      assert.deepEqual(
        steps.map(({ cost }) => cost),
        [0.25, 0.5, 0.75, 1, 1.25],
      )
      assert.equal(resultsOf(history).length, 4)
    })

    it('tells the model what is wrong with a call, and runs none of these', async () => {
      let ran = 0
      const run = () => Promise.resolve((ran++, said('ran')))
      const { end, bodies, history } = await turn({
        answers: [
          {
            calls: [
              call('callABC01', 'weather', { city: 7 }),
              call('callABC02', 'weather', {}),
              call('callABC03', 'nothing', {}),
              call('callABC04', 'odd'),
            ],
          },
          done,
        ],
        tools: [tool({ name: 'weather', run }), tool({ name: 'odd', inputSchema: { type: 'strange' }, run })],
      })
      assert.deepEqual(end, { kind: 'done' })
      assert.equal(ran, 0)
      assert.ok(resultsOf(history).every(({ failed }) => failed))
      const told = format.resultsIn(bodies[1]!).map(({ text }) => text)
      const expected = [/`city` must be a string/, /`city` is missing/, /no tool `nothing`.*weather/, /schema/]
      expected.forEach((words, at) => assert.match(told[at] ?? '', words))
    })

    it('goes on after tools that fail, throw, cannot be prepared or take too long', async () => {
      const { end, bodies, history, states } = await turn({
        answers: [{ calls: ['fail', 'throw', 'blind', 'slow'].map((name, at) => call(`callABC0${at}`, name)) }, done],
        tools: [
          tool({ name: 'fail', run: () => Promise.resolve(couldNot('No such city.')) }),
          tool({ name: 'throw', run: () => assert.fail('It fell over.') }),
          tool({ name: 'blind', preview: () => Promise.reject(new Error('No such file.')), effect: 'write' }),
          tool({ name: 'slow', timeoutMs: 20, run: endless }),
        ],
      })
      assert.deepEqual(end, { kind: 'done' })
      const told = format.resultsIn(bodies[1]!).map(({ text }) => text)
      const expected = [/No such city\./, /It fell over\./, /No such file\./, /longer than the 0\.02 s/]
      expected.forEach((words, at) => assert.match(told[at] ?? '', words))
      const why = resultsOf(history).map(({ callId }) => states(callId).at(-1))
      assert.deepEqual(
        why.map((state) => (state?.kind === 'failed' ? state.why : state?.kind)),
        ['tool', 'tool', 'preview', 'timeout'],
      )
    })

    it('runs a call without the files that a person rejected, and tells the model which and why', async () => {
      const ran: unknown[] = []
      const edits = tool({
        name: 'edit',
        effect: 'write',
        divisible: true,
        preview: () => Promise.resolve({ kind: 'edits', files: ['a', 'b', 'c'].map((path) => ({ path, after: '' })) }),
        run: (_, { rejected }) => Promise.resolve((ran.push(rejected), said('Edited a.'))),
      })
      const { bodies, states, history } = await turn({
        answers: [{ calls: [call('1', 'edit')] }, done],
        tools: [edits],
        approve: () => Promise.resolve({ kind: 'some', rejected: ['b', 'c'], reason: 'They are generated.' }),
      })
      assert.deepEqual(ran, [new Set(['b', 'c'])])
      const told = format.resultsIn(bodies[1]!)[0]?.text ?? ''
      assert.match(told, /rejected the changes of b, c: nothing.*They said: They are generated\.\s*Edited a\./s)
      const state = states(resultsOf(history)[0]!.callId).at(-1)
      assert.ok(state?.kind === 'done')
      assert.deepEqual(state.rejected, ['b', 'c'])
      assert.deepEqual(
        { ...resultsOf(history)[0]?.end, durationMs: 0 },
        { summary: 'edit of Köln', durationMs: 0, rejected: ['b', 'c'], said: 'They are generated.' },
      )
    })

    it('tells the model that a person denied a call, and why', async () => {
      const { end, bodies, asked, history, results } = await turn({
        answers: [{ calls: [call('callABC01', 'change')] }, done],
        tools: [tool({ name: 'change', effect: 'write', run: () => assert.fail('it must not run') })],
        approve: () => Promise.resolve({ kind: 'deny', reason: 'Use the other file.' }),
      })
      assert.deepEqual(end, { kind: 'done' })
      assert.match(format.resultsIn(bodies[1]!)[0]?.text ?? '', /denied.*Use the other file\./)
      assert.deepEqual(asked[0]?.summary, 'change of Köln')
      const denied = { why: 'denied', summary: 'change of Köln', said: 'Use the other file.' }
      assert.deepEqual(resultsOf(history)[0]?.end, denied)
      assert.deepEqual(results[0]?.content[0]?.end, { why: 'interrupted' }, 'a host killed meanwhile leaves that')
      assert.doesNotMatch(JSON.stringify(bodies), /"why"|"summary":"change/, 'no provider is told how a card reads')
    })

    it('stops while an answer streams: the request ends, and the history can be sent again', async () => {
      const controller = new AbortController()
      const first = await turn(
        {
          answers: ['silence'],
          onEvent: (name) => void (name === 'stream block-delta' && setTimeout(() => controller.abort(), 5)),
        },
        controller.signal,
      )
      assert.deepEqual(first.end, { kind: 'stopped' })
      assert.equal(first.open, 0, 'the socket is closed')
      const again = await turn({ answers: [done], before: [...first.history, says('Go on')] })
      assert.deepEqual(again.end, { kind: 'done' })
    })

    for (const moment of ['waiting', 'approve', 'running', 'output']) {
      it(`stops at “${moment}”: tools end, every call has a result, and the history can be sent again`, async () => {
        const controller = new AbortController()
        let [begun, ended] = [0, 0]
        const run: Tool['run'] = async (input, context) => {
          begun++
          context.onOutput('begun')
          return endless(input, context).finally(() => ended++)
        }
        const names = ['change', 'weather', 'change']
        const first = await turn(
          {
            answers: [{ calls: names.map((name, at) => call(`callABC0${at}`, name)) }],
            tools: [tool({ name: 'change', effect: 'write', run }), tool({ name: 'weather', run })],
            onEvent(name) {
              if (name !== moment) return
              if (name === 'output') setImmediate(() => controller.abort())
              else controller.abort()
            },
          },
          controller.signal,
        )
        assert.deepEqual(first.end, { kind: 'stopped' })
        assert.equal(begun, moment === 'output' ? 1 : 0)
        assert.equal(ended, begun, 'every tool that began has ended')
        const results = resultsOf(first.history)
        assert.equal(results.length, 3)
        assert.ok(results.every(({ failed }) => failed))
        for (const words of wordsOf(results)) assert.match(words, /^Stopped by the person/)
        const again = await turn({ answers: [done], before: [...first.history, says('Go on')] })
        assert.deepEqual(again.end, { kind: 'done' })
        assert.equal(format.resultsIn(again.bodies[0]!).length, 3)
      })
    }

    it('pauses at its limit of steps, and goes on from there', async () => {
      const step = (at: number): Said => ({ calls: [call(`callABC0${at}`, 'weather')] })
      const first = await turn({ answers: [step(1), step(2)], limits: { steps: 2 }, queued: [says('More')] })
      assert.deepEqual(first.end, { kind: 'limit', of: 'steps', limit: 2 })
      assert.equal(first.history.at(-1)?.role, 'tool')
      const again = await turn({ answers: [done], before: first.history })
      assert.deepEqual(again.end, { kind: 'done' })
      assert.equal(format.resultsIn(again.bodies[0]!).length, 2)
    })

    it('sends what a person typed meanwhile with the next step', async () => {
      const { bodies, history } = await turn({
        answers: [{ calls: [call('callABC01', 'weather')] }, done],
        queued: [says('In Fahrenheit, please.')],
      })
      assert.deepEqual(
        history.map(({ role }) => role),
        ['user', 'assistant', 'tool', 'user', 'assistant'],
      )
      assert.ok(JSON.stringify(bodies[1]).includes('In Fahrenheit, please.'))
    })
  })
}

for (const speaker of speakers) describeLoop(speaker)
