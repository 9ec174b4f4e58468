/** Work that many things call for, done once for all of them. */
import { setImmediate as nextTurn } from 'node:timers/promises'

export class Repeated {
  readonly #work: () => Promise<void>
  #running: Promise<void> | undefined
  /** It was called for since it last began. */
  #again = false

  /** `work`: never rejects. */
  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Resolves once the work has been done from its beginning after this call. What calls for it meanwhile has it done once more. */
  run(): Promise<void> {
    this.#again = true
    return (this.#running ??= this.#runAll())
  }

  async #runAll(): Promise<void> {
    while (this.#again) {
      // A request that goes out now does not wait for what is only shown.
      await nextTurn()
      this.#again = false
      await this.#work()
    }
    this.#running = undefined
  }
}
