/** What the page of one window shows while a limit of rate is met by another window of the same database, over real HTTP. */
import assert from 'node:assert/strict'
import { windowRate } from '../../src/host/resilience/rate.ts'
import { noFailover } from '../../src/host/settings/failover.ts'
import { createProvider } from '../../src/llm/index.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { anthropic } from '../harness/fakes/anthropic.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { FakePage, FakeWindow } from '../host/fakes.ts'
import { FakeClock } from '../resilience/fake-clock.ts'

describe('two windows under one limit of rate', function () {
  this.timeout(90_000)
  let server: ScriptedServer
  let clock: FakeClock
  let asked: string[]
  let windows: FakeWindow[]
  let pages: FakePage[]

  beforeEach(async () => {
    clock = new FakeClock(Date.now())
    asked = []
    server = await startScriptedServer(async (script) => {
      const turn = new FakeTurn(script, anthropic)
      asked.push(turn.history.at(-1)!.text)
      await turn.answer('Yes.')
    })
    const first = open()
    windows = [first, open(first.path)]
    pages = windows.map((window) => new FakePage(window))
    for (const page of pages) await page.ready()
  })
  afterEach(async () => {
    for (const window of windows) await window.services.answers.stopAll()
    for (const page of pages) page.session.dispose()
    for (const window of windows) window.close()
    await server.close()
  })

  const open = (path?: string): FakeWindow => {
    const rate = windowRate({
      settings: () => ({ rateLimits: [{ provider: 'anthropic', requests: 1 }], failover: noFailover }),
      failover: () => ({ hasOthers: () => Promise.resolve(false) }),
      store: () => window.services.store(),
      connections: () => ({
        info: () => ({ id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' }),
      }),
      log: { warn: (line) => assert.fail(line) },
      clock,
    })
    const window: FakeWindow = new FakeWindow({
      ...(path !== undefined && { path }),
      resilience: { gates: [rate] },
      connect: () =>
        Promise.resolve({
          info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
          provider: createProvider('anthropic', { baseUrl: server.origin, apiKey: 'sk-none' }),
          status: 'set',
        }),
    })
    return window
  }
  const settled = (page: FakePage): Promise<unknown> =>
    page.until((events) => events.some(({ type }) => type === 'settled'))
  /** Waits until the page shows that it waits, and gives what it says. */
  const shown = async (page: FakePage, sentence: RegExp): Promise<void> => {
    await page.until((events) =>
      events.some((event) => event.type === 'waiting' && event.waiting && sentence.test(event.waiting.sentence)),
    )
  }

  it('say what they wait for and that the other is before them, and go in the order they came', async () => {
    const [one, other] = pages as [FakePage, FakePage]
    await one.say('First')
    await settled(one)
    await other.say('Second')
    await shown(other, /^Waiting for Anthropic: 1 request a minute\.$/)
    one.batches.length = 0
    await one.say('Third')
    await shown(one, /^Waiting for Anthropic: 1 request a minute; another window is before it\.$/)
    clock.pass(60_000)
    await settled(other)
    assert.deepEqual(asked, ['First', 'Second'])
    clock.pass(500)
    await shown(one, /^Waiting for Anthropic: 1 request a minute\.$/)
    clock.pass(60_000)
    await settled(one)
    assert.deepEqual(asked, ['First', 'Second', 'Third'])
  })

  it('give way at once where the one before is stopped', async () => {
    const [one, other] = pages as [FakePage, FakePage]
    await one.say('First')
    await settled(one)
    one.batches.length = 0
    await one.say('Second')
    await shown(one, /^Waiting for Anthropic/)
    await other.say('Third')
    await shown(other, /another window is before it/)
    await one.ask('stop', {})
    await settled(one)
    clock.pass(500)
    await shown(other, /^Waiting for Anthropic: 1 request a minute\.$/)
    clock.pass(59_500)
    await settled(other)
    assert.deepEqual(asked, ['First', 'Third'])
  })
})
