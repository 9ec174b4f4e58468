/** The holds of one provider while it is decided who may go: what each takes of a room is gone for those behind it. */
import type { Target } from '../admission.ts'
import type { RateHold } from '../../shared/rate.ts'
import { holdKey, holdsAt } from '../../shared/rate.ts'
import { heldBy, isOf, isTight, takenOf } from './holds.ts'

/** `taken` is for good, `reserved` for those of other windows that go now. */
type Room = { hold: RateHold; shared: boolean; taken: number; reserved: number }

export class Rooms {
  readonly #rooms = new Map<string, Room>()

  /** `shared`: what all windows know. It counts before what only this one does. */
  constructor(shared: readonly RateHold[], own: readonly RateHold[], now: number) {
    const add = (hold: RateHold, isShared: boolean): void => {
      if (holdsAt(hold, now)) this.#rooms.set(holdKey(hold), { hold, shared: isShared, taken: 0, reserved: 0 })
    }
    for (const hold of own) add(hold, false)
    for (const hold of shared) add(hold, true)
  }

  heldBy(target: Target, tokens: number): RateHold | undefined {
    const left = this.#of(target).map(({ hold, taken, reserved }): RateHold => {
      return hold.remaining === undefined ? hold : { ...hold, remaining: hold.remaining - taken - reserved }
    })
    return heldBy(left, tokens)
  }

  take(target: Target, tokens: number, by: 'taken' | 'reserved' = 'taken', times = 1): void {
    for (const room of this.#of(target)) room[by] += times * takenOf(room.hold, tokens)
  }

  /** A request of this target never went out. */
  giveBack(target: Target, tokens: number): void {
    this.take(target, tokens, 'taken', -1)
  }

  /** What is known afterwards: `told` is to be written for all, `own` is all that stays with this window. */
  get left(): { told: RateHold[]; own: RateHold[] } {
    const [told, own]: [RateHold[], RateHold[]] = [[], []]
    for (const { hold, shared, taken } of this.#rooms.values()) {
      const left = hold.remaining === undefined ? hold : { ...hold, remaining: hold.remaining - taken }
      if (shared ? taken !== 0 && left.remaining !== undefined : isTight(left)) told.push(left)
      else if (!shared) own.push(left)
    }
    return { told, own }
  }

  #of(target: Target): Room[] {
    return [...this.#rooms.values()].filter(({ hold }) => isOf(target, hold))
  }
}
