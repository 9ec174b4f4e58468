import assert from 'node:assert/strict'
import { FALLBACK_OUTPUT_TOKENS } from '../../src/agent/request.ts'
import { Answers } from '../../src/host/answers.ts'
import { Chooser } from '../../src/host/choice.ts'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import type { Settings } from '../../src/host/settings.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import type { Chosen, RequestBody } from '../../src/shared/protocol.ts'
import { messages as format } from '../harness/fakes/anthropic.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { Script, ScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { FakePage, FakeWindow, memory, noSettings, noTools } from './fakes.ts'

const thinks = { capabilities: { thinking: { supported: true } } }
/** `plain`: nobody tells its limit. */
const LISTED = [
  { id: 'large', max_tokens: 64_000, ...thinks },
  { id: 'small', max_tokens: 8_000, ...thinks },
  { id: 'plain', ...thinks },
]

describe('what is chosen for a conversation beside its model', () => {
  let server: ScriptedServer
  let window: FakeWindow
  let page: FakePage
  let settings: Settings

  beforeEach(async () => {
    server = await startScriptedServer(answer)
    settings = { ...noSettings, providers: { anthropic: { baseUrl: server.origin } } }
    window = new FakeWindow()
    const { log, store } = window.services
    const keys = new Keys(new FakeSecrets(), new FakeMemento(), {})
    const connections = new Connections({ keys, settings: () => settings })
    const info = connections.info('anthropic')!
    await keys.set(info, connections.settingsOf('anthropic'), 'sk-ant-first-1')
    await keys.set(info, connections.settingsOf('anthropic'), 'sk-ant-work-22', 'work')
    const models = new Models({ connections, settings: () => settings, store, log, changed: () => undefined })
    await models.refresh(info)
    const chooser = new Chooser(connections, models, () => settings, memory())
    const answers = new Answers({
      fitting: window.services.fitting.fitting,
      store,
      log,
      toolLog: log,
      settings: () => settings,
      resilience: new Resilience({ settings: () => settings, log }),
      choose: (conversation) => chooser.choose(conversation, true),
      connect: (provider, profile) => connections.open(provider, profile),
      whyNone: (conversation) => chooser.whyNone(conversation),
      stored: () => undefined,
      outcome: () => undefined,
      ...noTools,
    })
    Object.assign(window.services, { answers, chooser, models })
    page = new FakePage(window)
    await page.ready()
  })

  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
    await server.close()
  })

  it('is a limit that reaches the request, whatever the settings say, and goes back to them', async () => {
    settings = { ...settings, maxOutputTokens: 3000 }
    await page.ask('choose', { provider: 'anthropic', model: 'large' })
    assert.equal((await asked()).max_tokens, 3000)
    await page.ask('options', { maxOutputTokens: 5000 })
    assert.equal((await asked()).max_tokens, 5000)
    await page.ask('options', { maxOutputTokens: null })
    assert.equal((await asked()).max_tokens, 3000)
  })

  it('is a limit that is never above the model’s, and stays with the conversation when its model changes', async () => {
    await page.ask('choose', { provider: 'anthropic', model: 'large' })
    await page.ask('options', { maxOutputTokens: 20_000 })
    await page.ask('choose', { provider: 'anthropic', model: 'small' })
    assert.deepEqual([(await chosen()).maxOutputTokens, (await chosen()).outputLimit], [20_000, 8_000])
    assert.equal((await asked()).max_tokens, 8_000)
    await page.ask('choose', { provider: 'anthropic', model: 'large' })
    assert.equal((await asked()).max_tokens, 20_000)
  })

  it('is a limit also for a model of which nobody tells one: else a guess, which says so', async () => {
    await page.ask('choose', { provider: 'anthropic', model: 'plain' })
    assert.equal((await chosen()).outputGuessed, true)
    assert.equal((await asked()).max_tokens, FALLBACK_OUTPUT_TOKENS)
    await page.ask('choose', { provider: 'anthropic', model: 'never-heard-of' })
    assert.equal((await chosen()).outputGuessed, true)
    assert.equal((await asked()).max_tokens, FALLBACK_OUTPUT_TOKENS)
    await page.ask('options', { maxOutputTokens: 100 })
    assert.equal((await chosen()).outputGuessed, undefined)
    assert.equal((await asked()).max_tokens, 100)
  })

  it('is no limit that is none', async () => {
    await page.ask('choose', { provider: 'anthropic', model: 'large' })
    for (const maxOutputTokens of [0, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await assert.rejects(page.ask('options', { maxOutputTokens }), /whole number/, `${maxOutputTokens}`)
    }
    assert.equal((await chosen()).maxOutputTokens, undefined)
  })

  it('is an effort of thinking, each way there is, and back', async () => {
    await page.ask('choose', { provider: 'anthropic', model: 'claude-opus-4-6' })
    const efforts: RequestBody<'options'>['thinking'][] = ['low', 'medium', 'high']
    for (const thinking of efforts) {
      await page.ask('options', { thinking: thinking! })
      assert.deepEqual((await asked()).output_config, { effort: thinking })
    }
    await page.ask('options', { thinking: 'off' })
    assert.deepEqual((await asked()).thinking, { type: 'disabled' })
    await page.ask('options', { thinking: null })
    assert.equal((await asked()).thinking, undefined)
  })

  it('is one of several keys, until the default is chosen again', async () => {
    await page.ask('choose', { provider: 'anthropic', model: 'large' })
    await asked()
    assert.equal(server.requests.at(-1)?.headers['x-api-key'], 'sk-ant-first-1')
    assert.equal((await chosen()).keyChosen, undefined)
    await page.ask('options', { keyProfile: 'work' })
    assert.deepEqual([(await chosen()).keyProfile, (await chosen()).keyChosen], ['work', true])
    await asked()
    assert.equal(server.requests.at(-1)?.headers['x-api-key'], 'sk-ant-work-22')
    const profile = (await page.ready()).page.messages.at(-1)?.keyProfile
    assert.equal(profile, 'work', 'the answer says which key it was asked with')
    await page.ask('options', { keyProfile: null })
    assert.equal((await chosen()).keyChosen, undefined)
    await asked()
    assert.equal(server.requests.at(-1)?.headers['x-api-key'], 'sk-ant-first-1')
  })

  it('changes one thing and leaves the others, and belongs to its conversation alone', async () => {
    await page.ask('options', { maxOutputTokens: 900 })
    await page.ask('options', { thinking: 'high' })
    await page.ask('options', { keyProfile: 'work' })
    const { maxOutputTokens, thinking, keyProfile } = await chosen()
    assert.deepEqual([maxOutputTokens, thinking, keyProfile], [900, 'high', 'work'])
    const other = new FakePage(window)
    const fresh = (await other.ready()).conversation.chosen
    assert.deepEqual([fresh?.maxOutputTokens, fresh?.thinking, fresh?.keyChosen], [undefined, undefined, undefined])
    other.session.dispose()
  })

  it('is told among the groups: which keys there are to choose from, and which models run on this machine', async () => {
    const { groups } = await page.ask('models', { refresh: false })
    const anthropic = groups.find(({ provider }) => provider === 'anthropic')
    assert.deepEqual([anthropic?.keyProfiles, anthropic?.local], [['default', 'work'], true])
    assert.equal(groups.find(({ provider }) => provider === 'openrouter')?.local, undefined)
    assert.equal(groups.find(({ provider }) => provider === 'ollama')?.local, true)
  })

  async function chosen(): Promise<Chosen> {
    const now = (await page.ready()).conversation.chosen
    assert.ok(now)
    return now
  }

  /** The body of the request that a new message makes, once its answer is there. */
  async function asked(): Promise<Record<string, unknown>> {
    const { length } = page.batches
    await page.say('Hello')
    await page.until(() =>
      page.batches.slice(length).some(({ events }) => events.some(({ type }) => type === 'settled')),
    )
    return server.requests.at(-1)!.json() as Record<string, unknown>
  }

  async function answer(script: Script): Promise<void> {
    if (script.request.method === 'GET') return script.json(200, { data: LISTED, has_more: false })
    const written = format.answer('claude')
    script.head(200, { 'content-type': format.contentType })
    await script.send(written.say('Hi.') + written.end({ input: 10, output: 2, cached: 0 }))
    script.end()
  }
})
