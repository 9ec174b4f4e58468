/** Numbers and names of the usage page as people read them. */
import { startOf } from '../../src/shared/day.ts'
import type { Day } from '../../src/shared/day.ts'
import type { Dimension, Percentiles } from '../../src/shared/usage.ts'
import type { FailureCode } from '../../src/shared/failure.ts'

/** USD, to the cent where that says something. */
export function money(amount: number): string {
  if (amount === 0) return '$0'
  if (amount < 0.01) return amount < 0.0001 ? '<$0.0001' : `$${amount.toFixed(4)}`
  return `$${amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}

/** With what nobody knows said beside it. */
export function knownCost({ cost, unpriced }: { cost: number; unpriced: number }): string {
  if (unpriced === 0) return money(cost)
  return cost > 0 ? `≥ ${money(cost)}` : 'unknown'
}

export const whole = (count: number): string => count.toLocaleString('en')

export const short = (count: number): string =>
  count.toLocaleString('en', { notation: 'compact', maximumFractionDigits: count < 1000 ? 0 : 1 })

/** Of what there are no halves of: nothing beside a line between two counts. */
export const counts = (count: number): string => (Number.isInteger(count) ? short(count) : '')

/** From milliseconds. */
export function time(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`
}

export const rate = (perSecond: number): string =>
  perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : whole(Math.round(perSecond))

export const share = (part: number, of: number): string =>
  of === 0 ? '0%' : `${((part / of) * 100).toLocaleString('en', { maximumFractionDigits: part / of < 0.1 ? 1 : 0 })}%`

export const both = (value: Percentiles | undefined, write: (one: number) => string): string =>
  value ? `${write(value.median)} / ${write(value.p95)}` : '–'

export function date(day: Day, years = false): string {
  return new Date(startOf(day)).toLocaleDateString('en', {
    day: 'numeric',
    month: 'short',
    ...(years && { year: 'numeric' }),
  })
}

export const DIMENSION_WORDS: Record<Dimension, { one: string; none: string }> = {
  model: { one: 'Model', none: 'no model' },
  provider: { one: 'Provider', none: 'no provider' },
  agent: { one: 'Agent', none: 'no agent' },
  workspace: { one: 'Workspace', none: 'no workspace' },
  keyProfile: { one: 'Key', none: 'no key' },
}

/** A value of a dimension: a folder by its last name, an agent's file without its ending. */
export function nameOf(dimension: Dimension, value: string, labels: Record<string, string>): string {
  if (value === '') return DIMENSION_WORDS[dimension].none
  if (dimension === 'provider') return labels[value] ?? value
  if (dimension === 'workspace') return lastOf(value)
  if (dimension === 'agent') return lastOf(value).replace(/(\.agent)?\.md$/, '')
  return value
}

function lastOf(uri: string): string {
  const last = uri.split('/').findLast((part) => part !== '') ?? uri
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

export const FAILURES: Record<FailureCode, string> = {
  auth: 'Key refused',
  permission: 'Not permitted',
  quota: 'Quota used up',
  'rate-limit': 'Too many requests',
  overloaded: 'Overloaded',
  unavailable: 'Not available',
  timeout: 'No answer in time',
  network: 'No connection',
  'invalid-request': 'Request not accepted',
  'context-length': 'Too long',
  'not-found': 'No such model',
  'content-filter': 'Stopped by a filter',
  truncated: 'Broke off',
  malformed: 'Answer not readable',
  budget: 'Budget met',
  unknown: 'Unknown',
}
