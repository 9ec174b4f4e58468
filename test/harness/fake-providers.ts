/** A provider that answers when the test says so: Anthropic Messages or OpenAI Responses, each with its model list. */
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { startScriptedServer } from './scripted-server.ts'
import type { Closed, RecordedRequest, Script, ScriptedServer } from './scripted-server.ts'
import { dialects } from './fake-dialects.ts'
import type { FakeDialect, FakeKind, FakeUsage } from './fake-dialects.ts'

/** One answer under way. Text that was sent is in `sent`, with the time of each piece in `log` (`performance.now()`). */
export class FakeTurn {
  readonly request: RecordedRequest
  sent = ''
  readonly log: { at: number; text: string }[] = []
  readonly #script: Script
  readonly #dialect: FakeDialect
  #begun = false

  constructor(script: Script, dialect: FakeDialect) {
    this.request = script.request
    this.#script = script
    this.#dialect = dialect
  }

  /** The conversation as the provider was given it: role and text of each message. */
  get history(): { role: string; text: string }[] {
    return this.#dialect.history(this.request.json() as JsonObject)
  }

  get closed(): Promise<Closed> {
    return this.request.closed
  }

  /** Sends text; the first call begins the answer. */
  async say(text: string): Promise<void> {
    if (!this.#begun) await this.#play(this.#dialect.begin(this.model))
    this.#begun = true
    this.sent += text
    this.log.push({ at: performance.now(), text })
    await this.#play(this.#dialect.grow(text))
  }

  /** Ends the answer as the provider does. */
  async finish(usage: FakeUsage = { input: 1200, output: 80, cached: 200 }): Promise<void> {
    await this.#play(this.#dialect.end(this.sent, usage, this.model))
    this.#script.end()
  }

  /** A whole answer at once. */
  async answer(text: string, usage?: FakeUsage): Promise<void> {
    await this.say(text)
    await this.finish(usage)
  }

  /** An error answer instead of a stream, in the provider's own shape. */
  fail(status: number, type: string, message: string, headers: Record<string, string> = {}): void {
    this.#script.json(status, this.#dialect.error(type, message), headers)
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

  get model(): string {
    return String((this.request.json() as JsonObject).model)
  }

  async #play(events: JsonObject[]): Promise<void> {
    if (!this.#begun) this.#script.sse()
    this.#begun = true
    for (const event of events) await this.#script.event(event, String(event.type))
  }
}

export type FakeProvider = AsyncDisposable & {
  kind: FakeKind
  /** What `panelist.providers` takes. */
  setting: { baseUrl: string }
  server: ScriptedServer
  /** Waits for the next request for an answer, in the order of arrival. */
  next(): Promise<FakeTurn>
  close(): Promise<void>
}

/** How long `next` waits, ms. */
const PATIENCE = 15_000

/** Starts the provider. Model lists are answered by themselves, answers by whoever calls `next`. */
export async function startFakeProvider(kind: FakeKind): Promise<FakeProvider> {
  const dialect = dialects[kind]
  const arrived: FakeTurn[] = []
  const waiting: ((turn: FakeTurn) => void)[] = []
  const server = await startScriptedServer((script) => {
    const { method, url } = script.request
    if (method === 'GET' && url.startsWith('/v1/models')) return script.json(200, dialect.models as Json)
    const turn = new FakeTurn(script, dialect)
    const reader = waiting.shift()
    if (reader) reader(turn)
    else arrived.push(turn)
  })
  return {
    kind,
    setting: { baseUrl: server.origin + dialect.basePath },
    server,
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
}
