/** Budgets as they are set, and the limits they make of a request: for how long each counts, and what happens at its end. */
import type { Cap, EntryPlace } from '../shared/ledger.ts'

export const MONEY_SCOPES = ['conversation', 'agent', 'workspace', 'day', 'month'] as const
export type MoneyScope = (typeof MONEY_SCOPES)[number]

/** `limit`: USD. `warnAt`: the share of it, 0 to 1, at which the person is told. `then`: what happens at the limit. */
export type BudgetRule = { limit: number; warnAt: number; then: 'ask' | 'stop' }

export type Budgets = Partial<Record<MoneyScope, BudgetRule>> & {
  /** What happens to requests whose price nobody knows, where a budget would count them. */
  unknownPrice: 'ask' | 'allow'
}

export const WARN_AT = 0.8
export const noBudgets: Budgets = { unknownPrice: 'ask' }

/** A limit of one request. `resetsAt`: epoch milliseconds; absent where it never does. */
export type Limit = { scope: MoneyScope | 'credits'; cap: Cap; warnAt: number; then: 'ask' | 'stop'; resetsAt?: number }

/** What another party may do to a person's budgets: make them lower, or stricter. Never higher, and never milder. */
export function lowered(own: Budgets, other: Partial<Budgets>): Budgets {
  const result: Budgets = {
    ...own,
    unknownPrice: other.unknownPrice === 'ask' ? 'ask' : own.unknownPrice,
  }
  for (const scope of MONEY_SCOPES) {
    const [mine, theirs] = [own[scope], other[scope]]
    if (!theirs) continue
    result[scope] = mine
      ? {
          limit: Math.min(mine.limit, theirs.limit),
          warnAt: Math.min(mine.warnAt, theirs.warnAt),
          then: mine.then === 'stop' || theirs.then === 'stop' ? 'stop' : 'ask',
        }
      : theirs
  }
  return result
}

/** For how many days an entry of the ledger may be asked for by itself: longer than any period that begins anew. */
export const LEDGER_DAYS = 62

/** A chat's budget is for all its time, a day's for the day; the others are for the month. Local time. */
const PERIODS: Record<MoneyScope, 'ever' | 'day' | 'month'> = {
  conversation: 'ever',
  agent: 'month',
  workspace: 'month',
  day: 'day',
  month: 'month',
}

/** The limits that hold for what belongs there. */
export function limitsOf(budgets: Budgets, place: EntryPlace, now: number): Limit[] {
  return MONEY_SCOPES.flatMap((scope): Limit[] => {
    const rule = budgets[scope]
    const named = namedBy(scope, place)
    if (!rule || !named) return []
    const { since, resetsAt } = periodOf(PERIODS[scope], now)
    const cap = { ...named, since, limit: rule.limit }
    return [{ scope, cap, warnAt: rule.warnAt, then: rule.then, ...(resetsAt !== undefined && { resetsAt }) }]
  })
}

type Named = { of: 'all' } | { of: 'conversation' | 'agent' | 'workspace'; key: string }

function namedBy(scope: MoneyScope, place: EntryPlace): Named | undefined {
  if (scope === 'day' || scope === 'month') return { of: 'all' }
  const key = place[scope]
  return key === undefined ? undefined : { of: scope, key }
}

/** When a period that `now` is in began, and when the next one does. Epoch milliseconds. */
export function periodOf(period: 'ever' | 'day' | 'month', now: number): { since: number; resetsAt?: number } {
  if (period === 'ever') return { since: 0 }
  const date = new Date(now)
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()]
  return period === 'day'
    ? { since: new Date(year, month, day).getTime(), resetsAt: new Date(year, month, day + 1).getTime() }
    : { since: new Date(year, month, 1).getTime(), resetsAt: new Date(year, month + 1, 1).getTime() }
}
