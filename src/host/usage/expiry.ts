/** Old requests and old entries of the ledger go little by little, so that nobody feels it. */
import type { Store } from '../../store/store.ts'
import { LEDGER_DAYS } from '../../usage/budgets.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'

/** Milliseconds. */
const BETWEEN = 1_000
const DAY = 86_400_000

export type ExpiryParts = {
  store(): Store
  /** How many days requests are kept; 0: for ever. */
  keepDays(): number
  log: Log
  now?: () => number
  between?: number
}

export class Expiry {
  readonly #parts: ExpiryParts
  #next: NodeJS.Timeout | undefined

  constructor(parts: ExpiryParts) {
    this.#parts = parts
  }

  /** Works until what is too old is gone; does nothing where it works already. */
  begin(): void {
    this.#next ??= setTimeout(() => this.#step(), 0).unref()
  }

  dispose(): void {
    clearTimeout(this.#next)
  }

  #step(): void {
    this.#next = undefined
    const { store, keepDays, log, now = Date.now, between = BETWEEN } = this.#parts
    const days = keepDays()
    try {
      const more = [
        days > 0 && store().usage.expire(now() - days * DAY),
        // Of what was spent nothing is forgotten, so this is no matter of settings.
        store().budget.carry(now() - LEDGER_DAYS * DAY),
      ]
      if (!more.includes(true)) return
      this.#next = setTimeout(() => this.#step(), between).unref()
    } catch (error) {
      log.warn(`old requests and what they cost: ${describe(error)}`)
    }
  }
}
