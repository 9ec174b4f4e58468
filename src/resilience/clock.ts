/** Time and chance, so that tests hold both. */
export type Clock = {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** From 0 up to 1, without 1. */
  random(): number
}

/** Milliseconds, about 24.8 days: `setTimeout` fires at once when it is asked for more. */
export const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Milliseconds from now until a time that was set at most `most` ahead. One that is further off was set by a clock that has
 * been set back since: it is over, because else it would last for as long as that was.
 */
export function leftUntil(until: number, now: number, most: number): number {
  const left = until - now
  return left > most ? 0 : Math.max(0, left)
}

/** How often a long sleep looks at the time, in milliseconds. */
const LOOK = 1_000

/**
 * Timers stand still while a computer sleeps, and so does the monotonic clock on some systems; the wall clock goes on, but
 * may be set back. Whichever has moved further says how much of a sleep is over.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const wall = Date.now()
      const steady = performance.now()
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        resolve()
      }
      const look = (): void => {
        const left = ms - Math.max(Date.now() - wall, performance.now() - steady)
        if (left <= 0) return end()
        timer = setTimeout(look, Math.min(left, LOOK))
      }
      let timer = setTimeout(look, Math.max(0, Math.min(ms, LOOK)))
      signal.addEventListener('abort', end, { once: true })
    }),
}
