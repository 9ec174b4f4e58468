import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Counting } from '../../src/host/counting.ts'
import { ProviderCount } from '../../src/host/provider-count.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { ChatRequest } from '../../src/llm/types.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Batch } from '../../src/shared/protocol.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { FakePage, FakeWindow, chosen, end, memory, noSettings, text, noTools } from './fakes.ts'

const settled = (events: Batch['events']): boolean => events.some(({ type }) => type === 'settled')
const draft = (words: string) => ({ text: words, files: [] })
const STORY = 'Once upon a time there was a buffer that was never full. '.repeat(40)

describe('counting before sending', () => {
  let window: FakeWindow
  let page: FakePage
  let asked: ChatRequest[]
  beforeEach(async () => {
    window = new FakeWindow()
    page = new FakePage(window)
    asked = []
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  /** Makes the provider count, each request as the next of these. */
  const counts = (...counted: (number | Error)[]): void => {
    window.provider.countTokens = async (request) => {
      asked.push(request)
      const next = counted.length > 1 ? counted.shift()! : counted[0]!
      if (next instanceof Error) throw next
      return next
    }
  }

  const answered = async (question: string, usage: { input: number; cacheRead: number }): Promise<void> => {
    const before = page.batches.length
    await page.say(question)
    const [start, grow, ...rest] = [...text('Fine.'), ...end('Fine.')]
    const events = rest.map((event) =>
      event.type === 'usage' ? { ...event, usage: { ...usage, output: 10, cacheWrite: 0 } } : event,
    )
    window.provider.send(start!, grow!, ...events)
    await page.until(() => settled(page.batches.slice(before).flatMap(({ events }) => events)))
  }

  it('tells what the provider counts for the request that would be sent, and what that input costs', async () => {
    counts(2_000_000)
    await answered('What is a monad?', { input: 20, cacheRead: 0 })
    const counted = await page.ask('count', draft('And a functor?'))
    const { parts, ...rest } = counted!
    assert.deepEqual({ ...rest, message: 0 }, { tokens: 2_000_000, message: 0, exact: true, cost: 6 })
    assert.equal(parts?.history, 2_000_000)
    assert.deepEqual(
      asked[0]?.messages.map(({ role, content }) => [role, (content[0] as { text: string }).text]),
      [
        ['user', 'What is a monad?'],
        ['assistant', 'Fine.'],
        ['user', 'And a functor?'],
      ],
    )
  })

  it('counts an edited message after those before it alone', async () => {
    counts(7)
    await answered('What is a monad?', { input: 20, cacheRead: 0 })
    await page.ask('count', { ...draft('And a functor?'), parent: null })
    assert.equal(asked[0]?.messages.length, 1)
  })

  it('estimates where the provider cannot count, and gives no cost where no price is known', async () => {
    window.choice = { ...chosen, info: { ...chosen.info!, price: {} } }
    const counted = await page.ask('count', draft(STORY))
    assert.equal(counted?.exact, false)
    assert.equal('cost' in counted!, false)
    assert.ok(counted!.tokens > 400 && counted!.tokens < 800, String(counted?.tokens))
  })

  it('corrects its estimate by what the last answer of the model was counted at, in this chat and in a new one', async () => {
    const plain = await page.ask('count', draft(STORY))
    await answered(STORY, { input: 100, cacheRead: Math.round(plain!.tokens * 1.5) - 100 })
    const corrected = await page.ask('count', { ...draft(STORY), parent: null })
    assert.ok(Math.abs(corrected!.tokens / plain!.tokens - 1.5) < 0.02, `${corrected?.tokens} after ${plain?.tokens}`)
    await page.ask('new', { keepChoice: false })
    assert.equal((await page.ask('count', draft(STORY)))?.tokens, corrected?.tokens)
  })

  it('asks a provider that failed to count no more for a while, and estimates', async () => {
    counts(new FailureError({ code: 'not-found', message: 'There is no such endpoint.' }))
    assert.equal((await page.ask('count', draft('Hello there')))?.exact, false)
    assert.equal((await page.ask('count', draft('Hello there, you')))?.exact, false)
    assert.equal(asked.length, 1)
  })

  it('asks no provider for a few characters, without a key, or where the settings forbid it', async () => {
    counts(5)
    assert.equal((await page.ask('count', draft('abc')))?.exact, false)
    for (const key of ['missing', 'absent', 'rejected'] as const) {
      window.choice = { ...chosen, key }
      assert.equal((await page.ask('count', draft('Hello there')))?.exact, false)
    }
    const frugal = new Counting({
      store: window.services.store,
      settings: () => noSettings,
      memory: memory(),
      fitting: window.services.fitting.fitting,
      counts: new ProviderCount({
        settings: () => ({ countTokens: 'estimate' }),
        log: window.services.log,
        connect: () => Promise.reject(new Error('nobody may be asked')),
        endpoint: () => '',
      }),
      choose: () => Promise.resolve(chosen),
      tools: noTools.tools,
      busy: () => false,
    })
    assert.equal((await frugal.count({}, 'c', draft('Hello there')))?.exact, false)
    assert.deepEqual(asked, [])
  })

  it('counts nothing while an answer is written', async () => {
    counts(5)
    await page.say('Hello')
    assert.equal(await page.ask('count', draft('And then?')), null)
    assert.deepEqual(asked, [])
  })

  it('gets the bytes of a file once, forgets them with the file, and estimates what it has no bytes of', async () => {
    counts(900)
    const shot = { id: 'f1', name: 'shot.png', mediaType: 'image/png', size: 4 }
    await page.ask('count', { text: 'Look', files: [{ ...shot, data: 'iVBORw==' }] })
    await page.ask('count', { text: 'Look at this', files: [shot] })
    const sent = asked.map(({ messages }) => JSON.stringify(messages))
    assert.equal(sent.filter((request) => request.includes('iVBORw==')).length, 2)
    await page.ask('count', draft('Without it'))
    assert.equal((await page.ask('count', { text: 'Look', files: [shot] }))?.exact, false)
    assert.equal(asked.length, 3)
  })

  it('does not send a long conversation again and again', async () => {
    counts(5)
    assert.equal((await page.ask('count', draft('a long story '.repeat(200_000))))?.exact, false)
    assert.deepEqual(asked, [])
  })

  describe('over real HTTP', () => {
    it('closes the socket of a count when a newer one comes, the chat changes or the panel goes', async () => {
      await using server = await startScriptedServer(({ pause: wait }) => wait(60_000))
      const provider = createProvider('anthropic', { apiKey: 'sk-test', baseUrl: server.origin })
      window.provider.countTokens = provider.countTokens!
      const arrived = async (count: number): Promise<void> => {
        while (server.requests.length < count) await pause(5)
      }
      const first = page.ask('count', draft('one more thing'))
      await arrived(1)
      const second = page.ask('count', draft('one more thing, please'))
      assert.equal(await first, null)
      assert.equal((await server.requests[0]?.closed)?.aborted, true)
      await arrived(2)
      await page.ask('new', { keepChoice: true })
      assert.equal(await second, null)
      assert.equal((await server.requests[1]?.closed)?.aborted, true)
      const third = page.ask('count', draft('something else'))
      await arrived(3)
      page.session.dispose()
      assert.equal(await third, null)
      assert.equal((await server.requests[2]?.closed)?.aborted, true)
      const paths = server.requests.map(({ url }) => url)
      assert.deepEqual(new Set(paths), new Set(['/v1/messages/count_tokens']))
    })

    it('closes the socket of a count when the message is sent', async () => {
      await using server = await startScriptedServer(({ pause: wait }) => wait(60_000))
      const provider = createProvider('anthropic', { apiKey: 'sk-test', baseUrl: server.origin })
      window.provider.countTokens = provider.countTokens!
      const counting = page.ask('count', draft('Hello there'))
      while (server.requests.length === 0) await pause(5)
      await page.say('Hello there')
      assert.equal(await counting, null)
      assert.equal((await server.requests[0]?.closed)?.aborted, true)
    })
  })
})
