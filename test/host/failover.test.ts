import assert from 'node:assert/strict'
import { STAYS_MS } from '../../src/resilience/sticky.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { FailoverWindow, said } from './failover-window.ts'

const overloaded = (turn: FakeTurn): void => turn.fail(529, 'overloaded_error', 'Overloaded')
const limited = (turn: FakeTurn, seconds: string): void =>
  turn.fail(429, 'rate_limit_error', 'slow down', { 'retry-after': seconds })

describe('where a provider fails', () => {
  let window: FailoverWindow
  const { say, first, second } = {
    say: (words: string) => window.page.say(words),
    first: () => window.first.next(),
    second: () => window.second.next(),
  }
  beforeEach(async () => void (window = await FailoverWindow.open()))
  afterEach(() => window[Symbol.asyncDispose]())

  /** One message that the second provider answers because the first is overloaded. */
  async function failedOver(words = 'Hello'): Promise<void> {
    await say(words)
    overloaded(await first())
    overloaded(await first())
    await (await second()).answer('Here I am.')
  }

  it('the next model of the chain answers, the answer says so, and its record names who failed', async () => {
    await failedOver()
    const answer = await window.answer()
    assert.equal(said(answer), 'Here I am.')
    assert.equal(answer.message.origin.provider, 'litellm')
    assert.equal(answer.timing?.instead, 'Claude was overloaded; answered by GPT.')
    assert.deepEqual(
      answer.timing?.failed?.map(({ provider, code }) => [provider, code]),
      [
        ['anthropic', 'overloaded'],
        ['anthropic', 'overloaded'],
      ],
    )
    const rows = window.records().map(({ provider, attempt, failoverFrom }) => [provider, attempt, failoverFrom])
    assert.deepEqual(rows, [
      ['anthropic', 1, undefined],
      ['anthropic', 2, undefined],
      ['litellm', 3, 'anthropic'],
    ])
  })

  it('it keeps answering for five minutes, and then the first is asked again', async () => {
    await failedOver()
    await window.answer()
    await say('And now?')
    await (await second()).answer('Still me.')
    const still = await window.answer(2)
    assert.equal(still.timing?.instead, 'Claude was overloaded; answered by GPT.')
    assert.equal(window.records().at(-1)?.failoverFrom, 'anthropic')
    window.later = STAYS_MS + 1_000
    await say('And later?')
    await (await first()).answer('Back.')
    const back = await window.answer(3)
    assert.equal(said(back), 'Back.')
    assert.equal(back.timing?.instead, undefined)
  })

  it('what has come of an answer is kept, and the next model goes on from it', async () => {
    window.settings.failover = { ...window.settings.failover, on: ['network'], patience: 0 }
    window.settings.retry = { ...window.settings.retry, baseDelay: 100 }
    await say('Count')
    const turn = await first()
    await turn.say('One, two,')
    turn.drop()
    const other = await second()
    assert.ok(other.history.some(({ text }) => text.includes('One, two,')))
    await other.answer(' three.')
    const answer = await window.answer(2)
    assert.equal(answer.message.origin.provider, 'litellm')
    assert.equal(answer.timing?.instead, 'Claude could not be reached; answered by GPT.')
  })

  it('nobody is asked any more once the time of the whole answer is over', async () => {
    window.settings.timeouts = { ...window.settings.timeouts, total: 300 }
    await say('Hello')
    const { stop } = (await window.answer()).message
    assert.match(stop.kind === 'failed' ? stop.failure.message : '', /longer than the 0\.3 s that are allowed/)
    assert.equal(window.second.server.requests.filter(({ method }) => method === 'POST').length, 0)
  })

  it('a model with too small a window, without a key or forbidden is passed over', async () => {
    const chain = [
      { provider: 'litellm', model: 'tiny-test' },
      { provider: 'google', model: 'gemini-test' },
      { provider: 'litellm', model: 'gpt-test' },
    ]
    window.settings.failover = { ...window.settings.failover, chain }
    await say(`Read this: ${'word '.repeat(400)}`)
    overloaded(await first())
    overloaded(await first())
    const turn = await second()
    assert.equal(turn.model, 'gpt-test')
    await turn.answer('Read.')
    await window.answer()
  })

  it('nothing is sent to a forbidden provider, not even where it is the only one left', async () => {
    window.settings = { ...window.settings, neverSendTo: ['litellm'] }
    await say('Hello')
    overloaded(await first())
    overloaded(await first())
    const answer = await window.answer()
    assert.equal(answer.message.stop.kind === 'failed' && answer.message.stop.failure.code, 'overloaded')
    assert.equal(window.second.server.requests.length, 0)
  })

  it('a message to a forbidden provider is refused with the reason, and the picker shows it as barred', async () => {
    window.settings = { ...window.settings, neverSendTo: ['anthropic'] }
    await say('Hello')
    const { message } = await window.answer()
    assert.match(
      message.stop.kind === 'failed' ? message.stop.failure.message : '',
      /^Nothing is sent to Anthropic: “anthropic” stands in panelist\.neverSendTo\./,
    )
    assert.equal(window.first.server.requests.length, 0)
    assert.equal(window.second.server.requests.filter(({ method }) => method === 'POST').length, 0)
    const groups = await window.models.groups(false)
    assert.equal(groups.find(({ provider }) => provider === 'anthropic')?.key, 'barred')
  })

  it('a refused key moves on only where the person says so', async () => {
    await say('Hello')
    ;(await first()).fail(401, 'authentication_error', 'invalid x-api-key')
    assert.equal((await window.answer()).message.origin.provider, 'anthropic')
    window.settings.failover = { ...window.settings.failover, on: ['auth'] }
    await say('Hello again')
    ;(await first()).fail(401, 'authentication_error', 'invalid x-api-key')
    await (await second()).answer('Hello.')
    const answer = await window.answer(2)
    assert.equal(answer.timing?.instead, 'Claude refused the key; answered by GPT.')
  })

  it('an agent that names several models has those as its chain', async () => {
    const models = ['anthropic/claude-test', 'litellm/other-test']
    window.agent = {
      id: 'user:a',
      name: 'A',
      place: 'user',
      path: '',
      uri: '',
      prompt: '',
      models,
      handoffs: [],
      problems: [],
    }
    await say('Hello')
    overloaded(await first())
    overloaded(await first())
    const turn = await second()
    assert.equal(turn.model, 'other-test')
    await turn.answer('Hello.')
    await window.answer()
  })

  it('a chat with a chain of its own has that, whatever agent and settings say', async () => {
    await window.page.ask('options', { failover: ['litellm/own-test'] })
    await assert.rejects(window.page.ask('options', { failover: ['nonsense'] }), /provider\/model/)
    await say('Hello')
    overloaded(await first())
    overloaded(await first())
    const turn = await second()
    assert.equal(turn.model, 'own-test')
    await turn.answer('Hello.')
    await window.answer()
    await window.page.ask('options', { failover: null })
    assert.equal(window.page.session.stored()?.choice?.failover, undefined)
  })

  it('a chain that comes when another chat is shown already is that of its own chat', async () => {
    await window.page.ask('options', { failover: ['litellm/own-test'] })
    const before = window.page.session.conversation
    await window.page.ask('new', { keepChoice: false })
    await window.page.ask('options', { failover: ['litellm/later-test'], conversation: before })
    const { conversations } = window.window.services.store()
    assert.deepEqual(conversations.get(before)?.choice?.failover, ['litellm/later-test'])
    assert.equal(window.page.session.stored(), undefined)
    await assert.rejects(window.page.ask('options', { failover: null, conversation: 'gone' }), /no longer there/)
  })

  it('another of the marked keys is asked with at once, and the answer says which', async () => {
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal']
    await say('Hello')
    const turn = await first()
    assert.equal(turn.key, 'sk-ant-work-1')
    limited(turn, '1')
    const other = await first()
    assert.equal(other.key, 'sk-ant-personal-1')
    await other.answer('Hello.')
    const answer = await window.answer()
    assert.equal(answer.keyProfile, 'personal')
    assert.equal(answer.timing?.instead, 'The key “work” reached its limit; answered with the key “personal”.')
    await say('More')
    const next = await first()
    assert.equal(next.key, 'sk-ant-personal-1', 'the limit of the first key holds for a while')
    await next.answer('More.')
    await window.answer(2)
  })

  it('a key that stands in is asked with no longer once it is not marked any more', async () => {
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal']
    await say('Hello')
    limited(await first(), '1')
    await (await first()).answer('Hello.')
    await window.answer()
    window.settings.providers.anthropic!.rotateKeys = ['work', 'client']
    window.clock.pass(2_000)
    await say('More')
    const next = await first()
    assert.equal(next.key, 'sk-ant-work-1')
    await next.answer('More.')
    await window.answer(2)
  })

  it('a key that stands in with a model that stands in is told beside it', async () => {
    const info = window.connections.info('litellm')!
    await window.keys.set(info, window.connections.settingsOf('litellm'), 'sk-lite-2', 'spare')
    window.settings.providers.litellm!.rotateKeys = ['default', 'spare']
    await say('Hello')
    overloaded(await first())
    overloaded(await first())
    limited(await second(), '1')
    await (await second()).answer('Here I am.')
    const told =
      'Claude was overloaded; answered by GPT. The key “default” reached its limit; answered with the key “spare”.'
    assert.equal((await window.answer()).timing?.instead, told)
    const { standIn } = (await window.page.ready()).conversation
    assert.deepEqual([standIn?.by, standIn?.first], ['GPT', 'Claude'])
    await say('And now?')
    await (await second()).answer('Still me.')
    assert.equal((await window.answer(2)).timing?.instead, told)
    const { keyProfile, failoverFrom } = window.records().at(-1)!
    assert.deepEqual([keyProfile, failoverFrom], ['spare', 'anthropic'])
  })

  it('a marked key that the provider refused is passed over for the next', async () => {
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal', 'client']
    window.keys.reject('anthropic', 'personal')
    await say('Hello')
    limited(await first(), '1')
    const next = await first()
    assert.equal(next.key, 'sk-ant-client-1')
    await next.answer('Hello.')
    await window.answer()
  })

  it('a key that is not marked is neither replaced nor asked with', async () => {
    window.settings.providers.anthropic!.rotateKeys = ['personal', 'client']
    await say('Hello')
    limited(await first(), '3600')
    await (await second()).answer('Hello.')
    const answer = await window.answer()
    assert.equal(answer.timing?.instead, 'Claude had too many requests; answered by GPT.')
    assert.equal(window.first.server.requests.filter(({ method }) => method === 'POST').length, 1)
  })
})
