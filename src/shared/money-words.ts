/** Budgets in words, for the panel and for failures. */
import { dayOf } from './day.ts'
import { ROUNDING } from './ledger.ts'
import type { BudgetQuestion, BudgetView } from './protocol.ts'

/** Cents, and where that says nothing two digits that do. */
export function usd(amount: number): string {
  if (amount === 0 || amount >= 0.0995) return `$${amount.toFixed(2)}`
  return amount < 0.0001 ? 'less than $0.0001' : `$${Number(amount.toPrecision(2))}`
}

/** Three digits, and of many all before the point: two of them must not look the same because they are large. */
const counted = (credits: number): string =>
  (credits < 100 ? Number(credits.toPrecision(3)) : Math.round(credits)).toLocaleString('en-US')

const whole = (credits: number): string => `${counted(credits)} ${credits === 1 ? 'credit' : 'credits'}`

export const amountIn = ({ scope }: Pick<BudgetView, 'scope'>, amount: number): string =>
  scope === 'credits' ? whole(amount) : usd(amount)

/** “$1.70 of $2.00”, “310 of 1,000 credits”. */
export function usedOf({ scope, used, limit }: BudgetView): string {
  if (scope !== 'credits') return `${usd(used)} of ${usd(limit)}`
  return `${counted(used)} of ${whole(limit)}`
}

/** What a person is asked where a budget is met, in one line. */
export function budgetWords({ estimate, model }: Pick<BudgetQuestion, 'estimate' | 'model'>): string {
  if (estimate === undefined) return `Send to ${model}, whose price nobody knows?`
  return `Send for up to ${usd(estimate)}, past a budget?`
}

export function leftOf({ limit, used, reserved }: BudgetView): number {
  const left = limit - used - reserved
  return left < ROUNDING ? 0 : left
}

/** As the subject of a sentence, without its limit: “today's budget”. */
export function nameOf({ scope, name }: Pick<BudgetView, 'scope' | 'name'>): string {
  switch (scope) {
    case 'conversation':
      return name === undefined ? 'the budget of this chat' : `the budget of the chat “${name}”`
    case 'agent':
      return `this month's budget of the agent${name === undefined ? '' : ` ${name}`}`
    case 'workspace':
      return "this month's budget of the workspace"
    case 'day':
      return "today's budget"
    case 'month':
      return "this month's budget"
    case 'credits':
      return name === undefined ? 'the shared credits' : `the shared credits of ${name}`
  }
}

/** “today's budget of $2.00 has $0.10 left”. */
export function standing(view: BudgetView): string {
  const verb = view.scope === 'credits' ? 'have' : 'has'
  return `${nameOf(view)} of ${amountIn(view, view.limit)} ${verb} ${amountIn(view, leftOf(view))} left`
}

/** How much of it is used or held, 0 to 1. */
export const shareOf = ({ limit, used, reserved }: BudgetView): number => Math.min(1, (used + reserved) / limit)

/** “at midnight”, “on December 1”; empty where it never begins anew. `now`: epoch milliseconds. */
export function beginsAnew({ resetsAt }: BudgetView, now: number): string {
  if (resetsAt === undefined) return ''
  if (dayOf(resetsAt - 1) === dayOf(now)) return 'at midnight'
  return `on ${new Date(resetsAt).toLocaleDateString('en-US', { month: 'long', day: 'numeric' })}`
}
