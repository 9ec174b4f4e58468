/** The notices of budgets that are nearly used up: each stands until its budget begins anew. */
import { LONGEST_TIMER } from '../../resilience/clock.ts'
import type { Notice } from '../../shared/protocol.ts'

export type WarningsParts = {
  notices: { add(notice: Notice): void; dismiss(id: string): void }
  /** Epoch milliseconds. */
  now(): number
}

export class Warnings {
  readonly #parts: WarningsParts
  readonly #ends = new Map<string, NodeJS.Timeout>()

  constructor(parts: WarningsParts) {
    this.#parts = parts
  }

  /** `until`: epoch milliseconds; absent where it never begins anew. `over` is called then. */
  add(id: string, text: string, until: number | undefined, over: () => void): void {
    this.#parts.notices.add({ id, level: 'warning', text, action: 'open-settings' })
    if (until !== undefined) this.#wait(id, until, over)
  }

  dismiss(id: string): void {
    clearTimeout(this.#ends.get(id))
    this.#ends.delete(id)
    this.#parts.notices.dismiss(id)
  }

  /** A month is longer than a timer may be. */
  #wait(id: string, until: number, over: () => void): void {
    clearTimeout(this.#ends.get(id))
    const left = until - this.#parts.now()
    const next = (): void => {
      if (this.#parts.now() < until) return this.#wait(id, until, over)
      this.dismiss(id)
      over()
    }
    this.#ends.set(id, setTimeout(next, Math.min(Math.max(left, 1), LONGEST_TIMER)).unref())
  }
}
