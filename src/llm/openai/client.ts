/**
 * The OpenAI SDK as plain transport, for both dialects. Only its `get` and `post` are used: they carry the SDK's
 * authentication and errors, and none of its hundred resource classes.
 */
import { OpenAI } from 'openai/client'
import type { ClientOptions } from 'openai/client'
import type { JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import { FailureError } from '../../shared/failure.ts'
import type { Endpoint } from '../dialect.ts'
import type { FailureContext } from '../failures.ts'
import { frameError } from '../failures.ts'
import { labelOf } from '../registry.ts'
import { sentence } from '../sentences.ts'
import type { ServerSentEvent } from '../sse.ts'
import { eventsOf } from '../sse.ts'
import { redact, secretsOf } from '../redact.ts'
import { createFetch, newExchange } from '../transport.ts'
import type { Exchange } from '../transport.ts'
import type { ProviderId } from '../types.ts'

/** How long a request may take at most. The timers that matter live above; this keeps the SDK's own out of the way. */
const A_DAY_MS = 24 * 60 * 60 * 1000

/** One call: a client that reports to one exchange, and what failures of the call need. */
export type Call = { client: Client; context: FailureContext & { exchange: Exchange } }

/** `headers`: sent as well; they are no secrets, and the connection's own win. */
export function newCall(
  id: ProviderId,
  endpoint: Endpoint,
  model?: string,
  headers: Record<string, string> = {},
): Call {
  const exchange = newExchange()
  const secrets = secretsOf(endpoint.apiKey, endpoint.headers)
  const context = { provider: labelOf(id), baseUrl: endpoint.baseUrl, secrets, exchange }
  const client = new Client({ ...endpoint, headers: { ...headers, ...endpoint.headers } }, exchange)
  return { client, context: model === undefined ? context : { ...context, model } }
}

export class Client extends OpenAI {
  constructor(endpoint: Endpoint, exchange: Exchange) {
    const { apiKey, baseUrl, headers } = endpoint
    // Without a key the server decides: the SDK insists on one, so it gets a placeholder that is never sent.
    const defaultHeaders = { ...(apiKey ? {} : { Authorization: null }), ...headers }
    const options: ClientOptions = {
      apiKey: apiKey || 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      baseURL: baseUrl,
      defaultHeaders,
      fetch: createFetch(endpoint, exchange),
      logLevel: 'off',
      maxRetries: 0,
      timeout: A_DAY_MS,
    }
    super(options)
    // The SDK mixes OPENAI_CUSTOM_HEADERS of the environment in; what is sent is what the connection says.
    this._options.defaultHeaders = defaultHeaders
  }
}

/**
 * Sends a request whose answer streams. A server that answers with one JSON document instead gives it as the only
 * chunk. Throws what the SDK throws, and a `malformed` failure for an answer that is neither.
 */
export async function openStream(
  { client, context }: Call,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<AsyncIterable<JsonObject>> {
  const response = await client.post(path, { body, stream: true, signal }).asResponse()
  const type = response.headers.get('content-type') ?? ''
  if (/\bjson\b/i.test(type)) return one(await wholeAnswer(response, context))
  if (/\bhtml\b/i.test(type)) throw notAStream(await response.text(), context)
  return eventsOf(response.body, chunkOf)
}

async function* one(chunk: JsonObject): AsyncGenerator<JsonObject> {
  yield chunk
}

/** The JSON of an event. Throws SyntaxError for an event that is none, and the error that a frame reports. */
function chunkOf({ event, data }: ServerSentEvent): JsonObject | undefined {
  if (data === '[DONE]') return undefined
  const chunk: unknown = JSON.parse(data)
  if (!isObject(chunk)) return undefined
  const error = chunk.error || (event === 'error' ? chunk : undefined)
  if (error) throw withStatus(frameError(error))
  return chunk
}

/** Gateways put the HTTP status of a failure in mid-stream into the `code` of its frame. */
function withStatus(error: unknown): unknown {
  if (!(error instanceof Error) || !('error' in error) || !isObject(error.error)) return error
  const status = Number(error.error.code)
  return status >= 400 && status < 600 ? frameError(error.error, status) : error
}

async function wholeAnswer(response: Response, context: FailureContext): Promise<JsonObject> {
  const text = await response.text()
  const body = parseJson(text)
  if (!isObject(body)) throw notAStream(text, context)
  if (body.error) throw withStatus(frameError(body.error))
  return body
}

function notAStream(text: string, context: FailureContext): FailureError {
  const detail = redact(text.slice(0, 300), context.secrets)
  return new FailureError({ code: 'malformed', message: sentence('not-a-stream', context), detail })
}
