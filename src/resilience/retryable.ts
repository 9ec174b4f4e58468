/** Which failures may be over when the same is asked again, of the same provider, with the same key. */
import type { Failure, FailureCode } from '../shared/failure.ts'

/** Those that pass by themselves. An account without credit, a refused key or request are the same after a pause. */
const PASSING: ReadonlySet<FailureCode> = new Set([
  'rate-limit',
  'overloaded',
  'unavailable',
  'timeout',
  'network',
  'truncated',
  'malformed',
])

/** Request Timeout, Conflict and Too Many Requests: the only refusals that may be none a moment later. */
const PASSING_REFUSALS: readonly number[] = [408, 409, 429]
/** Not Implemented and HTTP Version Not Supported: servers that cannot, and will not be able to in a minute. */
const LASTING_ERRORS: readonly number[] = [501, 505]

/**
 * A provider that says `shouldRetry` itself is obeyed, as its own SDK does, with one bound that those do not have: no word of
 * a server makes any other refusal be sent again. A gateway that says so of a wrong key would only have it refused thrice.
 */
export function isRetryable({ code, status, lasting, shouldRetry }: Failure): boolean {
  if (lasting || shouldRetry === false) return false
  if (status !== undefined && status >= 400 && status < 500 && !PASSING_REFUSALS.includes(status)) return false
  if (shouldRetry && status !== undefined) return true
  if (code === 'quota') return false
  if (status !== undefined && LASTING_ERRORS.includes(status)) return false
  return PASSING.has(code) || (code === 'invalid-request' && status === 409)
}

/** What says that nobody is there or nothing works, and not that this one request or key has to wait. */
const DOWN: ReadonlySet<FailureCode> = new Set(['unavailable', 'timeout', 'network', 'truncated', 'malformed'])

export function isDown({ code, status }: Failure): boolean {
  return DOWN.has(code) && (status === undefined || status >= 500)
}
