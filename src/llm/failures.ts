/** Errors of SDKs, of providers and of the network as `Failure` values. Nothing here looks at error classes: duck types only. */
import type { Failure, FailureCode } from '../shared/failure.ts'
import { FailureError } from '../shared/failure.ts'
import type { Json } from '../shared/json.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Endpoint } from './dialect.ts'
import { labelOf } from './registry.ts'
import { redact, secretsOf } from './redact.ts'
import { retryAfterMs, retryDelayIn, shouldRetry, waitIn } from './retry-after.ts'
import { sentence } from './sentences.ts'
import type { Exchange } from './transport.ts'
import { transportSign } from './transport-errors.ts'
import { refusesFiles } from './unseen.ts'
import type { ProviderId } from './types.ts'

/** What was asked of whom. `secrets`: the keys of this connection, which no failure may repeat. */
export type FailureContext = {
  /** The provider's name as a person knows it. */
  provider: string
  baseUrl: string
  model?: string
  secrets: readonly string[]
  /** What was seen of the response, for what the error itself does not carry. */
  exchange?: Exchange
}

/** The context of one call. */
export function contextOf(id: ProviderId, endpoint: Endpoint, exchange?: Exchange, model?: string): FailureContext {
  return {
    provider: labelOf(id),
    baseUrl: endpoint.baseUrl,
    secrets: secretsOf(endpoint.apiKey, endpoint.headers),
    ...(exchange ? { exchange } : {}),
    ...(model === undefined ? {} : { model }),
  }
}

/** What an error says, whoever threw it. */
type Signs = {
  status: number | undefined
  headers: { get(name: string): string | null } | undefined
  /** Headers that a gateway passes on in the body: those of the provider behind it. */
  passedOn: { get(name: string): string | null } | undefined
  /** Milliseconds that the body asks us to wait. */
  delay: number | undefined
  /** What the provider says of asking again. */
  shouldRetry: boolean | undefined
  requestId: string | undefined
  /** Machine-readable words of the provider, the most specific first. */
  words: string[]
  /** The provider's own sentence. */
  text: string
}

/** An error as a failure for people and for code. */
export function failureFrom(error: unknown, context: FailureContext): Failure {
  const known = knownFailure(error) ?? context.exchange?.failure
  if (known) return known
  const signs = read(error, context.exchange)
  const answered = codeOf(signs)
  if (answered) return fromAnswer(answered, signs, context)
  const sign = transportSign(error, context.baseUrl)
  const requestId = context.exchange?.headers ? requestIdOf(context.exchange.headers, context.secrets) : undefined
  return {
    code: sign.code,
    message: sentence(sign.kind, context),
    ...(sign.lasting ? { lasting: true } : {}),
    ...(requestId ? { requestId } : {}),
    ...(sign.detail ? { detail: redact(sign.detail, context.secrets) } : {}),
  }
}

/** What stands in an error in the place of a provider's words. */
const IN_STREAM = 'The provider sent an error in its stream.'
const NO_WORDS = new RegExp(`^\\d{3} (status code \\(no body\\)$)?|^${IN_STREAM}$`)

/** An `error` frame in the middle of a stream as an error to throw: `failureFrom` reads it like a refused request. */
export function frameError(body: Json, status?: number): Error {
  return Object.assign(new Error(IN_STREAM), {
    error: body,
    ...(status === undefined ? {} : { status }),
  })
}

/** Runs a call that is not a stream. Throws `FailureError`, and nothing else. */
export async function orFailure<T>(context: FailureContext, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted()
    return await call()
  } catch (error) {
    if (signal.aborted) throw new FailureError(abortFailure(signal) ?? late(signal, context) ?? cancelled, error)
    throw new FailureError(failureFrom(error, context), error)
  }
}

/** The failure a signal was aborted with: how a timer ends a stream. Undefined for a person's own Stop. */
export function abortFailure(signal: AbortSignal): Failure | undefined {
  return signal.reason instanceof FailureError ? signal.reason.failure : undefined
}

/** Where the time was over that whoever asked had for it. */
function late(signal: AbortSignal, context: FailureContext): Failure | undefined {
  return isLate(signal) ? { code: 'timeout', message: sentence('late', context) } : undefined
}

export const isLate = ({ reason }: AbortSignal): boolean => reason instanceof Error && reason.name === 'TimeoutError'

const cancelled: Failure = { code: 'unknown', message: 'The request was cancelled.' }

function fromAnswer(code: FailureCode, signs: Signs, context: FailureContext): Failure {
  const wait = waitOf(code, signs)
  return {
    code,
    message: sentence(refusesFiles(signs.text) ? 'unseen' : code, context, {
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      status: signs.status,
      silent: signs.text === '',
    }),
    ...(signs.status === undefined ? {} : { status: signs.status }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(signs.shouldRetry === undefined ? {} : { shouldRetry: signs.shouldRetry }),
    ...(signs.requestId ? { requestId: redact(signs.requestId, context.secrets) } : {}),
    ...(signs.text ? { detail: redact(signs.text, context.secrets) } : {}),
  }
}

/** A sentence is believed only where waiting is what helps: "try again in 30 days" is no hint to wait for. */
function waitOf(code: FailureCode, { headers, passedOn, delay, text }: Signs): number | undefined {
  const waits = code === 'rate-limit' || code === 'overloaded' || code === 'unavailable'
  return delay ?? retryAfterMs(headers) ?? retryAfterMs(passedOn) ?? (waits ? waitIn(text) : undefined)
}

function passedOn(metadata: unknown): Signs['passedOn'] {
  if (!isObject(metadata) || !isObject(metadata.headers)) return undefined
  const names = new Map(Object.entries(metadata.headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
  return { get: (name) => names.get(name) ?? null }
}

function knownFailure(error: unknown): Failure | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof FailureError) return at.failure
  }
  return undefined
}

function read(error: unknown, exchange: Exchange | undefined): Signs {
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  const body = innerBody(thrown.error)
  const fields = isObject(body) ? body : {}
  const headers = (isHeaders(thrown.headers) ? thrown.headers : undefined) ?? exchange?.headers
  const embedded = isObject(thrown.error) ? thrown.error.request_id : undefined
  // A gateway's error frame carries the status it would have answered with as its code.
  const status = [thrown.status, fields.code].find(isStatus)
  const own = status === undefined ? '' : String(thrown.message ?? '').replace(NO_WORDS, '')
  return {
    status,
    headers,
    passedOn: passedOn(fields.metadata),
    delay: retryDelayIn(fields.details),
    // The headers of an answer that began well say nothing of the error that came later.
    shouldRetry: isStatus(thrown.status) ? shouldRetry(headers) : undefined,
    requestId: string(thrown.requestID) ?? string(embedded) ?? (headers ? requestIdOf(headers, []) : undefined),
    words: [fields.code, fields.type, fields.status, thrown.code, thrown.type].filter(
      (word) => typeof word === 'string',
    ),
    text: typeof body === 'string' ? body : (string(fields.message) ?? string(fields.detail) ?? own),
  }
}

/** Providers wrap the error that matters in zero to two layers of `error`, some send it as text, and Google in a list. */
function innerBody(body: unknown): unknown {
  let inner = typeof body === 'string' ? (parseJson(body) ?? body) : body
  if (Array.isArray(inner)) inner = inner[0] as unknown
  for (let depth = 0; depth < 2 && isObject(inner) && inner.error !== undefined && inner.error !== null; depth++) {
    inner = inner.error
  }
  return inner
}

/** The id by which the provider's support, or whoever runs the gateway, finds the request again. */
export function requestIdOf(
  headers: { get(name: string): string | null },
  secrets: readonly string[],
): string | undefined {
  const id = headers.get('request-id') ?? headers.get('x-request-id') ?? headers.get('x-litellm-call-id')
  return id === null ? undefined : redact(id, secrets)
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 300 && value < 600
}

function isHeaders(value: unknown): value is { get(name: string): string | null } {
  return typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function'
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 ? value : undefined
}

const WORDS: Record<string, FailureCode> = {
  authentication_error: 'auth',
  invalid_api_key: 'auth',
  permission_error: 'permission',
  billing_error: 'quota',
  insufficient_quota: 'quota',
  billing_hard_limit_reached: 'quota',
  billing_not_active: 'quota',
  not_found_error: 'not-found',
  model_not_found: 'not-found',
  request_too_large: 'context-length',
  context_length_exceeded: 'context-length',
  rate_limit_error: 'rate-limit',
  rate_limit_exceeded: 'rate-limit',
  overloaded_error: 'overloaded',
  timeout_error: 'timeout',
  api_error: 'unavailable',
  server_error: 'unavailable',
  internal_server_error: 'unavailable',
  // LiteLLM's own words beside those of the providers behind it.
  budget_exceeded: 'quota',
  expired_key: 'auth',
  token_not_found_in_db: 'auth',
  // As a 400: any key but the master's, at a gateway that keeps no others. As a 503 its database is away.
  no_db_connection: 'auth',
  key_model_access_denied: 'permission',
  team_model_access_denied: 'permission',
  user_model_access_denied: 'permission',
  throttling_error: 'rate-limit',
  content_policy_violation: 'content-filter',
  content_filter: 'content-filter',
  // Google's words are its own, also for the reasons that stand behind a status.
  API_KEY_INVALID: 'auth',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'permission',
  FAILED_PRECONDITION: 'permission',
  BILLING_DISABLED: 'quota',
  RATE_LIMIT_EXCEEDED: 'rate-limit',
  DEADLINE_EXCEEDED: 'timeout',
}

const STATUSES: Record<number, FailureCode> = {
  401: 'auth',
  402: 'quota',
  403: 'permission',
  404: 'not-found',
  405: 'not-found',
  407: 'network',
  408: 'timeout',
  413: 'context-length',
  429: 'rate-limit',
  529: 'overloaded',
}

// Three conditions have no code of their own at several providers and come as a plain 400, 403 or 429. The sentences
// are the providers' documented ones; a sentence that matches none leaves the status to decide.
const TOO_LONG =
  /context[ _-]?(length|window|limit|size)|prompt is too long|input (is )?too long|too many (input )?tokens|maximum prompt length|input token count .*exceeds/i
const NO_CREDIT =
  /credit balance|exceeded your current quota|insufficient (credits|balance|funds)|out of credits|credits are depleted|exceeded budget for/i
const FILTERED = /content filter|content management policy|content policy/i

// LiteLLM's sentences where its words tell less. The first come as a plain 400, the second of them from a gateway with
// wildcards. The last as a 401, but it is the gateway's own key that the provider behind it refused: nobody else could
// mend that with another key.
const NO_SUCH_NAME = /invalid model name passed in|no healthy deployments for this model/i
const NOT_OUR_KEY = /^litellm\.AuthenticationError\b/

/** The failure that a provider's answer means, or undefined where no provider answered. */
function codeOf({ status, words, text }: Signs): FailureCode | undefined {
  // Refused for what it holds, whatever the status: asking again would change nothing.
  if (refusesFiles(text)) return 'invalid-request'
  const word = words.map((each) => WORDS[each]).find((code) => code !== undefined)
  if (NOT_OUR_KEY.test(text)) return 'unavailable'
  const refused = status === undefined ? words.includes('invalid_request_error') : status >= 400 && status < 500
  if (refused && word !== 'auth') {
    // Google's sentence for a full minute is the one for an empty account; where its word tells them apart, that counts.
    if (status !== 401 && !words.includes('RATE_LIMIT_EXCEEDED') && NO_CREDIT.test(text)) return 'quota'
    if (status !== 429 && TOO_LONG.test(text)) return 'context-length'
    if (FILTERED.test(text)) return 'content-filter'
    if (NO_SUCH_NAME.test(text)) return 'not-found'
  }
  if (word && !belies(status, word)) return word
  if (status === undefined) return refused ? 'invalid-request' : text ? 'unknown' : undefined
  if (STATUSES[status]) return STATUSES[status]
  if (status >= 500) return /overload/i.test(text) ? 'overloaded' : 'unavailable'
  return status >= 400 ? 'invalid-request' : 'not-found'
}

/**
 * A gateway may relabel what a provider said: a 5xx is temporary and a 429 about rates, whatever the words beside. That
 * it is unavailable, in general, says less than status and sentence do.
 */
function belies(status: number | undefined, word: FailureCode): boolean {
  if (status === undefined || (status < 500 && status !== 429)) return false
  return word === 'unavailable' || (status >= 500 && (word === 'not-found' || word === 'auth'))
}
