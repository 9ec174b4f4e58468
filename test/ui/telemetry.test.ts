/** A team's collector, switched on by the settings of a real VS Code: what arrives there, and when nothing does. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Json } from '../../src/shared/json.ts'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'
import type { Collector } from '../host/telemetry/collector.ts'
import { startCollector } from '../host/telemetry/collector.ts'

describe('A collector of a team', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let collector: Collector
  /** Where VS Code's own telemetry goes while it is on: no further than this. */
  let makers: Collector

  pictureFailures(() => workbench)

  before(async () => {
    collector = await startCollector()
    makers = await startCollector()
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-test' },
      telemetry: makers.endpoint,
      settings: {
        'telemetry.telemetryLevel': 'off',
        'panelist.telemetry.endpoint': collector.endpoint,
        'panelist.tools.enabled': false,
        'panelist.countTokens': 'estimate',
      },
    })
    ;({ workbench, chat } = open)
  })
  after(async () => {
    await open?.close()
    await collector[Symbol.asyncDispose]()
    await makers[Symbol.asyncDispose]()
  })

  const settings = (changes: Record<string, Json | undefined>) => workbench.helper.changeSettings(changes)
  const said = async (): Promise<void> => {
    const turn = await chat.ask(open.fakes.anthropic, 'PROMPT-CANARY')
    await turn.answer('ANSWER-CANARY', { input: 1_000, output: 100, cached: 0 })
    await chat.says('ANSWER-CANARY')
    await chat.settled()
  }
  const paths = (): string[] => [...new Set(collector.requests.map(({ path }) => path))].sort()
  /** A turn has come whole: both its spans, and figures that know of its request. */
  const whole = (): boolean =>
    ['chat claude-test', 'invoke_agent'].every((name) => collector.spans().some((span) => span.name === name)) &&
    collector.points().some(({ name }) => name === 'gen_ai.client.token.usage')
  /** Whatever waits to be exported is, and nothing is on its way any more. */
  const exported = async (): Promise<void> => {
    for (const deadline = Date.now() + 30_000; !whole();) {
      assert.ok(Date.now() < deadline, `only ${paths().join()} came`)
      await workbench.pass(61_000)
      // What is let go once too often would arrive after what the next test asks.
      for (let waited = 0; waited < 3_000 && !whole(); waited += 50) await pause(50)
    }
  }
  const words = (): string => JSON.stringify(collector.requests.map(({ body }) => body))
  const dialog = () => workbench.page.locator('.monaco-dialog-box')

  it('is told nothing at all while VS Code’s own switch is off', async () => {
    await said()
    await workbench.pass(120_000)
    await pause(500)
    assert.deepEqual(collector.requests, [])
  })

  it('is told of requests in the names of the conventions, in spans and in metrics, and no word of what was said', async () => {
    await settings({ 'telemetry.telemetryLevel': 'all' })
    await chat.newChat()
    await said()
    await exported()
    assert.deepEqual(paths(), ['/v1/metrics', '/v1/traces'])
    const spans = collector.spans()
    assert.deepEqual(spans.map(({ name }) => name).sort(), ['chat claude-test', 'invoke_agent'])
    const { attributes } = spans.find(({ name }) => name === 'chat claude-test')!
    assert.equal(attributes['gen_ai.operation.name'], 'chat')
    assert.equal(attributes['gen_ai.provider.name'], 'anthropic')
    assert.equal(attributes['gen_ai.request.model'], 'claude-test')
    assert.equal(attributes['gen_ai.usage.input_tokens'], 1_000)
    assert.equal(attributes['gen_ai.usage.output_tokens'], 100)
    const tokens = collector.points().filter(({ name }) => name === 'gen_ai.client.token.usage')
    assert.deepEqual(tokens.map(({ sum }) => sum).sort(), [100, 1_000])
    assert.ok(collector.points().some(({ name }) => name === 'gen_ai.client.operation.duration'))
    assert.doesNotMatch(words(), /CANARY/)
  })

  it('is not told what was said by the setting alone: the box that asks has to be agreed to', async () => {
    collector.requests.length = 0
    await settings({ 'panelist.telemetry.captureContent': true })
    await dialog().getByText('Send the content of your chats').waitFor()
    assert.match(await dialog().innerText(), new RegExp(collector.endpoint))
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await chat.newChat()
    await said()
    await exported()
    assert.doesNotMatch(words(), /CANARY/)
    collector.requests.length = 0
    await settings({ 'panelist.telemetry.captureContent': false })
    await settings({ 'panelist.telemetry.captureContent': true })
    await dialog().getByRole('button', { name: 'Send What Is Said' }).click()
    await chat.newChat()
    await said()
    await exported()
    assert.match(words(), /PROMPT-CANARY/)
    assert.match(words(), /ANSWER-CANARY/)
  })

  it('is told nothing any more when the switch goes off', async () => {
    await settings({ 'telemetry.telemetryLevel': 'off' })
    collector.requests.length = 0
    await chat.newChat()
    await said()
    await workbench.pass(120_000)
    await pause(500)
    assert.deepEqual(collector.requests, [])
  })

  it('causes no exception and no CSP violation', () =>
    assert.deepEqual(
      workbench.problems.filter(({ kind }) => kind !== 'console'),
      [],
    ))
})
