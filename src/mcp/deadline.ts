/** How long a request may take: time without a sign of life, and time altogether. */

export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #idleMs: number
  #totalLeft: number
  #runningSince = 0
  #holds = 0
  #idle: NodeJS.Timeout | undefined
  #total: NodeJS.Timeout | undefined

  /** Milliseconds. */
  constructor(idleMs: number, totalMs: number) {
    this.#idleMs = idleMs
    this.#totalLeft = totalMs
    this.#run()
  }

  /** Aborted when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** There was a sign of life. */
  touch(): void {
    if (this.#holds > 0) return
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#controller.abort(), this.#idleMs)
  }

  /** The clock stands still while a person is asked; each hold wants its `resume`. */
  hold(): void {
    if (this.#holds++ > 0) return
    this.#stop()
    this.#totalLeft -= Date.now() - this.#runningSince
  }

  resume(): void {
    if (--this.#holds === 0) this.#run()
  }

  [Symbol.dispose](): void {
    this.#holds = Infinity
    this.#stop()
  }

  #run(): void {
    this.#runningSince = Date.now()
    this.#total = setTimeout(() => this.#controller.abort(), Math.max(0, this.#totalLeft))
    this.touch()
  }

  #stop(): void {
    clearTimeout(this.#idle)
    clearTimeout(this.#total)
  }
}
