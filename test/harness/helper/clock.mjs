/**
 * The clock of the extension host under a test's control. All extensions of a window share one set of globals, so a helper
 * beside Panelist can move the time on: what is installed has no such door.
 *
 * Time passes as ever. `pass` adds to it: every clock says so from then on, and what Panelist waits for with `setTimeout`
 * and would be over by then is over, in its order; what it does again and again with `setInterval` happens once more. Only waits of half a second and more are moved: shorter ones end by themselves.
 */
const LEAST = 500
/** Of the stack of who waits: the editor's own timers are none of ours. */
const PANELIST = /[\\/]panelist\.panelist-[^\\/]*[\\/]|[\\/]dist[\\/]extension\.cjs/

let ahead = 0
const waiting = new Map()
const ticking = new Map()

export function takeClock() {
  const { setTimeout: wait, clearTimeout: stop, setInterval: every, clearInterval: halt, Date: RealDate } = globalThis
  const isOurs = (ms) => ms >= LEAST && PANELIST.test(new Error('who waits').stack)
  const now = RealDate.now
  RealDate.now = () => now() + ahead
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, made) =>
      Reflect.construct(target, given.length > 0 ? given : [target.now()], made === globalThis.Date ? target : made),
  })
  globalThis.setTimeout = Object.assign((work, ms = 0, ...given) => {
    if (!isOurs(ms)) return wait(work, ms, ...given)
    const end = () => {
      waiting.delete(timer)
      work(...given)
    }
    const timer = wait(end, ms)
    waiting.set(timer, { at: RealDate.now() + ms, end })
    return timer
  }, wait)
  globalThis.clearTimeout = (timer) => {
    waiting.delete(timer)
    stop(timer)
  }
  globalThis.setInterval = Object.assign((work, ms = 0, ...given) => {
    const timer = every(work, ms, ...given)
    if (isOurs(ms)) ticking.set(timer, { ms, next: RealDate.now() + ms, tick: () => work(...given) })
    return timer
  }, every)
  globalThis.clearInterval = (timer) => {
    ticking.delete(timer)
    halt(timer)
  }
}

/** Milliseconds. */
export function pass(ms) {
  ahead += ms
  const over = [...waiting].filter(([, { at }]) => at <= Date.now()).sort(([, one], [, other]) => one.at - other.at)
  for (const [timer, { end }] of over) {
    // What one of them did may have ended another.
    if (!waiting.has(timer)) continue
    clearTimeout(timer)
    end()
  }
  for (const [timer, one] of [...ticking]) {
    if (one.next > Date.now() || !ticking.has(timer)) continue
    one.next = Date.now() + one.ms
    one.tick()
  }
}
