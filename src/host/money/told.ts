import { isObject } from '../../shared/json.ts'
import type { Limit } from '../../usage/budgets.ts'
import type { Memory } from '../choice.ts'

const KEY = 'panelist.budgetsTold'
const MOST = 100

/** Which budgets the person was told of that they are nearly used up. It outlives the window. */
export class Told {
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** True the first time for each budget and each time that it counts. */
  isNews(limit: Limit): boolean {
    const name = nameOf(limit)
    const { since } = limit.cap
    const { [name]: before, ...others } = this.#all()
    if (before === since) return false
    const kept = [...Object.entries(others).slice(1 - MOST), [name, since]]
    void this.#memory.update(KEY, Object.fromEntries(kept))
    return true
  }

  /** What was said of it was taken back: it is news again. */
  forget(limit: Limit): void {
    const { [nameOf(limit)]: _, ...others } = this.#all()
    void this.#memory.update(KEY, others)
  }

  #all(): Record<string, unknown> {
    const stored = this.#memory.get(KEY)
    return isObject(stored) ? stored : {}
  }
}

const nameOf = ({ scope, cap: { key, limit } }: Limit): string => JSON.stringify([scope, key, limit])
