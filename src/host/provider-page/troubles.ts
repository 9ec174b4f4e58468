/** The last answer of each provider that failed, until one works. Lasts as long as the window. */
import type { Failure } from '../../shared/failure.ts'

export type Trouble = { text: string; at: number }

export class Troubles {
  readonly #last = new Map<string, Trouble>()

  of(provider: string): Trouble | undefined {
    return this.#last.get(provider)
  }

  /** How an answer ended: without a failure what was wrong before is over. True where that is news. */
  note(provider: string, failure: Failure | undefined): boolean {
    if (!failure) return this.#last.delete(provider)
    this.#last.set(provider, { text: failure.message, at: Date.now() })
    return true
  }
}
