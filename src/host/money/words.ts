/** What a person is told of budgets and credits. */
import type { Failure } from '../../shared/failure.ts'
import { amountIn, beginsAnew, nameOf, standing, usedOf } from '../../shared/money-words.ts'
import type { BudgetView } from '../../shared/protocol.ts'

const joined = (parts: string[]): string => parts.join(', and ')

function until(view: BudgetView, now: number): string {
  const when = beginsAnew(view, now)
  if (when === '') return ''
  return view.scope === 'credits' ? ` There are new ones ${when}.` : ` It begins anew ${when}.`
}

/** Why it is more than a person was told before. */
const UNTIL_COUNTED = ' (until its model has counted a first one, its input counts double)'

/** `most`: what is held for the request, in the unit of the budgets; undefined where nobody knows. `guessed`: with a margin. */
export function met(views: readonly BudgetView[], most: number | undefined, now: number, guessed = false): Failure {
  const [first] = views
  if (!first) return unchecked()
  const what =
    most === undefined
      ? 'nobody knows what this request costs'
      : `this request may cost ${amountIn(first, most)}${guessed ? UNTIL_COUNTED : ''}`
  const advice =
    first.scope === 'credits'
      ? 'Use a key of your own, choose another model, or wait until there are credits again.'
      : 'Choose a cheaper model, set a lower limit for the answer, or raise the budget in the settings.'
  const message = `Nothing was sent: ${what}, and ${joined(views.map(standing))}.${until(first, now)} ${advice}`
  return { code: 'budget', message }
}

/** A budget would have to count it, and cannot. `hard`: those of them that nobody may pass. */
export function unpriced(model: string, hard: readonly BudgetView[] = []): Failure {
  const why = hard.length > 0 ? `and ${joined(hard.map(stops))}` : 'so your budgets cannot be held to'
  return {
    code: 'budget',
    message: `Nothing was sent: nobody knows what ${model} costs, ${why}. Choose a model with a known price, set its price in panelist.models, or set unknownPrice to "allow" in panelist.budgets.`,
  }
}

function stops(view: BudgetView): string {
  const limited = `${nameOf(view)} of ${amountIn(view, view.limit)}`
  return view.scope === 'credits' ? `${limited} would have to count it` : `${limited} is set to stop`
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
  return `${share}% of ${name} ${verb} used: ${usedOf(view)}.`
}
