/** The official SDK, tied down: our key, our endpoint, our headers, no retries, and nothing read from the environment. */
import { BaseAnthropic } from '@anthropic-ai/sdk/client'
import { Models } from '@anthropic-ai/sdk/resources/models'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import type { Endpoint } from '../dialect.ts'
import { frameError } from '../failures.ts'
import type { ServerSentEvent } from '../sse.ts'
import { eventsOf } from '../sse.ts'
import type { Exchange } from '../transport.ts'
import { createFetch } from '../transport.ts'

const OWN_ORIGIN = 'https://api.anthropic.com'
/** Proxies and compatible servers know this version and the header that came with it. */
const COMMON_VERSION = '2023-06-01'
/** Milliseconds. Timers are the business of whoever wraps the provider. */
const NEVER = 24 * 60 * 60 * 1000

/**
 * The bare client and the model list. The SDK's own `messages` would bring its helpers into the bundle, and write
 * warnings about models to the console.
 */
export class Client extends BaseAnthropic {
  readonly models = new Models(this)
  readonly #extra: ReadonlySet<string>

  constructor(endpoint: Endpoint, exchange?: Exchange) {
    const { apiKey } = endpoint
    const own = isOwn(endpoint)
    const headers: Record<string, string | null> = {
      ...(apiKey ? {} : { Authorization: null }),
      ...(own ? {} : { 'anthropic-version': COMMON_VERSION, ...(apiKey ? { 'x-api-key': apiKey } : {}) }),
      ...endpoint.headers,
    }
    super({
      apiKey: apiKey || null,
      authToken: null,
      webhookKey: null,
      // Some people paste the address with the version that the SDK adds by itself.
      baseURL: endpoint.baseUrl.replace(/\/v1$/, ''),
      maxRetries: 0,
      timeout: NEVER,
      logLevel: 'off',
      openTelemetry: false,
      defaultHeaders: headers,
      fetch: createFetch(endpoint, exchange),
    })
    this.#extra = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  }

  /** The raw events of `POST /v1/messages`, once the headers of a good answer are in. */
  async createMessage(body: JsonObject, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
    const response = await this.post('/v1/messages', { body, stream: true, signal }).asResponse()
    return eventsOf(response.body, readEvent)
  }

  async countTokens(body: JsonObject, signal: AbortSignal): Promise<number> {
    const { input_tokens } = await this.post<{ input_tokens: unknown }>('/v1/messages/count_tokens', { body, signal })
    if (typeof input_tokens !== 'number') throw new SyntaxError('The answer to a token count has no count')
    return input_tokens
  }

  /** No key and no endpoint from files or variables of another tool. */
  protected override _shouldResolveDefaultCredentials(): boolean {
    return false
  }

  /** The SDK also takes headers from a variable; only its own and ours go out. */
  protected override async prepareRequest(request: RequestInit): Promise<void> {
    const headers = new Headers(request.headers)
    for (const name of [...headers.keys()]) if (!SENT.test(name) && !this.#extra.has(name)) headers.delete(name)
    request.headers = headers
  }
}

/** The JSON of an event. Throws SyntaxError for an event that is none, and the error that a frame reports. */
function readEvent({ event, data }: ServerSentEvent): unknown {
  if (event === 'ping' || data === '') return undefined
  const json: unknown = event === 'error' ? (parseJson(data) ?? data) : JSON.parse(data)
  if (event === 'error' || (isObject(json) && json.type === 'error')) throw frameError(json as Json)
  return json
}

const SENT = /^(accept|authorization|content-type|user-agent|anthropic-version|x-stainless-.*)$/

/** True for Anthropic's own service: the newest API version, and models we know the limits of. */
export function isOwn(endpoint: Endpoint): boolean {
  return new URL(endpoint.baseUrl).origin === OWN_ORIGIN
}
