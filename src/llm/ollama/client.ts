/**
 * The official client, tied down: our endpoint, key and headers, a signal for every request, and nothing read from the
 * environment. Its own reading of a stream skips lines that are no JSON, so each line is looked at before it gets it.
 */
import { Ollama } from 'ollama/browser'
import { FailureError } from '../../shared/failure.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import type { Endpoint } from '../dialect.ts'
import type { FailureContext } from '../failures.ts'
import { failureFrom, frameError } from '../failures.ts'
import { redact } from '../redact.ts'
import { sentence } from '../sentences.ts'
import { createFetch } from '../transport.ts'
import { transportSign } from '../transport-errors.ts'

/** What was seen of a stream of lines. `done`: its terminal line was among them. */
type Lines = { ended: boolean; done: boolean }

export class Client {
  readonly #sdk: Ollama
  readonly #lines: Lines = { ended: false, done: false }
  readonly #context: FailureContext

  /** `signal` ends every request of this client: the SDK has none of its own before the headers are in. */
  constructor(endpoint: Endpoint, context: FailureContext, signal: AbortSignal) {
    this.#context = context
    const send = createFetch(endpoint, context.exchange)
    const ask: typeof fetch = async (input, init) => {
      const response = await send(input, { ...init, headers: headersOf(endpoint, init), signal })
      if (!response.ok) throw await refusal(response)
      await this.#holdToJson(response)
      if (!response.body || !/\/chat$/.test(response.url || String(input))) return response
      return new Response(response.body.pipeThrough(wholeLines(this.#lines)), response)
    }
    // Some people paste the address of the OpenAI-compatible side of the same server.
    this.#sdk = new Ollama({ host: endpoint.baseUrl.replace(/\/(v1|api)$/, ''), fetch: ask })
  }

  /** The chunks of `POST /api/chat`, once the headers of a good answer are in. Throws `FailureError` and refusals. */
  async chat(body: JsonObject): Promise<AsyncIterable<unknown>> {
    // The body holds what the SDK's types do not know yet, which it passes on as it is.
    const chunks = await this.#explained(() => this.#sdk.chat({ ...body, model: String(body.model), stream: true }))
    return this.#untilEnd(chunks)
  }

  async list(): Promise<JsonObject[]> {
    const { models } = await this.#explained(async () => plain(await this.#sdk.list()))
    return Array.isArray(models) ? models.filter((model) => isObject(model)) : []
  }

  async show(model: string): Promise<JsonObject> {
    return this.#explained(async () => plain(await this.#sdk.show({ model })))
  }

  /** The SDK throws where the stream ends without its last line; what that means is for the guard to say. */
  async *#untilEnd(chunks: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    try {
      yield* chunks
    } catch (error) {
      if (!this.#lines.ended || this.#lines.done) throw error
    }
  }

  async #holdToJson(response: Response): Promise<void> {
    if (!/\bhtml\b/i.test(response.headers.get('content-type') ?? '')) return
    const detail = redact((await response.text()).slice(0, 300), this.#context.secrets)
    throw new FailureError({ code: 'malformed', message: sentence('not-a-stream', this.#context), detail })
  }

  /** The two things that go wrong most with a server of one's own have answers of their own. */
  async #explained<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      const { baseUrl, model } = this.#context
      const failure = failureFrom(error, this.#context)
      if (failure.code === 'network' && transportSign(error, baseUrl).kind === 'refused') {
        const message = `Ollama is not running at ${baseUrl}. Start it (open the app, or run "ollama serve") and try again.`
        throw new FailureError({ ...failure, message }, error)
      }
      if (failure.status === 404 && model !== undefined && /\bmodel\b.*not found/i.test(failure.detail ?? '')) {
        const message = `Ollama has no model "${model}". Get it with "ollama pull ${model}", or choose another model.`
        throw new FailureError({ ...failure, message }, error)
      }
      throw error
    }
  }
}

/** The key and headers of the connection alone: for ollama.com the SDK would take a key from the environment. */
function headersOf({ apiKey, headers }: Endpoint, init: RequestInit | undefined): Headers {
  const result = new Headers(init?.headers)
  result.delete('authorization')
  if (apiKey) result.set('authorization', `Bearer ${apiKey}`)
  for (const [name, value] of Object.entries(headers ?? {})) result.set(name, value)
  return result
}

/** An answer other than 2xx as an error, before the SDK reads it: its own error has no headers, and it writes to the console. */
async function refusal(response: Response): Promise<Error> {
  const text = await response.text()
  const body = parseJson(text)
  const said = isObject(body) && body.error !== undefined ? body.error : (body ?? text)
  const message = typeof said === 'string' ? said : JSON.stringify(said)
  return Object.assign(new Error(message), { status: response.status, headers: response.headers, error: said })
}

/** Lets whole lines of JSON through. Anything else ends the stream with an error, and so does an error in its place. */
function wholeLines(lines: Lines): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  let rest = ''
  const pass = (text: string): Uint8Array | undefined => {
    const whole = text.split('\n').filter((line) => line.trim() !== '')
    for (const line of whole) look(JSON.parse(line) as Json, lines)
    return whole.length > 0 ? encoder.encode(`${whole.join('\n')}\n`) : undefined
  }
  return new TransformStream({
    transform(bytes, controller) {
      rest += decoder.decode(bytes, { stream: true })
      const end = rest.lastIndexOf('\n') + 1
      if (end === 0) return
      const checked = pass(rest.slice(0, end))
      rest = rest.slice(end)
      if (checked) controller.enqueue(checked)
    },
    flush(controller) {
      const checked = pass(rest + decoder.decode())
      if (checked) controller.enqueue(checked)
      lines.ended = true
    },
  })
}

function look(line: Json, lines: Lines): void {
  if (!isObject(line)) throw new SyntaxError(`Expected a JSON object, got ${JSON.stringify(line).slice(0, 100)}`)
  if (line.done === true) lines.done = true
  if (line.error === undefined) return
  const message = typeof line.error === 'string' ? line.error : JSON.stringify(line.error)
  throw frameError({ type: 'server_error', message })
}

function plain(answer: unknown): JsonObject {
  if (!isObject(answer)) throw new SyntaxError('The answer is no JSON object')
  return answer
}
