/**
 * How far our estimate of a model's tokens is off, learned from what its provider counted: tokenizers differ by half and
 * more. One factor a model, kept over restarts.
 */
export type FactorMemory = {
  get<T>(key: string): T | undefined
  update(key: string, value: unknown): PromiseLike<void>
}

const KEY = 'panelist.tokenFactors'
/** Beyond these a count was of something else than we estimated: of images, of a hidden prompt. */
const LEAST = 0.5
export const MOST = 2
/** In a shorter text what every request holds beside its words would count more than the words. In tokens. */
const ENOUGH = 50
const MOST_MODELS = 200
/** Factors that differ by less are the same. */
const NOTABLE = 0.01

export class Calibration {
  readonly #memory: FactorMemory

  constructor(memory: FactorMemory) {
    this.#memory = memory
  }

  /** `real` and `estimated`: tokens of the same request. What is too short or no number teaches nothing. */
  learn(model: string, real: number, estimated: number): void {
    if (!(estimated >= ENOUGH && real >= ENOUGH && Number.isFinite(real / estimated))) return
    const factor = Math.min(MOST, Math.max(LEAST, real / estimated))
    if (this.knows(model) && Math.abs(factor - this.factor(model)) < NOTABLE) return
    const { [model]: _, ...others } = this.#factors()
    const kept = Object.entries(others).slice(1 - MOST_MODELS)
    void this.#memory.update(KEY, { ...Object.fromEntries(kept), [model]: factor })
  }

  /** False as long as estimates for this model are a mere guess. */
  knows(model: string): boolean {
    return Object.hasOwn(this.#factors(), model)
  }

  /** From 0.5 to 2; 1 for a model nothing is known of. */
  factor(model: string): number {
    const factor = Object.hasOwn(this.#factors(), model) ? this.#factors()[model] : undefined
    return typeof factor === 'number' && factor >= LEAST && factor <= MOST ? factor : 1
  }

  /** Our estimate as this model would count it, in whole tokens. */
  correct(model: string, estimated: number): number {
    return Math.round(estimated * this.factor(model))
  }

  #factors(): Record<string, unknown> {
    return this.#memory.get<Record<string, unknown>>(KEY) ?? {}
  }
}
