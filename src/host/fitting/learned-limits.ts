/** What models turned out to take, where a provider refused what was too long: for a day, since servers are set up anew. */
import { isObject } from '../../shared/json.ts'
import type { FactorMemory } from '../../usage/calibration.ts'

const KEY = 'panelist.learnedLimits'
const MOST_MODELS = 100
const LASTS_MS = 24 * 60 * 60 * 1000

export class LearnedLimits {
  readonly #memory: FactorMemory

  constructor(memory: FactorMemory) {
    this.#memory = memory
  }

  /** Tokens of a request, as we estimate them. */
  get(model: string): number | undefined {
    const known = Object.hasOwn(this.#all(), model) ? this.#all()[model] : undefined
    if (!isObject(known) || typeof known.limit !== 'number' || typeof known.at !== 'number') return undefined
    return Date.now() - known.at < LASTS_MS && known.limit > 0 ? known.limit : undefined
  }

  learn(model: string, limit: number): void {
    const { [model]: _, ...others } = this.#all()
    const kept = Object.entries(others).slice(1 - MOST_MODELS)
    void this.#memory.update(KEY, { ...Object.fromEntries(kept), [model]: { limit, at: Date.now() } })
  }

  #all(): Record<string, unknown> {
    return this.#memory.get<Record<string, unknown>>(KEY) ?? {}
  }
}
