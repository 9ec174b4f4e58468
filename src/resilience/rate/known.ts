/** What this window knows of holds: all that any window was told of, and the roomy ones that only this one was. */
import type { RateHold } from '../../shared/rate.ts'
import { holdKey, holdsAt } from '../../shared/rate.ts'
import type { Outcome, Target } from '../admission.ts'
import type { Clock } from '../clock.ts'
import { isOf, isTight, learned } from './holds.ts'
import type { RateQueue } from './queue.ts'
import { Rooms } from './rooms.ts'

type Now = Pick<Clock, 'now'>

export class Known {
  readonly #queue: RateQueue
  readonly #own = new Map<string, readonly RateHold[]>()

  constructor(queue: RateQueue) {
    this.#queue = queue
  }

  /** Of a provider, and known here alone. */
  of(provider: string): readonly RateHold[] {
    return this.#own.get(provider) ?? []
  }

  replace(provider: string, holds: readonly RateHold[]): void {
    if (holds.length > 0) this.#own.set(provider, holds)
    else this.#own.delete(provider)
  }

  /** Takes what the request needs where nobody else has to hear of that; false, and nothing taken, where somebody has. */
  take(target: Target, tokens: number, now: number): boolean {
    const { provider } = target
    if (this.#queue.holds(provider).some((hold) => isOf(target, hold) && holdsAt(hold, now))) return false
    const own = this.of(provider)
    if (own.length === 0) return true
    const rooms = new Rooms([], own, now)
    rooms.take(target, tokens)
    const { told, own: left } = rooms.left
    if (told.length > 0) return false
    this.replace(provider, left)
    return true
  }

  giveBack(target: Target, tokens: number, { now }: Now): void {
    const { provider } = target
    const back = (shared: readonly RateHold[]): Rooms['left'] => {
      const rooms = new Rooms(shared, this.of(provider), now())
      rooms.giveBack(target, tokens)
      return rooms.left
    }
    const isShared = this.#queue.holds(provider).some((hold) => isOf(target, hold))
    const left = isShared
      ? this.#queue.turn(provider, now, ({ holds }) => {
          const result = back(holds)
          return { change: { hold: result.told }, result }
        })
      : back([])
    this.replace(provider, left.own)
  }

  /** Writes what is of concern to other windows, and nothing else. */
  learn(target: Target, outcome: Outcome, { now }: Now): void {
    const holds = learned(target, outcome, now())
    if (holds.length === 0) return
    const { provider } = target
    const keys = new Set(holds.map(holdKey))
    const roomy = holds.filter((hold) => !isTight(hold))
    this.replace(provider, [...this.of(provider).filter((hold) => !keys.has(holdKey(hold))), ...roomy])
    const hold = holds.filter(isTight)
    const written = new Set(this.#queue.holds(provider).map(holdKey))
    const release = roomy.filter((one) => written.has(holdKey(one)))
    if (hold.length + release.length > 0)
      this.#queue.turn(provider, now, () => ({ change: { hold, release }, result: undefined }))
  }
}
