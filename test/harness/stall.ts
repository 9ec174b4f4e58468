/**
 * A handicap for tests that count on speed: with `STALL_MS` in the environment this process, and each page of the webview's
 * tests, stands still at random as on a busy machine, for up to so many milliseconds at a time.
 */

/** Milliseconds; undefined where nothing is to be stalled. */
export const stallMs = Number(process.env['STALL_MS']) || undefined

/** Runs in a page as well: it knows nothing but what it is given. Short stalls are many, long ones are few. */
export function stallAtRandom(longest: number): void {
  const block = (): void => {
    const end = performance.now() + Math.random() ** 3 * longest
    while (performance.now() < end);
    next()
  }
  const next = (): void => {
    const timer: unknown = setTimeout(block, 5 + Math.random() * 200)
    if (typeof timer === 'object') (timer as NodeJS.Timeout).unref()
  }
  next()
}

if (stallMs !== undefined) stallAtRandom(stallMs)
