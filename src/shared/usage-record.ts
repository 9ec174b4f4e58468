/** One row for every API request, also for those that failed: what usage, speed and budgets are computed from. */
import type { ConversationId, PaidBy } from './conversation.ts'
import type { FailureCode } from './failure.ts'
import type { Price, ProviderId } from './model.ts'

export type RequestOutcome = 'done' | 'aborted' | 'refused' | 'limit' | 'failed'

export type RequestRecord = {
  id: string
  provider: ProviderId
  /** The id the request asked for. */
  model: string
  /** The name of the key that was used, never the key. */
  keyProfile?: string
  agent?: string
  conversation?: ConversationId
  /** Folder URI. */
  workspace?: string
  /** Epoch milliseconds. */
  startedAt: number
  /** From request to the first text, thinking or tool argument. */
  firstTokenMs?: number
  durationMs: number
  /** Disjoint token counts; `reasoning` is part of `output`. */
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  reasoning: number
  /** USD. Absent means unknown. */
  cost?: number
  /** 1 for the first try. */
  attempt: number
  /** The provider that failed before this one was asked. */
  failoverFrom?: ProviderId
  outcome: RequestOutcome
  failureCode?: FailureCode
  httpStatus?: number
  /** The provider's own id of the request. */
  requestId?: string
  paidBy?: PaidBy
}

/**
 * A request for an answer that has gone out: what is settled from where its window dies before its end. `record`: as far as it
 * is known. `inputTokens`: estimated. `price`: as it was then.
 */
export type RequestBegun = { record: RequestRecord; inputTokens: number; price?: Price }
