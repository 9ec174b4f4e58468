/** Sees that another window has written, while a person can see a panel: one question of microseconds to the database. */
import type { Store } from '../../store/store.ts'

const LOOK_MS = 400

export class StoreWatch {
  readonly #store: () => Store
  readonly #changed: () => void
  #timer: NodeJS.Timeout | undefined
  #version: number | undefined

  constructor(store: () => Store, changed: () => void) {
    this.#store = store
    this.#changed = changed
  }

  /** Twice is no more than once. */
  start(): void {
    if (this.#timer) return
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#look()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** What was written while nobody looked is told at the next start. */
  #look(): void {
    const version = this.#store().dataVersion()
    const changed = this.#version !== undefined && version !== this.#version
    this.#version = version
    if (changed) this.#changed()
  }
}
