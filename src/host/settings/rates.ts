/** `panelist.rateLimits`: how many requests and tokens a minute a provider, a model or a key is to get at most. */
import type { RateLimit } from '../../resilience/rate/limits.ts'
import { isObject } from '../../shared/json.ts'
import type { Named } from './failover.ts'
import { idsOf } from './failover.ts'
import { text, tokens } from './values.ts'

/**
 * What cannot be used is left out and told in `problems`, in whole sentences. What limits must not be open for how it is
 * written: a provider may stand by its label, in letters of any case, and one that is not there is told.
 */
export function readRateLimits(value: unknown, known: readonly Named[], problems: string[]): RateLimit[] {
  const limits: RateLimit[] = []
  for (const [at, entry] of (Array.isArray(value) ? value : []).entries()) {
    const limit = isObject(entry) ? readLimit(entry) : undefined
    const ids = limit ? idsOf(limit.provider, known) : []
    if (limit && ids.length > 0) limits.push(...ids.map((provider) => ({ ...limit, provider })))
    else if (limit) problems.push(`“${limit.provider}” in panelist.rateLimits is no provider, so nothing is limited.`)
    else
      problems.push(
        `Entry ${at + 1} of panelist.rateLimits needs a provider, and requests or tokens: whole numbers above 0.`,
      )
  }
  return limits
}

function readLimit(entry: Record<string, unknown>): RateLimit | undefined {
  const provider = text(entry.provider)
  const [requests, size] = [tokens(entry.requests), tokens(entry.tokens)]
  if (provider === undefined || (requests === undefined && size === undefined)) return undefined
  const [model, key] = [text(entry.model), text(entry.key)]
  return {
    provider,
    ...(model !== undefined && { model }),
    ...(key !== undefined && { keyProfile: key }),
    ...(requests !== undefined && { requests }),
    ...(size !== undefined && { tokens: size }),
  }
}
