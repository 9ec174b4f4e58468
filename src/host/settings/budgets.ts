/** `panelist.budgets`, of the person or of a workspace, and the shared credits of a connection. */
import { isObject } from '../../shared/json.ts'
import type { BudgetRule, Budgets } from '../../usage/budgets.ts'
import { lowered, MONEY_SCOPES, noBudgets, WARN_AT } from '../../usage/budgets.ts'
import type { Credits } from '../../usage/credits.ts'
import { text } from './values.ts'

/** What a workspace says counts where it is lower. What cannot be used is told in `problems`, in whole sentences. */
export function readBudgets(user: unknown, workspace: unknown, problems: string[]): Budgets {
  return lowered({ ...noBudgets, ...read(user, problems) }, read(workspace, problems))
}

function read(value: unknown, problems: string[]): Partial<Budgets> {
  const budgets: Partial<Budgets> = {}
  if (!isObject(value)) {
    if (value != null) problems.push('panelist.budgets must be an object, such as { "day": 2 }: it is not kept to.')
    return budgets
  }
  for (const [name, entry] of Object.entries(value)) {
    const scope = MONEY_SCOPES.find((known) => known === name)
    if (name === 'unknownPrice') {
      if (entry === 'ask' || entry === 'allow') budgets.unknownPrice = entry
    } else if (!scope) problems.push(`“${name}” in panelist.budgets is none of ${MONEY_SCOPES.join(', ')}.`)
    else {
      const rule = ruleOf(entry, `panelist.budgets.${name}`, problems)
      if (rule) budgets[scope] = rule
      // Whoever means to have a budget is not left without one in silence.
      else if (entry !== null) problems.push(`panelist.budgets.${name} needs a limit in USD above 0, such as 2.`)
    }
  }
  return budgets
}

/** A number is a limit alone. */
function ruleOf(value: unknown, name: string, problems: string[]): BudgetRule | undefined {
  const { limit, warnAt, then } = isObject(value) ? value : { limit: value, warnAt: undefined, then: undefined }
  if (!isAmount(limit)) return undefined
  const isShare = typeof warnAt === 'number' && warnAt >= 0 && warnAt <= 1
  if (warnAt !== undefined && !isShare)
    problems.push(`${name}.warnAt is a share from 0 to 1: ${WARN_AT} stands for it.`)
  if (then !== undefined && then !== 'ask' && then !== 'stop')
    problems.push(`${name}.then is "ask" or "stop": "ask" stands for it.`)
  return { limit, warnAt: isShare ? warnAt : WARN_AT, then: then === 'stop' ? 'stop' : 'ask' }
}

/** Undefined where the connection is not shared. `name`: of the setting. */
export function readCredits(value: unknown, name: string, problems: string[]): Credits | undefined {
  if (value === undefined) return undefined
  const { allowance, per, rate, keyProfile } = isObject(value) ? value : {}
  const usd = isObject(rate) && isAmount(rate.usd) ? { usd: rate.usd } : undefined
  const tokens = isObject(rate) && isAmount(rate.tokens) ? { tokens: rate.tokens } : undefined
  const worth = usd ?? tokens
  if (!isAmount(allowance) || !worth) {
    problems.push(`${name} needs an allowance of credits, and what one is worth: a rate in usd or in tokens.`)
    return undefined
  }
  const profile = text(keyProfile)
  return {
    allowance,
    per: per === 'day' ? 'day' : 'month',
    rate: worth,
    ...(profile !== undefined && { keyProfile: profile }),
  }
}

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0
