/** A line of the log in words. */
import type { LogEntry } from '../../src/shared/log-entry.ts'

/** As it is copied. */
export function lineText({ at, level, source, text }: LogEntry): string {
  return `${new Date(at).toISOString()} ${level} [${source}] ${text}\n`
}

/** The time of day to the millisecond, of epoch milliseconds. */
export function exactClock(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
