/** The log of the host, while the panel shows it. */
import type { LogEntry, LogLevel, LogSource } from '../../src/shared/log-entry.ts'
import { logLevels, logSources } from '../../src/shared/log-entry.ts'
import type { Bridge } from '../bridge.ts'

/** Lines that are kept here, as many as the host keeps. */
const MOST_KEPT = 2_000

export class LogStore {
  /** Lines of this level and above are shown. */
  level: LogLevel = $state('debug')
  sources: readonly LogSource[] = $state.raw(logSources)
  follow = $state(true)
  /** Why there is no log. */
  problem: string | undefined = $state()
  /** Oldest first. */
  #entries: LogEntry[] = $state.raw([])
  readonly #bridge: Bridge
  readonly #open = { shown: false, after: 0 }

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /** Every line that fits the filter, oldest first. No `$derived`: this outlives the view that made it. */
  get fitting(): LogEntry[] {
    return this.#entries.filter((entry) => this.#fits(entry))
  }

  get empty(): boolean {
    return this.#entries.length === 0
  }

  async open(): Promise<void> {
    this.#open.shown = true
    try {
      this.hear(await this.#bridge.ask('log', { after: this.#last }))
      this.problem = undefined
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  /** Nothing is told or kept any more. */
  close(): void {
    this.#open.shown = false
    this.#entries = []
    this.#bridge.ask('log-close', {}).catch(() => undefined)
  }

  /** The host tells nothing more after a snapshot, and what it told may be lost. */
  again(): void {
    if (this.#open.shown) void this.open()
  }

  /** Lines that are known already may come again. */
  hear(entries: readonly LogEntry[]): void {
    if (!this.#open.shown) return
    const fresh = entries.filter(({ seq }) => seq > this.#last)
    if (fresh.length > 0) this.#entries = [...this.#entries, ...fresh].slice(-MOST_KEPT)
  }

  /** What was told so far does not come back, also when the view is opened anew. */
  clear(): void {
    this.#open.after = this.#last
    this.#entries = []
  }

  toggle(source: LogSource): void {
    const on = this.sources.includes(source)
    this.sources = logSources.filter((one) => (one === source ? !on : this.sources.includes(one)))
  }

  get #last(): number {
    return this.#entries.at(-1)?.seq ?? this.#open.after
  }

  #fits({ level, source }: LogEntry): boolean {
    return logLevels.indexOf(level) >= logLevels.indexOf(this.level) && this.sources.includes(source)
  }
}
