/** What an MCP server may try on a person while a model uses it, each as a whole turn. The title says what stops it. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { QuestionView } from '../../src/shared/protocol.ts'
import { misbehaving, until } from '../mcp/support.ts'
import { Attacked } from './attacked.ts'
import { FakeProvider, chosen, end, askOnce, text } from './fakes.ts'
import { McpWindow } from './mcp-window.ts'

describe('a server that asks for answers of a model in a loop', function () {
  this.timeout(90_000)
  let attacked: Attacked
  let mcp: McpWindow
  /** Who would be asked for the server, at the person's cost. */
  let paid: FakeProvider

  beforeEach(async () => {
    paid = new FakeProvider()
    mcp = new McpWindow({
      entries: { greedy: { command: process.execPath, args: [misbehaving('asking')] } },
      sampling: {
        store: () => attacked.window.services.store(),
        resilience: askOnce,
        choose: () => Promise.resolve(chosen),
        connect: async () => ({
          info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
          provider: paid,
          status: 'set',
        }),
      },
    })
    attacked = new Attacked(mcp.page)
    attacked.others = await mcp.hub.tools()
    mcp.hub.questions.see(true)
    await attacked.begin()
  })
  afterEach(async () => {
    await attacked.end()
    await mcp.hub.dispose()
  })

  const shown = (): QuestionView[] => attacked.events.findLast((event) => event.type === 'questions')?.questions ?? []
  /** The person answers every question so, until the turn has gone on. Gives how many there were. */
  async function answering(action: 'accept' | 'decline', done: () => boolean): Promise<number> {
    const seen = new Set<string>()
    for (; !done(); await pause(5)) {
      for (const { id, body } of shown()) {
        if (seen.has(id)) continue
        seen.add(id)
        if (action === 'accept' && body.kind === 'sample') paid.send(...text('Yes.'), ...end('Yes.'))
        await attacked.page.ask('answer-question', { id, answer: { action } })
      }
    }
    return seen.size
  }

  it('reaches the person three times when they say no, and no model at all: who said no is left alone', async () => {
    let over = false
    const attempt = attacked.attempt('mcp_greedy_sample', {}, { kind: 'once' }).finally(() => (over = true))
    const questions = await answering('decline', () => over)
    assert.match((await attempt).text, /50 refused/)
    assert.equal(questions, 3)
    assert.deepEqual([paid.requests.length, mcp.boxes.dialogs.length], [0, 0])
  })

  it('gets ten answers a minute of a person who allows everything, each asked for and each shown: the rest is refused', async () => {
    let over = false
    const attempt = attacked.attempt('mcp_greedy_sample', {}, { kind: 'once' }).finally(() => (over = true))
    const questions = await answering('accept', () => over)
    assert.match((await attempt).text, /40 refused/)
    assert.deepEqual([paid.requests.length, questions], [10, 20])
  })

  it('has two questions open at most, however many it asks at once', async () => {
    let over = false
    const attempt = attacked.attempt('mcp_greedy_sample-at-once', {}, { kind: 'once' }).finally(() => (over = true))
    await until(() => shown().length === 2, 'two questions')
    await pause(100)
    assert.equal(shown().length, 2)
    await answering('decline', () => over)
    assert.match((await attempt).text, /50 refused/)
    assert.equal(paid.requests.length, 0)
  })

  it('is not heard any more once the person stops: the question goes, and so does the request for which it was allowed', async () => {
    void attacked.attempt('mcp_greedy_sample', {}, { kind: 'once' }).catch(() => undefined)
    const { id } = await until(() => shown()[0], 'a question')
    await attacked.page.ask('answer-question', { id, answer: { action: 'accept' } })
    await until(() => paid.requests.length === 1, 'a model is asked')
    await attacked.page.ask('stop', {})
    await attacked.page.until((events) =>
      events.some((event) => event.type === 'turn' && event.end?.kind === 'stopped'),
    )
    const { messages } = (await attacked.page.ready()).page
    assert.match(JSON.stringify(messages.at(-1)), /stopped/i)
    // It goes on asking, as no server should. What it asks now belongs to no call; three noes, and it is quiet.
    let quiet = 0
    await answering('decline', () => (shown().length === 0 ? ++quiet : (quiet = 0)) > 60)
    assert.equal(paid.requests.length, 1)
    assert.match(mcp.log.join('\n'), /said no several times/)
  })
})
