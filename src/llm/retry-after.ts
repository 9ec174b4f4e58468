/** How long a provider asks us to wait, read from its response headers. */

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

/**
 * Anthropic names a reset time for each limit, exhausted or not; only those with nothing left hold us back, and all of
 * them must have passed.
 */
function latestReset(headers: Headers, now: number): number | undefined {
  const waits: number[] = []
  for (const limit of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
    const name = `anthropic-ratelimit-${limit}`
    const wait = until(headers.get(`${name}-reset`), now)
    if (wait !== undefined && (number(headers.get(`${name}-remaining`)) ?? 0) === 0) waits.push(wait)
  }
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
