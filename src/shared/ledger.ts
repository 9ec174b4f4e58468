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

/** `at`: epoch milliseconds. The amounts are what it may cost at most. */
export type Entry = EntryPlace & Amount & { id: string; at: number }

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

/** Sums of money are compared to a billionth: 0.1 + 0.2 fits under 0.3. */
const ROUNDING = 1e-9

/** The places of those caps that the entry does not fit under. What costs nothing fits everywhere. */
export function shortOf(entry: Amount, caps: readonly Cap[], spent: readonly Spent[]): number[] {
  return caps.flatMap(({ of, limit }, at) => {
    const wanted = of === 'pool' ? entry.credits : entry.amount
    const { used, reserved } = spent[at] ?? { used: 0, reserved: 0 }
    return wanted > 0 && used + reserved + wanted > limit + ROUNDING ? [at] : []
  })
}
