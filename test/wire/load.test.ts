/** Much at once, and for long, over real HTTP: nothing is lost or reordered, and memory stays where it was. Prints figures. */
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createProvider } from '../../src/llm/index.ts'
import { textOf } from '../../src/shared/message.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { anthropic } from '../harness/fakes/anthropic.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { FakePage, FakeWindow } from '../host/fakes.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Bytes in use once what nobody needs is gone. */
function inUse(): number {
  collect()
  return process.memoryUsage().heapUsed
}
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

describe('under load', function () {
  this.timeout(300_000)
  let server: ScriptedServer
  let window: FakeWindow
  const pages: FakePage[] = []
  /** What the upstream answers to the last words of a request. */
  let answer: (turn: FakeTurn, asked: string) => Promise<void>
  let open = 0
  let most = 0

  before(async () => {
    server = await startScriptedServer(async (script) => {
      const turn = new FakeTurn(script, anthropic)
      most = Math.max(most, ++open)
      void turn.closed.then(() => open--)
      await answer(turn, turn.history.at(-1)!.text)
    })
  })
  beforeEach(() => {
    most = 0
    window = new FakeWindow({
      connect: () =>
        Promise.resolve({
          info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
          provider: createProvider('anthropic', { baseUrl: server.origin, apiKey: 'sk-none' }),
          status: 'set',
        }),
    })
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    for (const page of pages.splice(0)) page.session.dispose()
    window.close()
  })
  after(() => server.close())

  const newPage = async (): Promise<FakePage> => {
    const page = new FakePage(window)
    pages.push(page)
    await page.ready()
    return page
  }
  const ends = async (page: FakePage): Promise<void> => {
    while (window.services.answers.running(page.session.conversation))
      await new Promise((resolve) => setTimeout(resolve, 2))
  }
  /** The text of an answer as the page was told of it, delta by delta. */
  const streamed = (page: FakePage): { text: string; deltas: number } => {
    const events = page.batches.flatMap(({ events: all }): PanelEvent[] => all)
    const parts = events.flatMap((event) => (event.type === 'stream' ? event.events : []))
    const deltas = parts.filter((part) => part.type === 'block-delta')
    return { text: deltas.map((part) => part.text).join(''), deltas: deltas.length }
  }

  it('200 messages as fast as they can be sent: each goes out once, in order', async () => {
    const seen: string[] = []
    answer = async (turn) => {
      for (const { role, text } of turn.history)
        for (const [said] of role === 'user' ? text.matchAll(/message \d+/g) : [])
          if (!seen.includes(said)) seen.push(said)
      await turn.answer('Yes.')
    }
    const page = await newPage()
    const startedAt = performance.now()
    const sent = Array.from({ length: 200 }, (_, at) => {
      const content = [{ type: 'text' as const, text: `message ${at}` }]
      // As the page does once the first is on its way.
      return at === 0 ? page.ask('send', { content }) : page.ask('queue', { content })
    })
    await Promise.all(sent)
    await ends(page)
    const took = performance.now() - startedAt
    const { messages } = window.services.store()
    const leaf = window.services.store().conversations.get(page.session.conversation)!.leaf!
    const said = messages
      .branch(page.session.conversation, leaf)
      .filter(({ message }) => message.role === 'user')
      .map(({ message }) => textOf(message.content))
    const expected = Array.from({ length: 200 }, (_, at) => `message ${at}`)
    assert.deepEqual(said, expected)
    assert.deepEqual(seen, expected, 'and the provider saw all of them')
    console.log(`      200 messages in ${took.toFixed(0)} ms, ${open} sockets left`)
  })

  it('50 conversations at once: each answer whole, in its own conversation, delta by delta', async () => {
    const PIECES = 200
    const piece = (of: string, at: number): string => `${of}.${at} `
    answer = async (turn, asked) => {
      await turn.say(piece(asked, 0))
      while (most < 50) await new Promise((resolve) => setTimeout(resolve, 2))
      for (let at = 1; at < PIECES; at++) {
        await turn.say(piece(asked, at))
        if (at % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await turn.finish()
    }
    const all = await Promise.all(Array.from({ length: 50 }, newPage))
    const before = inUse()
    const startedAt = performance.now()
    await Promise.all(all.map((page, at) => page.say(`c${at}`)))
    await Promise.all(all.map(ends))
    await Promise.all(all.map((page) => page.until((events) => events.some(({ type }) => type === 'settled'))))
    const took = performance.now() - startedAt
    assert.equal(most, 50, 'all of them streamed at once')
    for (const [at, page] of all.entries()) {
      const whole = Array.from({ length: PIECES }, (_, place) => piece(`c${at}`, place)).join('')
      const { page: shown } = await page.ready()
      assert.equal(textOf((shown.messages[1]!.message as AssistantMessage).content), whole)
      const { text, deltas } = streamed(page)
      assert.equal(text, whole)
      assert.ok(deltas > 3, `${deltas} deltas: it came piece by piece`)
      page.batches.length = 0
    }
    const grown = inUse() - before
    console.log(
      `      50 answers of ${PIECES} pieces in ${took.toFixed(0)} ms, ${megabytes(grown)} more in use afterwards`,
    )
    assert.ok(grown < 30e6, megabytes(grown))
  })

  it('an hour of streaming in less than a minute of work: 60 answers, and no more memory after the last than after the tenth', async () => {
    const PIECES = 1000
    answer = async (turn) => {
      // An event each, as models send them: some 70 tokens a second for an hour, 60,000 events in all.
      for (let at = 0; at < PIECES; at++) {
        const sent = turn.say(`${at} three tokens `)
        if (at % 25 > 0) continue
        await sent
        await new Promise((resolve) => setTimeout(resolve, 4))
      }
      await turn.finish()
    }
    const page = await newPage()
    const used: number[] = []
    let letters = 0
    let deltas = 0
    const startedAt = performance.now()
    const idle = process.cpuUsage()
    for (let minute = 1; minute <= 60; minute++) {
      await page.ask('new', { keepChoice: false })
      page.batches.length = 0
      await page.say('go on')
      await ends(page)
      await page.until((events) => events.some(({ type }) => type === 'settled'))
      const came = streamed(page)
      letters += came.text.length
      deltas += came.deltas
      page.batches.length = 0
      if (minute % 10 === 0) used.push(inUse())
    }
    const [early = 0, ...later] = used
    const grown = Math.max(...later) - early
    const took = performance.now() - startedAt
    const { user, system } = process.cpuUsage(idle)
    const whole = Array.from({ length: PIECES }, (_, place) => `${place} three tokens `).join('').length
    assert.equal(letters, 60 * whole, 'nothing is lost')
    assert.equal(open, 0, 'no socket is left')
    assert.ok(deltas > 60 * 3, `${deltas} deltas: it came piece by piece`)
    const figures = used.map(megabytes).join(', ')
    console.log(
      `      ${60 * PIECES} events, ${(letters / 1e6).toFixed(1)} MB of text, in ${took.toFixed(0)} ms; in use after every ten minutes: ${figures}`,
    )
    assert.ok(grown < 10e6, figures)
    assert.ok((user + system) / 1_000 < 60_000)
  })
})
