/** The queue where it is kept in memory: of a window by itself, or of several in a test. */
import type { RateChange, RateHold, RateTicket, RateWork } from './rate.ts'
import { countsAt, holdKey, holdsAt } from './rate.ts'

/** What a window sees of a queue: as `Rates` of the store. */
export type RateView = {
  /** Without reading the queue. */
  change(now: number, change: RateChange): void
  turn<T>(provider: string, clock: () => number, work: RateWork<T>): T
  holds(provider: string): readonly RateHold[]
}

export class RateBook {
  readonly #tickets = new Map<string, RateTicket & { owner: string }>()
  readonly #holds = new Map<string, RateHold>()

  /** Of the window with this name. */
  view(owner: string): RateView {
    return {
      change: (now, change) => this.#change(owner, now, change),
      turn: (provider, clock, work) => this.#turn(owner, provider, clock(), work),
      holds: (provider) => [...this.#holds.values()].filter(({ target }) => target.provider === provider),
    }
  }

  #turn<T>(owner: string, provider: string, now: number, work: RateWork<T>): T {
    this.#removeOld(now)
    const tickets = [...this.#tickets.values()]
      .filter(({ target }) => target.provider === provider)
      .sort((one, other) => one.sequence - other.sequence)
      .map(({ owner: by, ...ticket }) => (by === owner ? ticket : { ...ticket, elsewhere: true as const }))
    const { change, result } = work({ now, tickets, holds: this.view(owner).holds(provider) })
    this.#change(owner, now, change)
    return result
  }

  #removeOld(now: number): void {
    for (const [id, ticket] of this.#tickets) if (!countsAt(ticket, now)) this.#tickets.delete(id)
    for (const [key, hold] of this.#holds) if (!holdsAt(hold, now)) this.#holds.delete(key)
  }

  #change(owner: string, now: number, { put = [], remove = [], release = [], hold = [] }: RateChange): void {
    this.#removeOld(now)
    for (const ticket of put) this.#tickets.set(ticket.id, { ...ticket, owner })
    for (const id of remove) this.#tickets.delete(id)
    for (const one of release) this.#holds.delete(holdKey(one))
    for (const one of hold) this.#holds.set(holdKey(one), { ...one })
  }
}
