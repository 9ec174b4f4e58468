/** Models a person marked as favourites, and those they chose last. */
import type { ModelRef } from '../shared/protocol.ts'
import type { Memory } from './choice.ts'

const FAVOURITES = 'panelist.favouriteModels'
const RECENT = 'panelist.recentModels'
const MOST_RECENT = 8

export class Likes {
  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
  }

  get favourites(): ModelRef[] {
    return this.#memory.get<ModelRef[]>(FAVOURITES) ?? []
  }

  /** Newest first. */
  get recent(): ModelRef[] {
    return this.#memory.get<ModelRef[]>(RECENT) ?? []
  }

  async mark({ provider, model }: ModelRef, on: boolean): Promise<void> {
    const others = this.favourites.filter((ref) => !isSame(ref, { provider, model }))
    await this.#memory.update(FAVOURITES, on ? [...others, { provider, model }] : others)
  }

  async used({ provider, model }: ModelRef): Promise<void> {
    const others = this.recent.filter((ref) => !isSame(ref, { provider, model }))
    await this.#memory.update(RECENT, [{ provider, model }, ...others].slice(0, MOST_RECENT))
  }
}

const isSame = (one: ModelRef, other: ModelRef): boolean => one.provider === other.provider && one.model === other.model
