/** What must not be lost because the database is locked, or the disk full, just now: it is written as soon as it can be. */
import { isBusy } from '../store/sqlite.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'

/** Milliseconds between two tries. */
const AGAIN_AFTER = 5_000
/** Each try waits for a lock for seconds, in which the host does nothing else: the longer it lasts, the rarer they are. */
const RAREST = 60_000
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
    const wait = isBusy(error) ? Math.min(AGAIN_AFTER * 2 ** (TRIES - tries), RAREST) : AGAIN_AFTER
    setTimeout(() => persist(what, write, log, over, tries - 1), wait).unref()
    return
  }
  over(true)
}
