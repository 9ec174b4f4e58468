/** Work that is asked for more often than it needs to be done. */
import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds from the first wish to the work, so that a burst of wishes is one. */
const BURST_MS = 50

/** Does the work of a kind once at a time, and once more where somebody asked while it was being done. */
export class Again<Kind> {
  readonly #work: (kind: Kind) => Promise<void>
  readonly #state = new Map<Kind, 'waiting' | 'running' | 'again'>()

  /** `work` never rejects. */
  constructor(work: (kind: Kind) => Promise<void>) {
    this.#work = work
  }

  ask(kind: Kind): void {
    const state = this.#state.get(kind)
    if (state === undefined) void this.#run(kind)
    else if (state === 'running') this.#state.set(kind, 'again')
  }

  async #run(kind: Kind): Promise<void> {
    do {
      this.#state.set(kind, 'waiting')
      await pause(BURST_MS)
      this.#state.set(kind, 'running')
      await this.#work(kind)
    } while (this.#state.get(kind) === 'again')
    this.#state.delete(kind)
  }
}
