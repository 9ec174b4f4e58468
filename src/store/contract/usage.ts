/** The part of the store's contract that is about what requests come to. */
import type { ModelSpeed, UsageQuery, UsageReport, UsageRow } from '../../shared/usage.ts'

export interface UsageStatistics {
  /** Milliseconds also over a million requests. Speeds are of a sample where there are many, which says how large it is. */
  report(query: UsageQuery): UsageReport
  /** Everything the sums of a report are made of, by day. */
  rows(query: UsageQuery): UsageRow[]
  /** USD of the requests of this day whose cost is known, and how many there were. */
  today(): { cost: number; requests: number; unpriced: number }
  /** Of the newest requests that said something, by model. */
  speeds(): ModelSpeed[]
  /**
   * Removes requests that began before the day of `before` (epoch milliseconds), at most 500 at a time, the oldest first. False
   * once none is left.
   */
  expire(before: number): boolean
}
