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

  /** Counts again. True where a provider does otherwise than was last told, however long ago that was. */
  renew(): boolean {
    const told = this.#known
    this.#known = undefined
    return told !== undefined && statesOf(told.value) !== statesOf(this.get())
  }

  /** True where something was told that is over by itself after a while, or once another window is answered. */
  get troubled(): boolean {
    return Object.values(this.#known?.value.health ?? {}).some(({ state }) => state !== 'ok')
  }
}

const statesOf = ({ health }: OwnExperience): string =>
  JSON.stringify(Object.entries(health).map(([provider, { state }]) => [provider, state]))
