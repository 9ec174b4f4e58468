/** Google's errors as errors that `failureFrom` can read: the SDK leaves them as JSON text in a message. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import { frameError } from '../failures.ts'
import { retryDelayIn } from '../retry-after.ts'
import type { Exchange } from '../transport.ts'

/** What the SDK threw, readable. Anything that no server said is returned as it is. */
export function readable(error: unknown, exchange: Exchange): unknown {
  const { status, message } = (isError(error) ? error : {}) as { status?: unknown; message?: string }
  if (typeof status === 'number') return googleError(parseJson(message ?? '') ?? message ?? '', exchange, status)
  const refused = exchange.status !== undefined && exchange.status >= 400
  // A refusal that calls itself JSON and is none: the SDK fails on reading it, and its status would be lost.
  if (refused && isError(error) && error.name === 'SyntaxError') {
    return googleError(exchange.head, exchange, exchange.status)
  }
  return error
}

/** An error body of Google's, of a response or of a chunk in mid-stream. */
export function googleError(body: Json, exchange: Exchange | undefined, status?: number): Error {
  const inner = innermost(body)
  const details = isObject(inner) && Array.isArray(inner.details) ? inner.details.filter(isObject) : []
  const told = isObject(inner) && typeof inner.code === 'number' ? inner.code : undefined
  const headers = { get: (name: string) => exchange?.headers?.get(name) ?? null }
  const type = reasonOf(inner, details, status ?? told)
  const exact = isObject(inner) && type !== undefined ? { ...inner, type } : inner
  return Object.assign(frameError(exact, status ?? told), { headers })
}

/** Errors come in a list where a stream was asked for, and as JSON in the message of an error where a proxy stands. */
function innermost(body: Json): Json {
  let inner = body
  for (let depth = 0; depth < 6; depth++) {
    if (Array.isArray(inner)) inner = inner[0] ?? null
    else if (typeof inner === 'string') {
      const parsed = parseJson(inner)
      if (!isObject(parsed) && !Array.isArray(parsed)) return inner
      inner = parsed
    } else if (isObject(inner) && inner.error !== undefined && inner.error !== null) inner = inner.error
    else if (isObject(inner) && isNested(inner.message)) inner = inner.message
    else return inner
  }
  return inner
}

function isNested(message: Json | undefined): message is string {
  return typeof message === 'string' && /^\s*[[{]/.test(message) && parseJson(message) !== undefined
}

/** Google's word for what went wrong, made exact where Google uses one for two things. */
function reasonOf(inner: Json, details: JsonObject[], status: number | undefined): string | undefined {
  const reason = details.map((detail) => detail.reason).find((word) => typeof word === 'string')
  const text = isObject(inner) ? String(inner.message ?? '') : String(inner)
  // A request without any key is refused as one that may not, though what it lacks is the key.
  if (status === 403 && /unregistered callers/.test(text)) return 'API_KEY_INVALID'
  // Both a full minute and a spent day are "your current quota"; only the first passes by waiting a little.
  if (status === 429) {
    const quotas = violationsOf(details)
    if (quotas.some((quota) => /PerDay/.test(quota))) return 'insufficient_quota'
    if (quotas.length > 0 || retryDelayIn(details) !== undefined) return 'RATE_LIMIT_EXCEEDED'
  }
  return reason
}

function violationsOf(details: JsonObject[]): string[] {
  const limits = details.map((detail) => (isObject(detail.metadata) ? detail.metadata.quota_limit : undefined))
  const violations = details.flatMap((detail) => (Array.isArray(detail.violations) ? detail.violations : []))
  const ids = violations.map((violation) => (isObject(violation) ? violation.quotaId : undefined))
  return [...limits, ...ids].filter((id) => typeof id === 'string')
}

function isError(value: unknown): value is Error {
  return value instanceof Error
}
