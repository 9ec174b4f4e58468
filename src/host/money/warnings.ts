/** The notices of budgets that are nearly used up: each stands until its budget begins anew, or is another one. */
import type { Notice } from '../../shared/protocol.ts'
import type { Limit } from '../../usage/budgets.ts'

export type WarningsParts = {
  notices: { add(notice: Notice): void; dismiss(id: string): void }
  /** Epoch milliseconds. */
  now(): number
}

/** How often it is looked whether a budget has begun anew, in milliseconds. */
const LOOK = 60_000

export class Warnings {
  readonly #parts: WarningsParts
  readonly #limits = new Map<string, Limit>()
  readonly #ends = new Map<string, NodeJS.Timeout>()

  constructor(parts: WarningsParts) {
    this.#parts = parts
  }

  /** `over` is called where the budget begins anew. */
  add(id: string, text: string, limit: Limit, over: () => void): void {
    this.#limits.set(id, limit)
    this.#parts.notices.add({ id, level: 'warning', text, action: 'open-settings' })
    if (limit.resetsAt !== undefined) this.#wait(id, limit.resetsAt, over)
  }

  /** `holds`: false for a budget that is no longer as it was told of. Returns those. */
  keep(holds: (limit: Limit) => boolean): Limit[] {
    const gone = [...this.#limits].filter(([, limit]) => !holds(limit))
    for (const [id] of gone) this.dismiss(id)
    return gone.map(([, limit]) => limit)
  }

  dismiss(id: string): void {
    clearTimeout(this.#ends.get(id))
    this.#ends.delete(id)
    this.#limits.delete(id)
    this.#parts.notices.dismiss(id)
  }

  /** Timers stand still while a computer sleeps, and a month is longer than one may be. */
  #wait(id: string, until: number, over: () => void): void {
    clearTimeout(this.#ends.get(id))
    const left = until - this.#parts.now()
    const next = (): void => {
      if (this.#parts.now() < until) return this.#wait(id, until, over)
      this.dismiss(id)
      over()
    }
    this.#ends.set(id, setTimeout(next, Math.min(Math.max(left, 1), LOOK)).unref())
  }
}
