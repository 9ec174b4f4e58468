/** The clock of the machine, but faster: the same in every process that is told the same beginning. */
import type { Clock } from '../../src/resilience/clock.ts'
import { systemClock } from '../../src/resilience/clock.ts'

/** `begin`: epoch milliseconds. */
export function fastClock(begin: number, times: number): Clock {
  return {
    now: () => begin + (Date.now() - begin) * times,
    random: () => Math.random(),
    sleep: (ms, signal) => systemClock.sleep(Math.max(1, ms / times), signal),
  }
}
