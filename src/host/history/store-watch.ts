/**
 * Sees that another window has written, and that one is gone in the middle of an answer, while a person can see a panel: one
 * question of microseconds to the database, and a second one now and then.
 */
import type { Store } from '../../store/store.ts'

const LOOK_MS = 400
/** A host that dies writes nothing: every so many looks it is asked whether those who write still live. */
const ALIVE_EVERY = 3
/** Milliseconds between two looks that only a computer that slept explains, and how long all who woke with it may take to say that they live. */
const SLEPT_MS = 5_000
const WAKING_MS = 10_000

export class StoreWatch {
  readonly #store: () => Store
  readonly #changed: () => void
  #timer: NodeJS.Timeout | undefined
  #version: number | undefined
  #looks = 0
  #last = Infinity
  #awake = 0

  constructor(store: () => Store, changed: () => void) {
    this.#store = store
    this.#changed = changed
  }

  /** Twice is no more than once. */
  start(): void {
    if (this.#timer) return
    this.#last = Infinity
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
    if (this.#settles() || changed) this.#changed()
  }

  /** True where an answer was settled that somebody left who is gone. */
  #settles(): boolean {
    const now = Date.now()
    if (now - this.#last > SLEPT_MS) this.#awake = now + WAKING_MS
    this.#last = now
    if (this.#looks++ % ALIVE_EVERY > 0 || now < this.#awake) return false
    return this.#store().journal.recover().length > 0
  }
}
