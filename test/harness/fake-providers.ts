/** A provider that answers when the test says so, in its own format and with its own list of models. */
import type { JsonObject } from '../../src/shared/json.ts'
import type { Fake, FakeAnswer, FakeUsage } from './fakes/fake.ts'
import type { FakeKind } from './fakes/index.ts'
import { fakes } from './fakes/index.ts'
import { startScriptedServer } from './scripted-server.ts'
import type { Closed, RecordedRequest, Script, ScriptedServer } from './scripted-server.ts'

export type { FakeKind, FakeUsage }

/** One answer under way. Text that was sent is in `sent`, with the time of each piece in `log` (`performance.now()`). */
export class FakeTurn {
  readonly request: RecordedRequest
  sent = ''
  readonly log: { at: number; text: string }[] = []
  readonly #script: Script
  readonly #fake: Fake
  readonly #answer: FakeAnswer
  #begun = false

  constructor(script: Script, fake: Fake) {
    this.request = script.request
    this.#script = script
    this.#fake = fake
    this.#answer = fake.answer(this.model)
  }

  /** The conversation as the provider was given it: role and text of each message. */
  get history(): { role: string; text: string }[] {
    return this.#fake.history(this.request.json() as JsonObject)
  }

  /** The key that came with the request, in the header in which this provider wants it. */
  get key(): string | undefined {
    const value = this.request.headers[this.#fake.keyHeader ?? 'authorization']
    return typeof value === 'string' ? value.replace(/^Bearer /, '') : undefined
  }

  get closed(): Promise<Closed> {
    return this.request.closed
  }

  /** Sends thinking. Comes before any text. */
  think(text: string): Promise<void> {
    return this.#send(this.#answer.think(text))
  }

  /** Sends text. */
  async say(text: string): Promise<void> {
    this.sent += text
    this.log.push({ at: performance.now(), text })
    await this.#send(this.#answer.say(text))
  }

  /** Ends the answer as the provider does. */
  async finish(usage: FakeUsage = { input: 1200, output: 80, cached: 200 }): Promise<void> {
    await this.#send(this.#answer.end(usage))
    this.#script.end()
  }

  /** Tells what it used so far, where the format has room for that in the middle of an answer: true then. */
  async count(usage: FakeUsage): Promise<boolean> {
    const bytes = this.#answer.count?.(usage)
    if (bytes !== undefined) await this.#send(bytes)
    return bytes !== undefined
  }

  /** A whole answer at once. */
  async answer(text: string, usage?: FakeUsage): Promise<void> {
    await this.say(text)
    await this.finish(usage)
  }

  /** A whole answer in the bytes of the format. */
  async raw(bytes: string): Promise<void> {
    await this.#send(bytes)
    this.#script.end()
  }

  /** An error answer instead of a stream, in the provider's own shape. */
  fail(status: number, type: string, message: string, headers: Record<string, string> = {}): void {
    this.#script.json(status, this.#fake.error(type, message), headers)
  }

  /** Says no more and cuts the connection. */
  drop(): void {
    this.#script.drop()
  }

  /** Ends in good order, but in the middle of the answer. */
  truncate(): void {
    this.#script.end()
  }

  /** A 200 whose body no provider would send. */
  async garbage(): Promise<void> {
    this.#script.sse()
    await this.#script.send('event: message_start\ndata: {"type": "mess\n\ndata: <<<>>>\n\n')
    this.#script.end()
  }

  redirect(location: string): void {
    this.#script.json(307, {}, { location })
  }

  /** The model that was asked for. */
  get model(): string {
    return this.#fake.modelOf(this.request)
  }

  async #send(bytes: string): Promise<void> {
    if (!this.#begun) {
      this.#script.head(200, { 'content-type': this.#fake.contentType, ...this.#fake.headers?.(this.model) })
    }
    this.#begun = true
    await this.#script.send(bytes)
  }
}

export type FakeProvider = AsyncDisposable & {
  kind: FakeKind
  /** What `panelist.providers` takes. */
  setting: { baseUrl: string }
  server: ScriptedServer
  /** How many requests for an answer have come: lists and counts are none. */
  asked: number
  /** While set, lists of models are refused with these words. */
  trouble?: string | undefined
  /** Waits for the next request for an answer, in the order of arrival. */
  next(): Promise<FakeTurn>
  close(): Promise<void>
}

/** How long `next` waits, ms. */
const PATIENCE = 20_000

/**
 * Starts the provider, at this port of 127.0.0.1 or at any. Lists and counts are answered by themselves, answers by
 * whoever calls `next`.
 */
export async function startFakeProvider(kind: FakeKind, port = 0): Promise<FakeProvider> {
  const fake: Fake = fakes[kind]
  const arrived: FakeTurn[] = []
  const waiting: ((turn: FakeTurn) => void)[] = []
  const server = await startScriptedServer(
    (script) => {
      const { url } = script.request
      const told = fake.reply(script.request)
      // An Ollama whose version nobody gets is not there at all.
      if (script.request.method === 'GET' && provider.trouble !== undefined && url !== '/api/version') {
        return script.json(500, fake.error('api_error', provider.trouble))
      }
      if (told !== undefined) return script.json(200, told)
      if (script.request.method === 'GET') return script.json(404, fake.error('not_found', 'There is nothing here.'))
      const turn = new FakeTurn(script, fake)
      provider.asked++
      const reader = waiting.shift()
      if (reader) reader(turn)
      else arrived.push(turn)
    },
    undefined,
    port,
  )
  const provider: FakeProvider = {
    kind,
    setting: { baseUrl: server.origin + fake.basePath },
    server,
    asked: 0,
    next: () => {
      const turn = arrived.shift()
      if (turn) return Promise.resolve(turn)
      return new Promise((resolve, reject) => {
        const reader = (one: FakeTurn): void => {
          clearTimeout(late)
          resolve(one)
        }
        // A reader that gave up must not take the turn of the test after it.
        const late = setTimeout(() => {
          waiting.splice(waiting.indexOf(reader), 1)
          reject(new Error(`Nobody asked the fake ${kind} within ${PATIENCE} ms.`))
        }, PATIENCE)
        waiting.push(reader)
      })
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  }
  return provider
}
