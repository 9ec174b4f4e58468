/** Who stands in as a chat and its agent say, who is passed over, and how a person sends the stand-in away. */
import assert from 'node:assert/strict'
import { STAYS_MS } from '../../src/resilience/sticky.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { FailoverWindow, said } from './failover-window.ts'

const overloaded = (turn: FakeTurn): void => turn.fail(529, 'overloaded_error', 'Overloaded')

describe('a key that is missing', () => {
  let window: FailoverWindow
  beforeEach(async () => {
    window = await FailoverWindow.open()
    window.settings = { ...window.settings, keyProfiles: { anthropic: 'gone' } }
  })
  afterEach(() => window[Symbol.asyncDispose]())

  it('is told with what to do, and nobody else is asked, unless the person says so of refused keys', async () => {
    await window.page.say('Hello')
    const { stop } = (await window.answer()).message
    assert.match(
      stop.kind === 'failed' ? stop.failure.message : '',
      /^There is no key named “gone” for Anthropic.*\. Set one of that name, or choose another\.$/,
    )
    assert.equal(window.second.server.requests.length, 0)
    assert.deepEqual(window.records(), [])
  })

  it('moves on where “auth” is among the failures that do, and the answer says why', async () => {
    window.settings.failover = { ...window.settings.failover, on: ['auth'] }
    await window.page.say('Hello')
    await (await window.second.next()).answer('Here I am.')
    const answer = await window.answer()
    assert.equal(answer.timing?.instead, 'Claude has no key; answered by GPT.')
    assert.equal(window.first.server.requests.length, 0)
    assert.equal((await window.page.ready()).conversation.standIn, undefined, 'nobody stands in for a while')
    window.settings = { ...window.settings, keyProfiles: { anthropic: 'work' } }
    await window.page.say('With a key')
    await (await window.first.next()).answer('Back.')
    assert.equal(said(await window.answer(2)), 'Back.')
  })

  it('looks for who can read what is asked', async () => {
    const [first, second, ...others] = window.settings.models
    window.settings.models = [first!, { ...second!, images: false }, ...others]
    window.settings.failover = { ...window.settings.failover, on: ['auth'] }
    const media = { mediaType: 'image/png', data: 'iVBORw0KGgo=' }
    await window.page.ask('send', {
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'file', media },
      ],
    })
    const { stop } = (await window.answer()).message
    assert.equal(stop.kind === 'failed' && stop.failure.code, 'auth')
    assert.equal(window.second.server.requests.length, 0)
  })
})

describe('a limit of rate in a chat with a chain of its own', () => {
  let window: FailoverWindow
  beforeEach(async () => {
    window = await FailoverWindow.open()
    window.settings.rateLimits = [{ provider: 'anthropic', requests: 1 }]
  })
  afterEach(() => window[Symbol.asyncDispose]())

  /** The second of two messages comes to the limit. */
  async function second(): Promise<void> {
    await window.page.say('One')
    await (await window.first.next()).answer('The first.')
    await window.answer()
    await window.page.say('Two')
  }
  const waits = () =>
    window.page.until((events) => events.some((event) => event.type === 'waiting' && event.waiting !== undefined))

  it('is waited for no longer than the person has patience, where the global chain is empty', async () => {
    window.settings.failover = { ...window.settings.failover, chain: [] }
    await window.page.ask('options', { failover: ['litellm/own-test'] })
    await second()
    const turn = await window.second.next()
    assert.equal(turn.model, 'own-test')
    await turn.answer('The second.')
    await window.answer(2)
  })

  it('is waited for no longer either where the agent names somebody else', async () => {
    window.settings.failover = { ...window.settings.failover, chain: [] }
    window.agent = {
      id: 'user:a',
      name: 'A',
      place: 'user',
      path: '',
      uri: '',
      prompt: '',
      models: ['anthropic/claude-test', 'litellm/other-test'],
      handoffs: [],
      problems: [],
    }
    await second()
    const turn = await window.second.next()
    assert.equal(turn.model, 'other-test')
    await turn.answer('The second.')
    await window.answer(2)
  })

  it('is waited for to its end where the chat names nobody, or only whom it forbids', async () => {
    for (const before of [
      () => window.page.ask('options', { failover: ['anthropic/claude-test'] }),
      () => window.page.ask('never-send', { providers: ['litellm'] }),
    ]) {
      await window[Symbol.asyncDispose]()
      window = await FailoverWindow.open()
      window.settings.rateLimits = [{ provider: 'anthropic', requests: 1 }]
      await before()
      await second()
      await waits()
      window.clock.pass(62_000)
      await (await window.first.next()).answer('The second.')
      assert.equal(said(await window.answer(2)), 'The second.')
      assert.equal(window.second.server.requests.length, 0)
    }
  })
})

describe('the chain', () => {
  let window: FailoverWindow
  beforeEach(async () => {
    window = await FailoverWindow.open()
    const chain = ['down-test', 'gpt-test'].map((model) => ({ provider: 'litellm', model }))
    window.settings.failover = { ...window.settings.failover, chain }
  })
  afterEach(() => window[Symbol.asyncDispose]())

  /** What any window recorded of a model, a minute ago. */
  const failed = (model: string, times: number): void => {
    for (let at = 0; at < times; at++)
      window.window.services.store().requests.insert({
        id: `${model}${at}`,
        provider: 'litellm',
        model,
        startedAt: Date.now() - 60_000 + at,
        durationMs: 10,
        input: 0,
        output: 0,
        cacheRead: 0,
        cacheWrite: 0,
        reasoning: 0,
        attempt: 1,
        outcome: 'failed',
        failureCode: 'unavailable',
      })
  }

  it('passes over a model that is down, for the next that does not fail', async () => {
    failed('down-test', 3)
    await window.page.say('Hello')
    overloaded(await window.first.next())
    overloaded(await window.first.next())
    const turn = await window.second.next()
    assert.equal(turn.model, 'gpt-test')
    await turn.answer('Hello.')
    await window.answer()
  })

  it('still asks one that is down where nobody else is left', async () => {
    failed('down-test', 3)
    failed('gpt-test', 3)
    await window.page.say('Hello')
    overloaded(await window.first.next())
    overloaded(await window.first.next())
    const turn = await window.second.next()
    assert.equal(turn.model, 'down-test')
    await turn.answer('Hello.')
    await window.answer()
  })

  it('passes over a model that rests because it failed again and again', async () => {
    const rests = window.resilience.restOf.bind(window.resilience)
    window.resilience.restOf = (target) => (target.model === 'down-test' ? 5_000 : rests(target))
    await window.page.say('Hello')
    overloaded(await window.first.next())
    overloaded(await window.first.next())
    const turn = await window.second.next()
    assert.equal(turn.model, 'gpt-test')
    await turn.answer('Hello.')
    await window.answer()
  })
})

describe('who stands in', () => {
  let window: FailoverWindow
  beforeEach(async () => {
    window = await FailoverWindow.open()
    await window.page.say('Hello')
    overloaded(await window.first.next())
    overloaded(await window.first.next())
    await (await window.second.next()).answer('Here I am.')
    await window.answer()
  })
  afterEach(() => window[Symbol.asyncDispose]())
  const standIn = async () => (await window.page.ready()).conversation.standIn

  it('is told with for whom and for how long, until that is over', async () => {
    const told = await standIn()
    assert.deepEqual([told?.by, told?.first], ['GPT', 'Claude'])
    assert.ok(told!.leftMs > STAYS_MS - 60_000 && told!.leftMs <= STAYS_MS)
    window.later = STAYS_MS + 1_000
    assert.equal(await standIn(), undefined)
  })

  it('goes at once where the person wants the first again', async () => {
    await window.page.ask('use-first', {})
    assert.equal(await standIn(), undefined)
    await window.page.say('And now?')
    await (await window.first.next()).answer('Back.')
    assert.equal(said(await window.answer(2)), 'Back.')
  })

  const gone: [string, () => void][] = [
    ['the chain names it no longer', () => (window.settings.failover = { ...window.settings.failover, chain: [] })],
    ['its provider is switched off', () => (window.settings.providers.litellm!.enabled = false)],
  ]
  for (const [why, happens] of gone)
    it(`goes at once where ${why}`, async () => {
      const before = window.second.server.requests.length
      happens()
      assert.equal(await standIn(), undefined)
      await window.page.say('And now?')
      await (await window.first.next()).answer('Back.')
      assert.equal(said(await window.answer(2)), 'Back.')
      assert.equal(window.second.server.requests.length, before)
    })

  it('gives way to the first for what it cannot take: an image, or more than its window holds', async () => {
    const [first, second, ...others] = window.settings.models
    const before = window.second.server.requests.length
    window.settings.models = [first!, { ...second!, contextWindow: 1_200 }, ...others]
    await window.page.say(`Read this: ${'word '.repeat(1_000)}`)
    await (await window.first.next()).answer('Read.')
    assert.equal(said(await window.answer(2)), 'Read.')
    window.settings.models = [first!, { ...second!, images: false }, ...others]
    const media = { mediaType: 'image/png', data: 'iVBORw0KGgo=' }
    await window.page.ask('send', { content: [{ type: 'file', media }] })
    await (await window.first.next()).answer('Seen.')
    assert.equal(said(await window.answer(3)), 'Seen.')
    assert.equal(window.second.server.requests.length, before)
  })
})
