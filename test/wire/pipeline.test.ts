/** What every answer and every side request is held to, whatever provider gives it: over real HTTP, through a whole window. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { Connections } from '../../src/host/connections.ts'
import type { Connected } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import { askApart } from '../../src/host/side-request.ts'
import type { Settings } from '../../src/host/settings.ts'
import type { Json } from '../../src/shared/json.ts'
import { isObject } from '../../src/shared/json.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { fakes } from '../harness/fakes/index.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from '../host/fake-editor.ts'
import { chosen, FakePage, FakeWindow, noSettings } from '../host/fakes.ts'

const kinds = ['anthropic', 'openai', 'google', 'openrouter', 'ollama', 'litellm', 'compatible'] as const
/** The names of the limit of an answer in the formats there are. */
const LIMIT = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'maxOutputTokens', 'num_predict']

/** What a request says of the limit, wherever it stands. */
function limitsIn(value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap(limitsIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    LIMIT.includes(name) ? [inner ?? null] : limitsIn(inner ?? null),
  )
}

/** Ended by this limit, in words that name its setting. */
function held({ stop }: AssistantMessage, limit: string): void {
  assert.ok(stop.kind === 'failed', stop.kind)
  assert.equal(stop.failure.code, 'timeout', stop.failure.message)
  assert.match(stop.failure.message, new RegExp(`panelist\\.timeouts\\.${limit}`))
}

for (const kind of kinds)
  describe(`an answer of ${kind}`, function () {
    this.timeout(90_000)
    let server: ScriptedServer
    let window: FakeWindow
    let page: FakePage
    let connections: Connections
    let settings: Settings
    let played: (turn: FakeTurn) => Promise<void>
    let outputLimit = 4096

    before(async () => {
      const fake = fakes[kind]
      server = await startScriptedServer(async (script) => {
        const told = fake.reply(script.request)
        if (told !== undefined) return script.json(200, told)
        await played(new FakeTurn(script, fake))
      })
    })
    beforeEach(async () => {
      const baseUrl = server.origin + fakes[kind].basePath
      settings = noSettings
      await reach(baseUrl)
      window = new FakeWindow({
        choose: () => Promise.resolve({ ...chosen, provider: kind, model: 'model-x', outputLimit }),
        connect: (provider, profile) => connections.open(provider, profile),
      })
      window.trying = settings
      page = new FakePage(window)
      await page.ready()
    })
    afterEach(async () => {
      await window.services.answers.stopAll()
      page.session.dispose()
      window.close()
    })
    after(() => server.close())

    const ended = async (): Promise<AssistantMessage> => {
      while (window.services.answers.running(page.session.conversation))
        await new Promise((resolve) => setTimeout(resolve, 1))
      return (await page.ready()).page.messages.at(-1)!.message as AssistantMessage
    }
    const heard = (): string =>
      page.batches
        .flatMap(({ events }) => events)
        .flatMap((event) => (event.type === 'stream' ? event.events : []))
        .map((part) => (part.type === 'block-delta' ? part.text : ''))
        .join('')
    const again = async (): Promise<void> => {
      await page.ask('new', { keepChoice: false })
      page.batches.length = 0
    }
    /** The page has seen all that was sent, before anything more is. */
    const untilHeard = async (text: string): Promise<void> => {
      const patience = performance.now() + 30_000
      while (heard() !== text) {
        assert.ok(performance.now() < patience, `sent ${JSON.stringify(text)}, heard ${JSON.stringify(heard())}`)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }

    it('a stream delivers its content incrementally and whole: the page has each piece before the next is sent', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 6 }),
          async (pieces) => {
            await again()
            let wrong: unknown
            played = async (turn) => {
              try {
                for (const piece of pieces) {
                  await turn.say(piece)
                  await untilHeard(turn.sent)
                }
              } catch (error) {
                wrong = error
              }
              await turn.finish()
            }
            await page.say('Hello')
            const message = await ended()
            if (wrong) throw wrong as Error
            assert.equal(textOf(message.content), pieces.join(''))
          },
        ),
        { numRuns: 10 },
      ))

    it('the max tokens asked for is the one configured, and no other number goes out', () =>
      fc.assert(
        fc.asyncProperty(fc.integer({ min: 16, max: 200_000 }), async (limit) => {
          await again()
          outputLimit = limit
          let body: Json = null
          played = async (turn) => {
            body = turn.request.json() as Json
            await turn.answer('Yes.')
          }
          await page.say('Hello')
          await ended()
          outputLimit = 4096
          assert.deepEqual(limitsIn(body), [limit])
        }),
        { numRuns: 10 },
      ))

    describe('ends where its time is over', () => {
      const cases: [name: 'firstToken' | 'idle' | 'total', words: string][] = [
        ['firstToken', ''],
        ['idle', 'Once upon a'],
        ['total', 'Once upon a'],
      ]
      for (const [name, words] of cases)
        it(`by panelist.timeouts.${name}, as a side request does`, async () => {
          // What loads with the first request is no part of the time.
          played = (turn) => turn.answer('Yes.')
          await page.say('Hello')
          await ended()
          await again()
          const none = { connect: 0, firstToken: 0, idle: 0, total: 0 }
          window.trying = settings = { ...settings, timeouts: { ...none, [name]: 200 } }
          played = async (turn) => {
            if (words) await turn.say(words)
            await turn.closed
          }
          await page.say('Hello')
          held(await ended(), name)
          held((await aside()).message, name)
        })

      it('by panelist.timeouts.connect, as a side request does', async () => {
        // A TLS handshake with a server that says nothing never completes.
        const deaf = createServer(() => undefined).listen(0, '127.0.0.1')
        await new Promise((resolve) => deaf.once('listening', resolve))
        const { port } = deaf.address() as AddressInfo
        const baseUrl = `https://127.0.0.1:${port}${fakes[kind].basePath}`
        const timeouts = { connect: 200, firstToken: 0, idle: 0, total: 0 }
        window.trying = settings = { ...settings, timeouts }
        await reach(baseUrl)
        await page.say('Hello')
        held(await ended(), 'connect')
        held((await aside()).message, 'connect')
        deaf.close()
      })
    })

    /** Asks at this address from now on, with a key that is for it. */
    async function reach(baseUrl: string): Promise<void> {
      settings = { ...settings, providers: { [kind]: { baseUrl } } }
      const keys = new Keys(new FakeSecrets(), new FakeMemento(), {})
      connections = new Connections({ keys, settings: () => settings })
      await keys.set(connections.info(kind)!, settings.providers[kind], 'sk-canary-0123456789')
    }
    const aside = async (): Promise<{ message: AssistantMessage }> => {
      const connected = (await connections.open(kind)) as Connected
      return askApart(
        { model: 'model-x', messages: [{ role: 'user', content: [{ type: 'text', text: 'A title?' }] }] },
        { provider: kind, model: 'model-x', connected, place: {} },
        { instead: 'nobody' },
        {
          store: window.services.store,
          resilience: new Resilience({ settings: () => settings, log: { info: () => undefined } }),
          log: window.services.log.from('request'),
        },
        new AbortController().signal,
      )
    }
  })
