/**
 * One request in the ledger: what it may cost is held before it goes out, and what it did cost is settled after. Nothing
 * here waits or asks; who does is told by what it does not fit under.
 */
import type { PaidBy } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { Amount, Cap, Entry, EntryPlace, Reserved, Spent } from '../shared/ledger.ts'
import type { Usage } from '../shared/message.ts'
import type { Budgets, Limit } from './budgets.ts'
import { limitsOf } from './budgets.ts'
import type { Credits } from './credits.ts'
import { creditsFor, limitOfCredits, tokensOf } from './credits.ts'

/** What keeps the entries: the store. */
export interface Entries {
  reserve(entry: Entry, caps: readonly Cap[]): Reserved
  settle(id: string, amount: Amount): void
  refund(id: string): void
}

/** `estimate`: what it may cost at most, USD; absent where the price is unknown. `tokens`: it may take at most. */
export type Priced = {
  place: Omit<EntryPlace, 'pool'>
  provider: string
  paidBy: PaidBy | undefined
  credits: Credits | undefined
  estimate?: number
  tokens: number
}

/** As of `admission.ts`. */
export type Came = { usage?: Usage; cost?: number; failure?: Failure }

/** A limit that the request does not fit under, and what was spent and held before it. */
export type Short = Limit & Spent

/** What a request may cost at most, and the limits that count it. `unknown`: nobody knows, though a limit should count it. */
export type Bill = Amount & { entry: EntryPlace; limits: Limit[]; unknown: boolean }

/** What is drawn from a pool costs the person nothing, so no budget of theirs counts it. */
export function billOf(request: Priced, budgets: Budgets, now: number): Bill {
  const { place, provider, credits, estimate, tokens } = request
  if (request.paidBy === 'credits' && credits) {
    const most = creditsFor(credits.rate, tokens, estimate)
    const limits = [limitOfCredits(provider, credits, now)]
    return { amount: 0, credits: most ?? 0, entry: { ...place, pool: provider }, limits, unknown: most === undefined }
  }
  const limits = limitsOf(budgets, place, now)
  // What needs no key is asked for no money.
  const unknown = estimate === undefined && request.paidBy === 'key' && limits.length > 0
  return { amount: estimate ?? 0, credits: 0, entry: place, limits, unknown }
}

/** Undefined once it is held; else all that it does not fit under. `counts`: false for limits that the person lets it pass. */
export function hold(
  entries: Entries,
  id: string,
  { entry, limits, amount, credits, unknown }: Bill,
  counts: (limit: Limit) => boolean,
  now: number,
): Short[] | undefined {
  const counted = limits.filter(counts)
  const reserved = entries.reserve(
    { ...entry, id, at: now, amount, credits, ...(unknown && { unknown }) },
    counted.map(({ cap }) => cap),
  )
  if (reserved.held) return undefined
  return reserved.short.flatMap((at) => {
    const [limit, spent] = [counted[at], reserved.spent[at]]
    return limit && spent ? [{ ...limit, ...spent }] : []
  })
}

/**
 * Settled or given back, once. What failed draws no credits. Of money, what the provider says it cost counts in any case, and
 * what nobody knows is nothing.
 */
export function settle(entries: Entries, id: string, { paidBy, credits }: Priced, came: Came): void {
  const { usage, cost, failure } = came
  if (paidBy === 'credits' && credits) {
    const drawn = failure || !usage ? 0 : creditsFor(credits.rate, tokensOf(usage), cost)
    return drawn ? entries.settle(id, { amount: 0, credits: drawn }) : entries.refund(id)
  }
  return cost ? entries.settle(id, { amount: cost, credits: 0 }) : entries.refund(id)
}
