/** The queue before each provider, over all windows of a database. */
import type { RateHold, RateWork } from '../../shared/rate.ts'

export interface Rates {
  /**
   * Reads the queue of one provider and changes it, in one transaction, whatever other windows do. What is over, and what waits
   * in windows that died, is removed first. What this window waits with counts while it says at least every 30 s that it
   * lives, which each turn does. `clock` is asked once the transaction has begun.
   */
  turn<T>(provider: string, clock: () => number, work: RateWork<T>): T
  /** As any window wrote them last, those that are over among them. Costs microseconds while nothing changes. */
  holds(provider: string): readonly RateHold[]
}
