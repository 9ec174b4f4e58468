/** What everyday requests tell of models and providers: counted again only after there were new ones. */
import type { OwnExperience } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import { healthOf } from '../../usage/health.ts'

/** Of the newest requests, so many are looked at for how providers do. */
const LOOKED_AT = 1_000

/** How long what was counted stands, in milliseconds: other windows have requests too, and bad news grows old. */
const STANDS = 15_000

export class Experience {
  readonly #store: () => Store
  readonly #now: () => number
  #known: { at: number; value: OwnExperience } | undefined

  constructor(store: () => Store, now: () => number = Date.now) {
    this.#store = store
    this.#now = now
  }

  get(): OwnExperience {
    const now = this.#now()
    if (this.#known && now - this.#known.at < STANDS) return this.#known.value
    const { usage, requests } = this.#store()
    const speeds = usage.speeds()
    const value = { speeds, health: healthOf(requests.list({ limit: LOOKED_AT }), speeds, now) }
    this.#known = { at: now, value }
    return value
  }

  /** There was a request. */
  forget(): void {
    this.#known = undefined
  }
}
