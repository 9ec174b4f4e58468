/** How long to wait before the same is asked again. Times are in milliseconds. */
import type { Failure } from '../shared/failure.ts'

export type RetrySettings = {
  /** How often a request is repeated at most: 0 for never. */
  attempts: number
  /** The most that is waited before the first repetition; doubled for each that follows. */
  baseDelay: number
  /** The longest wait that a provider may ask for. Where it asks for more, nothing is tried again. */
  maxWait: number
}

export const defaultRetry: RetrySettings = { attempts: 3, baseDelay: 1_000, maxWait: 60_000 }

/** The longest wait that no provider asked for. */
export const LONGEST_BACKOFF_MS = 30_000

/**
 * Exponential backoff with full jitter: anything from nothing to `baseDelay` doubled with each repetition, so that many
 * who were refused together do not come back together. `repetition`: 1 for the first. `random`: from 0 up to 1.
 */
export function backoff(repetition: number, { baseDelay, maxWait }: RetrySettings, random: () => number): number {
  const most = Math.min(baseDelay * 2 ** (repetition - 1), LONGEST_BACKOFF_MS, maxWait)
  return Math.round(random() * most)
}

/**
 * The wait before this repetition: never shorter than what the provider asks for, by whatever header or sentence, and
 * with jitter on top of that. Undefined where it asks for more than may be waited. Where it asks for no wait at all, or for one
 * that its clock has over, the backoff is all there is.
 */
export function waitFor(
  failure: Pick<Failure, 'retryAfterMs'>,
  repetition: number,
  settings: RetrySettings,
  random: () => number,
): number | undefined {
  const asked = failure.retryAfterMs
  const jitter = backoff(asked ? 1 : repetition, settings, random)
  if (asked === undefined) return jitter
  if (asked > settings.maxWait) return undefined
  return Math.min(asked + jitter, settings.maxWait)
}
