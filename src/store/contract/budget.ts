/** The ledger over all windows of a database. */
import type { Amount, Cap, Entry, Reserved, Spent } from '../../shared/ledger.ts'

export interface Budget {
  /**
   * Holds what a request may cost, or nothing where that does not fit under one of the caps: read and written in one
   * transaction, whatever other windows do. What windows that died have held is settled first: by what the journal tells of it, or
   * as if all of it was paid where nothing does.
   */
  reserve(entry: Entry, caps: readonly Cap[]): Reserved
  /** What it did cost. The first call counts, also after its window was taken for dead; further ones do nothing. */
  settle(id: string, amount: Amount): void
  /** It cost nothing. Nothing happens to what is settled. */
  refund(id: string): void
  /**
   * Forgets single entries of before so many epoch milliseconds, a few hundred at a time: what was refunded, and what was
   * settled into one entry for each place. Sums since then, and those of all time, stay what they are. True where there are
   * more.
   */
  carry(before: number): boolean
  /** For each cap. */
  spent(caps: readonly Cap[]): Spent[]
  /** The ids of the agents that cost something since then (epoch milliseconds), the dearest first. */
  agents(since: number): string[]
}
