/**
 * The log of a window: every line goes to the output channel, and the last ones are kept for the panels that show them.
 * Whatever looks like a key, and every value that was hidden, is taken out before either gets the line.
 */
import { withoutKeys } from '../llm/redact.ts'
import type { LogEntry, LogLevel, LogSource } from '../shared/log-entry.ts'
import type { Log } from './log.ts'
import { KEY_LIKE } from './log.ts'

const MOST_ENTRIES = 2_000
/** UTF-16 units of all texts that are kept. */
const MOST_TEXT = 512 * 1024
const LONGEST_TEXT = 2_000
/** Shorter values would be found in the middle of ordinary words. */
const SHORTEST_SECRET = 6
const MOST_SECRETS = 100

export class LiveLog implements Log {
  readonly #channel: Log
  readonly #now: () => number
  /** Oldest first. */
  readonly #entries: LogEntry[] = []
  readonly #listeners = new Set<() => void>()
  readonly #secrets = new Set<string>()
  #size = 0
  #seq = 0

  constructor(channel: Log, now: () => number = Date.now) {
    this.#channel = channel
    this.#now = now
  }

  /** A log whose lines say whose work they tell of. */
  from(source: LogSource): Log {
    const at = (level: LogLevel) => (line: string | Error) => this.#add(level, source, line)
    return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }

  trace(line: string): void {
    this.#add('trace', 'host', line)
  }

  debug(line: string): void {
    this.#add('debug', 'host', line)
  }

  info(line: string): void {
    this.#add('info', 'host', line)
  }

  warn(line: string): void {
    this.#add('warn', 'host', line)
  }

  error(line: string | Error): void {
    this.#add('error', 'host', line)
  }

  /** From now on this value is in no line, whatever it looks like. Values too short to be a key are left alone. */
  hide(secret: string): void {
    const value = secret.replace(/\s+/g, ' ').trim()
    if (value.length < SHORTEST_SECRET) return
    this.#secrets.delete(value)
    this.#secrets.add(value)
    const [oldest] = this.#secrets
    if (this.#secrets.size > MOST_SECRETS && oldest !== undefined) this.#secrets.delete(oldest)
  }

  /** What is kept of the lines after this one, oldest first. */
  after(seq: number): LogEntry[] {
    const first = this.#entries[0]?.seq ?? 0
    return this.#entries.slice(Math.max(seq + 1 - first, 0))
  }

  /** Calls back after each line. Returns how to stop that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #add(level: LogLevel, source: LogSource, line: string | Error): void {
    const text = this.#clean(line instanceof Error ? `${line.name}: ${line.message}` : line)
    this.#channel[level](`[${source}] ${text}`)
    this.#entries.push({ seq: ++this.#seq, at: this.#now(), level, source, text })
    this.#size += text.length
    while (this.#entries.length > MOST_ENTRIES || this.#size > MOST_TEXT) {
      this.#size -= this.#entries.shift()?.text.length ?? 0
    }
    for (const listener of this.#listeners) listener()
  }

  /** A text as long as it is, without what looks like a key and without every value that was hidden. */
  redact(text: string): string {
    // The longest first: one value may be the beginning of another.
    const secrets = [...this.#secrets].sort((one, other) => other.length - one.length)
    return withoutKeys(text, secrets).replace(KEY_LIKE, '[redacted]')
  }

  /** Cut only once it is clean, so that no piece of a key is left at the end. */
  #clean(line: string): string {
    const text = this.redact(line.replace(/\s+/g, ' '))
    return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT).toWellFormed()}…` : text
  }
}
