/** How long a provider asks us to wait: in response headers, each provider under names of its own, or in its sentence. */

type Headers = { get(name: string): string | null }

/** Milliseconds from `now`, or undefined where no header says. Never negative. */
export function retryAfterMs(headers: Headers | undefined, now = Date.now()): number | undefined {
  if (!headers) return undefined
  const exact = number(headers.get('retry-after-ms'))
  if (exact !== undefined) return Math.round(exact)
  const asked = headers.get('retry-after')
  const seconds = number(asked)
  if (seconds !== undefined) return Math.round(seconds * 1000)
  return until(asked, now) ?? latestReset(headers, now)
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

function number(text: string | null): number | undefined {
  if (text === null || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined
  return Number(text)
}

function until(date: string | null, now: number): number | undefined {
  const time = date === null ? Number.NaN : Date.parse(date)
  return Number.isNaN(time) ? undefined : Math.max(0, time - now)
}

/** OpenRouter gives epoch milliseconds, others epoch seconds or seconds from now: their sizes tell them apart. */
function moment(text: string | null, now: number): number | undefined {
  const value = number(text)
  if (value === undefined) return undefined
  if (value < 1e9) return Math.round(value * 1000)
  return Math.max(0, Math.round(value < 1e12 ? value * 1000 - now : value - now))
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
  const bare = number(text)
  if (bare !== undefined) return Math.round(bare * 1000)
  let total: number | undefined
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/gi)) {
    const factor = UNITS.find(([name]) => name.test(unit))?.[1]
    if (factor !== undefined) total = (total ?? 0) + Number(amount) * factor
  }
  return total === undefined ? undefined : Math.round(total)
}
