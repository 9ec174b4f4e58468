/** Shared credits: a connection that a team pays for has an allowance, and each request on it draws from that. */
import type { PaidBy } from '../shared/conversation.ts'
import type { Usage } from '../shared/message.ts'
import type { Limit } from './budgets.ts'
import { periodOf } from './budgets.ts'

/** What one credit stands for: USD, or tokens of any kind. */
export type CreditRate = { usd: number; tokens?: never } | { tokens: number; usd?: never }

export type Credits = {
  /** Credits of a period. */
  allowance: number
  per: 'day' | 'month'
  rate: CreditRate
  /** The name of the shared key. Absent: every key of the connection is. */
  keyProfile?: string
}

/** Whose money a request costs. A key of the person's own never draws credits. Undefined where nothing is asked for. */
export function paidBy(credits: Credits | undefined, keyProfile: string | undefined): PaidBy | undefined {
  const shared = credits !== undefined && (credits.keyProfile === undefined || credits.keyProfile === keyProfile)
  if (shared) return 'credits'
  return keyProfile === undefined ? undefined : 'key'
}

/** `cost`: USD. Undefined where the rate is in USD and the cost is not known. */
export function creditsFor(rate: CreditRate, tokens: number, cost: number | undefined): number | undefined {
  if (rate.tokens !== undefined) return tokens / rate.tokens
  return cost === undefined ? undefined : cost / rate.usd
}

export function tokensOf({ input, output, cacheRead, cacheWrite }: Usage): number {
  return input + output + cacheRead + cacheWrite
}

/** What there is of credits is not the person's to go beyond: nobody is asked. */
export function limitOfCredits(provider: string, { allowance, per }: Credits, now: number): Limit {
  const { since, resetsAt } = periodOf(per, now)
  const cap = { of: 'pool', key: provider, since, limit: allowance } as const
  return { scope: 'credits', cap, warnAt: 0.8, then: 'stop', ...(resetsAt !== undefined && { resetsAt }) }
}
