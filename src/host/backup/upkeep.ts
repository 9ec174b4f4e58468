/** What the store needs now and then, in pieces that nobody feels: its index, what was deleted, and the weekly copy. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../store/store.ts'
import { describe } from '../log.ts'
import type { Log } from '../log.ts'
import { backUpWeekly } from './weekly.ts'

/** Milliseconds. The panel comes first; between two steps of the index the host is free. */
const BEGIN_INDEX = 1_000
const BETWEEN_STEPS = 30
const LOOK_EVERY = 60_000
const HOUR = 3_600_000

export type UpkeepParts = {
  store: Store
  /** Of the database. */
  folder: string
  log: Log
  /** More is found now than before. */
  indexed(): void
  now?: () => number
}

export class Upkeep {
  readonly #parts: UpkeepParts
  #index: NodeJS.Timeout | undefined
  readonly #looking: NodeJS.Timeout
  #lastHour: number
  #over = false

  constructor(parts: UpkeepParts) {
    this.#parts = parts
    this.#lastHour = -Infinity
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY)
    this.#looking.unref()
    this.index(BEGIN_INDEX)
  }

  /** Brings the index up to the messages, beginning after so many milliseconds. */
  index(after = BETWEEN_STEPS, worked = false): void {
    clearTimeout(this.#index)
    this.#index = setTimeout(() => {
      if (this.#over) return
      const { index } = this.#parts.store
      const found = worked || index.behind() > 0
      if (index.step()) this.index(BETWEEN_STEPS, found)
      else if (found) this.#parts.indexed()
    }, after)
    this.#index.unref()
  }

  /** What is due once an hour. Never rejects. */
  async hourly(): Promise<void> {
    const { store, folder, log, now = Date.now } = this.#parts
    this.#lastHour = now()
    try {
      while (!this.#over && store.conversations.purgeSome()) await pause(BETWEEN_STEPS)
      const path = await backUpWeekly(store, folder, now())
      if (path !== undefined) log.info(`the weekly copy of the chats is ${path}`)
    } catch (error) {
      log.warn(`upkeep of the chats: ${describe(error)}`)
    }
  }

  dispose(): void {
    this.#over = true
    clearTimeout(this.#index)
    clearInterval(this.#looking)
  }

  #look(): void {
    const { now = Date.now } = this.#parts
    this.index()
    if (now() - this.#lastHour >= HOUR) void this.hourly()
  }
}
