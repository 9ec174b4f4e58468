/** What requests come to: the answers to the questions of the usage page. */
import type { ConversationId } from './conversation.ts'
import type { Day } from './day.ts'
import type { FailureCode } from './failure.ts'
import type { ProviderId } from './model.ts'

export const DIMENSIONS = ['provider', 'model', 'agent', 'workspace', 'keyProfile'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** One value of a dimension each; empty: the requests that have none. */
export type UsageFilters = { [Name in Dimension]?: string }

/** Both days belong to it. Absent: from the first on, to the last. */
export type UsageQuery = { from?: Day; to?: Day; filters?: UsageFilters }

/** Requests are attempts, also those that failed. Disjoint token counts; `reasoning` is part of `output`. */
export type Sums = {
  requests: number
  failures: number
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  reasoning: number
  /** USD, of the requests whose cost is known. */
  cost: number
  /** Requests with tokens of which nobody knows what they cost. */
  unpriced: number
}

/** `name` is the value of the dimension, empty where the requests have none. A model has its provider. */
export type UsageGroup = Sums & { name: string; provider?: ProviderId }

/** Milliseconds, or tokens a second. Both are values that occurred: the nearest rank. */
export type Percentiles = { median: number; p95: number }

/**
 * `answers`: how many it is of; those that said nothing have no first token. `rate`: tokens a second after the first, as far as
 * is certain (`rateOf`).
 */
export type Speed = { answers: number; firstToken?: Percentiles; rate?: Percentiles }

export type ChatCost = {
  conversation: ConversationId
  /** Absent where the conversation is gone. */
  title?: string
  requests: number
  cost: number
  unpriced: number
}

export type UsageSpeed = {
  /** Requests that were looked at. Fewer than there are: they were taken evenly out of all of them. */
  sampled: number
  of: number
  total: Speed
  days: (Speed & { day: Day })[]
  by: Record<Dimension, (Speed & { name: string; provider?: ProviderId })[]>
}

export type UsageReport = {
  /** The first day there is a request of, whatever was asked. */
  first?: Day
  totals: Sums
  /** Only days with requests, in their order. */
  days: (Sums & { day: Day })[]
  /** What each provider had on each of these days. */
  providerDays: { day: Day; provider: ProviderId; cost: number; requests: number }[]
  /** The dearest first, then the most requests. */
  by: Record<Dimension, UsageGroup[]>
  /** The most frequent first. */
  failures: { code: FailureCode; requests: number }[]
  /** The dearest, at most 20. */
  chats: ChatCost[]
  speed: UsageSpeed
}

/** What one combination had on one day. `failure` is empty for what did not fail. */
export type UsageRow = Omit<Sums, 'failures'> & Record<Dimension, string> & { day: Day; failure: string }

/** A model's own speed in everyday requests. */
export type ModelSpeed = Speed & { provider: ProviderId; model: string }

export const noSums = (): Sums => ({
  requests: 0,
  failures: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  cost: 0,
  unpriced: 0,
})

/** Milliseconds of writing below which a rate says nothing: what came in one piece. */
const SHORTEST = 50

/**
 * Tokens a second after the first one; undefined where too few came for it. Reasoning may have come before the first token,
 * unseen, or after it: it counts for the time after it only as far as it is certain, so that no model seems faster than it is.
 */
export function rateOf({
  output,
  reasoning = 0,
  durationMs,
  firstTokenMs,
}: {
  output: number
  reasoning?: number | undefined
  durationMs: number
  firstTokenMs: number
}): number | undefined {
  const writing = durationMs - firstTokenMs
  if (output < 2 || writing <= SHORTEST) return undefined
  const [said, all] = [Math.max(0, output - reasoning) / writing, reasoning > 0 ? output / durationMs : 0]
  return Math.max(said, all) * 1000
}
