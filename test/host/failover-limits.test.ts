/** What is sent while a limit of rate is met, over real HTTP: who waits, and for whom another key or model answers. */
import assert from 'node:assert/strict'
import { FakePage } from './fakes.ts'
import { FailoverWindow } from './failover-window.ts'

describe('a limit of rate', () => {
  let window: FailoverWindow
  beforeEach(async () => void (window = await FailoverWindow.open()))
  afterEach(() => window[Symbol.asyncDispose]())

  it('lets what is sent at once from many chats go in its order, and loses none of it', async () => {
    window.settings.rateLimits = [{ provider: 'anthropic', requests: 2 }]
    window.settings.failover = { ...window.settings.failover, chain: [] }
    const pages = [window.page, ...Array.from({ length: 5 }, () => new FakePage(window.window))]
    for (const [at, page] of pages.entries()) {
      await page.ready()
      await page.say(`Message ${at}`)
    }
    const asked: string[] = []
    for (let minute = 0; minute < 3; minute++) {
      const together: string[] = []
      for (let place = 0; place < 2; place++) {
        const turn = await window.first.next()
        together.push(turn.history.at(-1)?.text ?? '')
        await turn.answer('Yes.')
      }
      // Two that go at once have a socket each, of which either may be read first.
      asked.push(...together.sort())
      const told = pages.at(-1)!.batches.flatMap(({ events }) => events)
      const waits = told.flatMap((event) => (event.type === 'waiting' && event.waiting ? [event.waiting.sentence] : []))
      assert.equal(waits.at(-1), 'Waiting for Anthropic: 2 requests a minute.')
      assert.equal(window.first.server.requests.filter(({ method }) => method === 'POST').length, asked.length)
      window.clock.pass(62_000)
    }
    assert.deepEqual(
      asked,
      pages.map((_, at) => `Message ${at}`),
    )
    for (const page of pages) {
      await page.until((events) => events.some(({ type }) => type === 'settled'))
      if (page !== window.page) page.session.dispose()
    }
  })

  it('is waited for no longer than the person has patience, where another key can answer', async () => {
    window.settings.rateLimits = [{ provider: 'anthropic', keyProfile: 'work', requests: 1 }]
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal']
    await window.page.say('One')
    await (await window.first.next()).answer('The first.')
    await window.answer()
    await window.page.say('Two')
    const turn = await window.first.next()
    assert.equal(turn.key, 'sk-ant-personal-1')
    await turn.answer('The second.')
    const answer = await window.answer(2)
    assert.equal(answer.timing?.instead, 'The key “work” reached its limit; answered with the key “personal”.')
  })

  it('that all of the marked keys share is waited for to its end, in the order of what was sent', async () => {
    window.settings.rateLimits = [{ provider: 'anthropic', requests: 1 }]
    window.settings.failover = { ...window.settings.failover, chain: [] }
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal']
    const pages = [window.page, ...Array.from({ length: 3 }, () => new FakePage(window.window))]
    const asked: string[] = []
    for (const [at, page] of pages.entries()) {
      await page.ready()
      await page.say(`Message ${at}`)
      if (at > 0) await page.until((events) => events.some((event) => event.type === 'waiting' && event.waiting))
    }
    for (const [at, page] of pages.entries()) {
      if (at > 0) window.clock.pass(61_000)
      const turn = await window.first.next()
      asked.push(turn.history.at(-1)?.text ?? '')
      await turn.answer('Yes.')
      await page.until((events) => events.some(({ type }) => type === 'settled'))
      if (page !== window.page) page.session.dispose()
    }
    assert.deepEqual(
      asked,
      pages.map((_, at) => `Message ${at}`),
    )
  })

  it('is waited for to its end in a lane, which answers for itself', async () => {
    window.settings.rateLimits = [{ provider: 'anthropic', requests: 1 }]
    window.settings.providers.anthropic!.rotateKeys = ['work', 'personal']
    await window.page.say('One')
    await (await window.first.next()).answer('The first.')
    await window.answer()
    const lanes = [
      { provider: 'anthropic', model: 'claude-test' },
      { provider: 'litellm', model: 'gpt-test' },
    ]
    await window.page.ask('compare', { content: [{ type: 'text', text: 'Which?' }], lanes })
    await (await window.second.next()).answer('Me.')
    await window.page.until(() => window.clock.sleeping > 0)
    window.clock.pass(61_000)
    const turn = await window.first.next()
    assert.equal(turn.key, 'sk-ant-work-1')
    await turn.answer('No, me.')
    await window.page.until(() => window.window.services.answers.count === 0)
  })

  it('is not waited for where the time of the whole answer is over before', async () => {
    window.settings.rateLimits = [{ provider: 'anthropic', requests: 1 }]
    window.settings.failover = { ...window.settings.failover, chain: [] }
    window.settings.timeouts = { ...window.settings.timeouts, total: 30_000 }
    await window.page.say('One')
    await (await window.first.next()).answer('The first.')
    await window.answer()
    await window.page.say('Two')
    const { stop } = (await window.answer(2)).message
    assert.equal(stop.kind === 'failed' && stop.failure.code, 'rate-limit')
  })

  it('that the provider tells in its headers is kept without a setting, and Stop ends the wait at once', async () => {
    window.settings.failover = { ...window.settings.failover, chain: [] }
    await window.page.say('One')
    const turn = await window.first.next()
    turn.fail(400, 'invalid_request_error', 'no', {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': new Date(window.clock.now() + 4_000).toISOString(),
    })
    await window.answer()
    await window.page.say('Two')
    await window.page.until((events) =>
      events.some(
        ({ type, ...event }) => type === 'waiting' && JSON.stringify(event).includes('its limit is 50 requests'),
      ),
    )
    assert.equal(window.first.server.requests.filter(({ method }) => method === 'POST').length, 1)
    await window.page.ask('stop', {})
    assert.equal((await window.answer(2)).message.stop.kind, 'aborted')
  })
})
