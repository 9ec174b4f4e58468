/** How long a provider asks us to wait, in response headers, each under names of its own, in bodies and in sentences. */
import { isObject } from '../shared/json.ts'

type Headers = { get(name: string): string | null }

/**
 * Milliseconds from `now`, or undefined where no header says. Never negative. What cannot be understood, a negative number
 * among it, is as if it were not there.
 */
export function retryAfterMs(headers: Headers | undefined, now = Date.now()): number | undefined {
  if (!headers) return undefined
  const exact = number(headers.get('retry-after-ms'))
  if (exact !== undefined) return exact
  const asked = headers.get('retry-after')
  const seconds = number(asked, 1000)
  if (seconds !== undefined) return seconds
  return until(asked, now) ?? latestReset(headers, now)
}

/**
 * What the provider says of asking again in `x-should-retry`, which OpenAI, Anthropic and LiteLLM send and their SDKs obey;
 * undefined where it says nothing.
 */
export function shouldRetry(headers: Headers | undefined): boolean | undefined {
  const said = headers?.get('x-should-retry')?.trim().toLowerCase()
  return said === 'true' ? true : said === 'false' ? false : undefined
}

/** Milliseconds that the details of an error body name: Google's `RetryInfo`, `"retryDelay": "17s"`. */
export function retryDelayIn(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined
  const [, seconds] =
    details
      .map((detail) => (isObject(detail) && typeof detail.retryDelay === 'string' ? detail.retryDelay : ''))
      .map((delay) => /^(\d+(?:\.\d+)?)s$/.exec(delay))
      .find((match) => match !== null) ?? []
  return number(seconds ?? null, 1000)
}

/** Milliseconds that a sentence as "Please try again in 6m0.5s." names, or undefined where it names no time. */
export function waitIn(sentence: string): number | undefined {
  const [, said] =
    /\b(?:try again|retry) (?:in|after) ((?:about )?\d[\d.]* ?[a-z]+(?:\d[\d.]*[a-z]+)*)/i.exec(sentence) ?? []
  return said === undefined ? undefined : duration(said)
}

/** Each limit has its reset, exhausted or not; only those with nothing left hold us back, and all of them must have passed. */
function latestReset(headers: Headers, now: number): number | undefined {
  const waits: number[] = []
  const add = (wait: number | undefined, remaining: string | null): void => {
    if (wait !== undefined && (number(remaining) ?? 0) === 0) waits.push(wait)
  }
  // Anthropic names dates.
  for (const limit of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
    const name = `anthropic-ratelimit-${limit}`
    add(until(headers.get(`${name}-reset`), now), headers.get(`${name}-remaining`))
  }
  // OpenAI and who follows it name durations.
  for (const limit of ['requests', 'tokens']) {
    const remaining = headers.get(`x-ratelimit-remaining-${limit}`)
    add(duration(headers.get(`x-ratelimit-reset-${limit}`) ?? ''), remaining)
  }
  add(moment(headers.get('x-ratelimit-reset'), now), headers.get('x-ratelimit-remaining'))
  return waits.length > 0 ? Math.max(...waits) : undefined
}

/** A number of `unit` milliseconds each, as whole milliseconds. */
function number(text: string | null, unit = 1): number | undefined {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined
  const value = Math.round(Number(text) * unit)
  return Number.isSafeInteger(value) ? value : undefined
}

/** The three spellings of HTTP (RFC 9110, 5.6.7), of which the last names no zone and means UTC, and RFC 3339. */
const DATES = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
]

/** `Date.parse` alone would find a date in “-5” and in “soon 2099”. */
function until(text: string | null, now: number): number | undefined {
  const date = text?.trim() ?? ''
  const spelling = DATES.findIndex((each) => each.test(date))
  if (spelling < 0) return undefined
  const time = Date.parse(spelling === 2 ? `${date} GMT` : date)
  return Number.isNaN(time) ? undefined : Math.max(0, time - now)
}

/** OpenRouter gives epoch milliseconds, others epoch seconds or seconds from now: their sizes tell them apart. */
function moment(text: string | null, now: number): number | undefined {
  const seconds = number(text, 1000)
  if (seconds === undefined) return undefined
  if (seconds < 1e12) return seconds
  return Math.max(0, (seconds < 1e15 ? seconds : Math.round(seconds / 1000)) - now)
}

const UNITS: [RegExp, number][] = [
  [/^(ms|milli)/i, 1],
  [/^s/i, 1000],
  [/^m/i, 60_000],
  [/^h/i, 3_600_000],
  [/^d/i, 86_400_000],
]

/** `6m0.5s`, `20ms`, `30 seconds`, or a bare number of seconds, as milliseconds. */
function duration(text: string): number | undefined {
  const bare = number(text, 1000)
  if (bare !== undefined) return bare
  let total: number | undefined
  for (const [, amount, unit = ''] of text.matchAll(/(?<![-.\d])(\d+(?:\.\d+)?) ?([a-z]+)/gi)) {
    const factor = UNITS.find(([name]) => name.test(unit))?.[1]
    if (factor !== undefined) total = (total ?? 0) + Number(amount) * factor
  }
  return total === undefined ? undefined : Math.round(total)
}
