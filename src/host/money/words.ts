/** What a person is told of budgets and credits. */
import type { Failure } from '../../shared/failure.ts'
import type { BudgetView } from '../../shared/protocol.ts'

/** Cents, and where that says nothing two digits that do. */
export function usd(amount: number): string {
  if (amount === 0 || amount >= 0.1) return `$${amount.toFixed(2)}`
  return amount < 0.0001 ? 'less than $0.0001' : `$${Number(amount.toPrecision(2))}`
}

const whole = (credits: number): string =>
  `${Number(credits.toPrecision(3)).toLocaleString('en-US')} ${credits === 1 ? 'credit' : 'credits'}`

export const amountIn = ({ scope }: Pick<BudgetView, 'scope'>, amount: number): string =>
  scope === 'credits' ? whole(amount) : usd(amount)

export const leftOf = ({ limit, used, reserved }: BudgetView): number => Math.max(0, limit - used - reserved)

/** As the subject of a sentence, without its limit: “today's budget”. */
export function nameOf({ scope, name }: Pick<BudgetView, 'scope' | 'name'>): string {
  switch (scope) {
    case 'conversation':
      return 'the budget of this chat'
    case 'agent':
      return `this month's budget of the agent${name === undefined ? '' : ` ${name}`}`
    case 'workspace':
      return `this month's budget of the workspace`
    case 'day':
      return `today's budget`
    case 'month':
      return `this month's budget`
    case 'credits':
      return name === undefined ? 'the shared credits' : `the shared credits of ${name}`
  }
}

/** “today's budget of $2.00 has $0.10 left”. */
export function standing(view: BudgetView): string {
  const verb = view.scope === 'credits' ? 'have' : 'has'
  return `${nameOf(view)} of ${amountIn(view, view.limit)} ${verb} ${amountIn(view, leftOf(view))} left`
}

const joined = (parts: string[]): string => parts.join(', and ')

function until({ resetsAt }: BudgetView, now: number): string {
  if (resetsAt === undefined) return ''
  return resetsAt - now <= 24 * 3600 * 1000 + 3600 * 1000
    ? ' It begins anew at midnight.'
    : ` It begins anew on ${new Date(resetsAt).toLocaleDateString('en-US', { month: 'long', day: 'numeric' })}.`
}

/** `most`: what the request may cost, in the unit of the budgets; undefined where nobody knows. */
export function met(views: readonly BudgetView[], most: number | undefined, now: number): Failure {
  const [first] = views
  if (!first) return unchecked()
  const what =
    most === undefined ? 'nobody knows what this request costs' : `this request may cost ${amountIn(first, most)}`
  const advice =
    first.scope === 'credits'
      ? 'Use a key of your own, choose another model, or wait until there are credits again.'
      : 'Choose a cheaper model, set a lower limit for the answer, or raise the budget in the settings.'
  const message = `Nothing was sent: ${what}, and ${joined(views.map(standing))}.${until(first, now)} ${advice}`
  return { code: 'budget', message }
}

/** A budget would have to count it, and cannot. */
export function unpriced(model: string): Failure {
  return {
    code: 'budget',
    message: `Nothing was sent: nobody knows what ${model} costs, so your budgets cannot be held to. Choose a model with a known price, set its price in panelist.models, or set unknownPrice to "allow" in panelist.budgets.`,
  }
}

export function stopped(views: readonly BudgetView[]): Failure {
  const why = views.length > 0 ? `${joined(views.map(standing))}, and you stopped it.` : 'you stopped it.'
  return { code: 'budget', message: `Nothing was sent: ${why}` }
}

export function unchecked(): Failure {
  return {
    code: 'budget',
    message:
      'Nothing was sent: your budgets could not be looked at, because the database did not answer. Try again; the log has more.',
  }
}

/** Once the warning share is reached. */
export function warning(view: BudgetView): string {
  const share = Math.min(100, Math.floor((view.used / view.limit) * 100))
  const name = nameOf(view)
  const verb = view.scope === 'credits' ? 'are' : 'is'
  const sum = `${amountIn(view, view.used)} of ${amountIn(view, view.limit)}`
  return `${share}% of ${name} ${verb} used: ${sum}.`
}
