/** Messages as fast as they can be sent, under a limit of rate, over real HTTP: nothing is lost or reordered. Prints figures. */
import assert from 'node:assert/strict'
import { noFailover } from '../../src/host/settings/failover.ts'
import { windowRate } from '../../src/host/resilience/rate.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { RateLimit } from '../../src/resilience/rate/limits.ts'
import { MINUTE } from '../../src/resilience/rate/window.ts'
import type { Store } from '../../src/store/store.ts'
import { textOf } from '../../src/shared/message.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { anthropic } from '../harness/fakes/anthropic.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { fastClock } from '../host/fast-clock.ts'
import { FakePage, FakeWindow } from '../host/fakes.ts'

const TIMES = 60

describe('rapid sending under a limit of rate', function () {
  this.timeout(120_000)
  let server: ScriptedServer
  let asked: { at: number; said: string[] }[]
  let begunAt: number
  const windows: FakeWindow[] = []
  const pages: FakePage[] = []

  before(async () => {
    server = await startScriptedServer(async (script) => {
      const turn = new FakeTurn(script, anthropic)
      const user = turn.history.filter(({ role }) => role === 'user')
      asked.push({ at: Date.now(), said: user.flatMap(({ text }) => text.match(/message \d+ of \d+/g) ?? []) })
      await turn.answer('Yes.')
    })
  })
  beforeEach(() => {
    asked = []
    begunAt = Date.now()
  })
  afterEach(async () => {
    for (const window of windows) await window.services.answers.stopAll()
    for (const page of pages.splice(0)) page.session.dispose()
    for (const window of windows.splice(0)) window.close()
  })
  after(() => server.close())

  const open = (limit: RateLimit, path?: string): FakeWindow => {
    const store = (): Store => window.services.store()
    const rate = windowRate({
      settings: () => ({ rateLimits: [limit], failover: noFailover }),
      failover: () => ({ hasOthers: () => Promise.resolve(false) }),
      store,
      connections: () => ({ info: () => undefined }),
      log: { warn: (line) => assert.fail(line) },
      clock: fastClock(0, TIMES),
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
    windows.push(window)
    return window
  }
  const messagesOf = (chat: number, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `message ${at} of ${chat}`)

  /** Says all of it at once in a chat of its own, and gives the chat as it is stored in the end. */
  const rush = async (window: FakeWindow, messages: readonly string[]): Promise<string[]> => {
    const page = new FakePage(window)
    pages.push(page)
    await page.ready()
    const sent = messages.map((text, at) =>
      // As the page does once the first is on its way.
      page.ask(at === 0 ? 'send' : 'queue', { content: [{ type: 'text', text }] }),
    )
    await Promise.all(sent)
    const { conversation } = page.session
    while (window.services.answers.running(conversation)) await new Promise((resolve) => setTimeout(resolve, 5))
    const store = window.services.store()
    const { leaf } = store.conversations.get(conversation)!
    const branch = store.messages.branch(conversation, leaf!)
    for (const { message, state } of branch) if (message.role === 'assistant') assert.equal(state, 'done')
    return branch.flatMap(({ message }) => (message.role === 'user' ? [textOf(message.content)] : []))
  }
  const seen = (chat: number): string[] => [
    ...new Set(asked.flatMap(({ said }) => said.filter((one) => one.endsWith(` of ${chat}`)))),
  ]
  /** So many may go out from the beginning to the last request: the first may be long on its way on a busy machine. */
  const mayBe = (limit: number): number => limit * (Math.floor(((asked.at(-1)!.at - begunAt) * TIMES) / MINUTE) + 2)

  it('200 messages of one chat each go out once, in order', async () => {
    const window = open({ provider: 'anthropic', requests: 1 })
    const expected = messagesOf(0, 200)
    const startedAt = performance.now()
    assert.deepEqual(await rush(window, expected), expected)
    assert.deepEqual(seen(0), expected)
    assert.ok(asked.length <= mayBe(1), `${asked.length} requests`)
    console.log(`      ${asked.length} requests in ${(performance.now() - startedAt).toFixed(0)} ms`)
  })

  it('200 messages of 40 chats in 3 windows of one database: each goes out once, in the order of its chat', async () => {
    const limit = 20
    const first = open({ provider: 'anthropic', requests: limit })
    const all = [first, open({ provider: 'anthropic', requests: limit }, first.path)]
    all.push(open({ provider: 'anthropic', requests: limit }, first.path))
    const startedAt = performance.now()
    const chats = Array.from({ length: 40 }, (_, chat) => messagesOf(chat, 5))
    const stored = await Promise.all(chats.map((messages, chat) => rush(all[chat % 3]!, messages)))
    assert.deepEqual(stored, chats)
    for (const [chat, messages] of chats.entries()) assert.deepEqual(seen(chat), messages)
    assert.ok(asked.length >= 40 && asked.length <= mayBe(limit), `${asked.length} requests`)
    console.log(`      ${asked.length} requests in ${(performance.now() - startedAt).toFixed(0)} ms`)
  })

  it('200 chats in 3 windows of one database: each is answered once, and no more go out than may', async () => {
    const limit = 50
    const first = open({ provider: 'anthropic', requests: limit })
    const all = [first, open({ provider: 'anthropic', requests: limit }, first.path)]
    all.push(open({ provider: 'anthropic', requests: limit }, first.path))
    const startedAt = performance.now()
    const chats = Array.from({ length: 200 }, (_, chat) => messagesOf(chat, 1))
    assert.deepEqual(await Promise.all(chats.map((messages, chat) => rush(all[chat % 3]!, messages))), chats)
    assert.equal(asked.length, 200)
    assert.deepEqual(new Set(asked.flatMap(({ said }) => said)), new Set(chats.flat()))
    assert.ok(asked.length <= mayBe(limit), `${asked.length} requests`)
    console.log(`      200 requests in ${(performance.now() - startedAt).toFixed(0)} ms`)
  })
})
