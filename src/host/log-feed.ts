/** Tells one page of new lines while it shows the log, gathered so that a busy host does not send line by line. */
import type { LogEntry } from '../shared/log-entry.ts'
import type { LiveLog } from './live-log.ts'

const PERIOD = 100

export class LogFeed {
  readonly #log: Pick<LiveLog, 'after' | 'listen'>
  readonly #tell: (entries: LogEntry[]) => void
  #told = 0
  #timer: NodeJS.Timeout | undefined
  #stopListening: (() => void) | undefined

  constructor(log: Pick<LiveLog, 'after' | 'listen'>, tell: (entries: LogEntry[]) => void) {
    this.#log = log
    this.#tell = tell
  }

  /** What is kept after this line; what comes then is told. */
  open(after: number): LogEntry[] {
    this.close()
    const entries = this.#log.after(after)
    this.#told = entries.at(-1)?.seq ?? after
    this.#stopListening = this.#log.listen(() => (this.#timer ??= setTimeout(() => this.#flush(), PERIOD)))
    return entries
  }

  close(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #flush(): void {
    this.#timer = undefined
    const entries = this.#log.after(this.#told)
    this.#told = entries.at(-1)?.seq ?? this.#told
    if (entries.length > 0) this.#tell(entries)
  }
}
