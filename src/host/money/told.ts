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
  isNews({ scope, cap: { key, since, limit } }: Limit): boolean {
    const name = JSON.stringify([scope, key, limit])
    const stored = this.#memory.get(KEY)
    const told = isObject(stored) ? stored : {}
    if (told[name] === since) return false
    const { [name]: _, ...others } = told
    const kept = [...Object.entries(others).slice(1 - MOST), [name, since]]
    void this.#memory.update(KEY, Object.fromEntries(kept))
    return true
  }
}
