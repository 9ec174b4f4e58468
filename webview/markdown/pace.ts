/**
 * Bounds what drawing may take of the page's time. The tail of an answer is nearly always short; where a model writes
 * one enormous paragraph it is not, and then it is drawn less often: drawing gets at most a quarter of the time.
 */
const CHEAP_MS = 4
const SHARE = 4

export function paced(draw: (source: string) => void): { run(source: string): void; stop(): void } {
  let free = 0
  let timer = 0
  let waiting = ''
  const now = (): void => {
    timer = 0
    const start = performance.now()
    draw(waiting)
    const cost = performance.now() - start
    free = cost > CHEAP_MS ? start + cost * SHARE : 0
  }
  return {
    run(source) {
      waiting = source
      if (timer) return
      const wait = free - performance.now()
      if (wait <= 0) now()
      else timer = window.setTimeout(now, wait)
    },
    stop() {
      clearTimeout(timer)
      timer = 0
    },
  }
}
