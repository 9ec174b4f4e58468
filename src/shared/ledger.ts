/** The ledger of money: what requests may cost, and what they did. Kept by the store, ruled by `src/usage`. */
import type { ConversationId } from './conversation.ts'

/** What a request belongs to. `pool`: the provider whose shared credits it draws instead of the person's money. */
export type EntryPlace = {
  conversation?: ConversationId
  /** The agent's id. */
  agent?: string
  /** Folder URI. */
  workspace?: string
  pool?: string
}

/** USD of the person's own, and credits of a pool. Neither is negative. */
export type Amount = { amount: number; credits: number }

/** `at`: epoch milliseconds. The amounts are what it may cost at most. `unknown`: nobody knows that, but it is not nothing. */
export type Entry = EntryPlace & Amount & { id: string; at: number; unknown?: true }

/**
 * What entries since `since` (epoch milliseconds) may come to. `all` and the places but `pool` count USD, `pool` counts its
 * credits. `key` names the conversation, agent, workspace or pool.
 */
export type Cap = { since: number; limit: number } & (
  { of: 'all'; key?: never } | { of: keyof EntryPlace; key: string }
)

/** What is settled, and what is held for requests that are under way. In the unit of the cap. */
export type Spent = { used: number; reserved: number }

/** `short`: the places, in the list of caps, of those it does not fit under. `spent`: before it, for each cap. */
export type Reserved = { held: true; spent: Spent[] } | { held: false; spent: Spent[]; short: number[] }

/** Sums of money are compared to a billionth, in USD or credits: 0.1 + 0.2 fits under 0.3. */
export const ROUNDING = 1e-9

/** Nothing is left under a cap. */
export const isUsedUp = ({ limit }: Pick<Cap, 'limit'>, { used, reserved }: Spent): boolean =>
  used + reserved >= limit - ROUNDING

/**
 * The places of those caps that the entry does not fit under. What costs nothing fits everywhere, and what nobody knows as long
 * as anything is left.
 */
export function shortOf(
  entry: Amount & Pick<Entry, 'unknown'>,
  caps: readonly Cap[],
  spent: readonly Spent[],
): number[] {
  return caps.flatMap((cap, at) => {
    const wanted = cap.of === 'pool' ? entry.credits : entry.amount
    const before = spent[at] ?? { used: 0, reserved: 0 }
    const isOver = wanted > 0 && before.used + before.reserved + wanted > cap.limit + ROUNDING
    return isOver || (entry.unknown && isUsedUp(cap, before)) ? [at] : []
  })
}
