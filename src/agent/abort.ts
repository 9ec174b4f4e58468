/** Waiting that a signal ends, also for work that does not listen to it. */

/**
 * What the work gives, or undefined where it has not ended `grace` milliseconds after the signal was aborted. What it
 * throws after that is lost. Rejects where the work does before.
 */
export function whenSettled<T>(work: Promise<T>, signal: AbortSignal, grace: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const leave = (): void => {
      timer = setTimeout(() => resolve(undefined), grace)
    }
    const stop = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    work.finally(stop).then(resolve, reject)
  })
}
