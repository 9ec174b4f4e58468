/** What a provider's own headers tell of the room that is left: `x-ratelimit-*` and `anthropic-ratelimit-*`. */
import type { RateHeaders } from '../admission.ts'

/** `resetAt`: epoch milliseconds at which there is room again. `limit`: of how many. */
export type Room = { remaining: number; resetAt: number; limit?: number }

export type Told = { requests?: Room; tokens?: Room }

type Names = { limit: string; remaining: string; reset: string }

const x = (what: string): Names => ({
  limit: `x-ratelimit-limit${what}`,
  remaining: `x-ratelimit-remaining${what}`,
  reset: `x-ratelimit-reset${what}`,
})
const anthropic = (what: string): Names => ({
  limit: `anthropic-ratelimit-${what}-limit`,
  remaining: `anthropic-ratelimit-${what}-remaining`,
  reset: `anthropic-ratelimit-${what}-reset`,
})

const REQUESTS = [x('-requests'), anthropic('requests'), x('')]
const TOKENS = [x('-tokens'), anthropic('tokens'), anthropic('input-tokens')]

/** `now`: epoch milliseconds. What cannot be understood is as if it were not there. */
export function roomIn(headers: RateHeaders, now: number): Told {
  const [requests, tokens] = [REQUESTS, TOKENS].map((names) => tightest(names, headers, now))
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}

function tightest(all: readonly Names[], headers: RateHeaders, now: number): Room | undefined {
  const rooms = all.map((names) => read(names, headers, now)).filter((room) => room !== undefined)
  return rooms.sort((one, other) => one.remaining - other.remaining)[0]
}

function read({ limit, remaining, reset }: Names, headers: RateHeaders, now: number): Room | undefined {
  const left = countIn(headers.get(remaining))
  const resetAt = timeIn(headers.get(reset), now)
  if (left === undefined || resetAt === undefined) return undefined
  const most = countIn(headers.get(limit))
  return { remaining: left, resetAt, ...(most !== undefined && { limit: most }) }
}

function countIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text.trim()) ? Number(text) : undefined
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `6m0s`, `120ms`, seconds, a time of the clock in seconds or milliseconds, or a date. */
function timeIn(text: string | null, now: number): number | undefined {
  const written = text?.trim() ?? ''
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(written)) {
    const spans = [...written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
    return now + spans.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
  }
  if (/^\d+(\.\d+)?$/.test(written)) {
    const value = Number(written)
    if (value > 1e12) return value
    return value > 1e9 ? value * 1_000 : now + value * 1_000
  }
  const date = /^\d{4}-\d\d-\d\dT/.test(written) ? Date.parse(written) : NaN
  return Number.isNaN(date) ? undefined : date
}
