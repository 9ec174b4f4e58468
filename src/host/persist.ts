/** What must not be lost because the database is locked, or the disk full, just now: it is written as soon as it can be. */
import type { Log } from './log.ts'
import { describe } from './log.ts'

/** Milliseconds between two tries. */
const AGAIN_AFTER = 5_000
/** Another window may put back a large copy meanwhile, which takes minutes. */
const TRIES = 120

/** Tries now, and then behind. `over` is told once it is written, or given up. Never throws. */
export function persist(
  what: string,
  write: () => void,
  log: Pick<Log, 'error'>,
  over: (written: boolean) => void = () => undefined,
  tries = TRIES,
): void {
  try {
    write()
  } catch (error) {
    log.error(`${what} could not be stored: ${describe(error)}`)
    if (tries <= 1) return over(false)
    setTimeout(() => persist(what, write, log, over, tries - 1), AGAIN_AFTER).unref()
    return
  }
  over(true)
}
