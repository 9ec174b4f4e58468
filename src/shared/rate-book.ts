/** The queue where it is kept in memory: of a window by itself, or of several in a test. */
import type { RateHold, RateTicket, RateWork } from './rate.ts'
import { countsAt, holdKey, holdsAt } from './rate.ts'

/** What a window sees of a queue: as `Rates` of the store. */
export type RateView = {
  turn<T>(provider: string, clock: () => number, work: RateWork<T>): T
  holds(provider: string): readonly RateHold[]
}

export class RateBook {
  readonly #tickets = new Map<string, RateTicket & { owner: string }>()
  readonly #holds = new Map<string, RateHold>()

  /** Of the window with this name. */
  view(owner: string): RateView {
    return {
      turn: (provider, clock, work) => this.#turn(owner, provider, clock(), work),
      holds: (provider) => [...this.#holds.values()].filter(({ target }) => target.provider === provider),
    }
  }

  /** A window is gone: what it waited with is no longer in anybody's way. */
  forget(owner: string): void {
    for (const [id, ticket] of this.#tickets)
      if (ticket.owner === owner && ticket.sentAt === undefined) this.#tickets.delete(id)
  }

  /** Everything in it, for tests. */
  get size(): number {
    return this.#tickets.size
  }

  #turn<T>(owner: string, provider: string, now: number, work: RateWork<T>): T {
    for (const [id, ticket] of this.#tickets) if (!countsAt(ticket, now)) this.#tickets.delete(id)
    for (const [key, hold] of this.#holds) if (!holdsAt(hold, now)) this.#holds.delete(key)
    const tickets = [...this.#tickets.values()]
      .filter(({ target }) => target.provider === provider)
      .sort((one, other) => one.sequence - other.sequence)
      .map(({ owner: by, ...ticket }) => (by === owner ? ticket : { ...ticket, elsewhere: true as const }))
    const { change, result } = work({ now, tickets, holds: this.view(owner).holds(provider) })
    for (const ticket of change.put ?? []) this.#tickets.set(ticket.id, { ...ticket, owner })
    for (const id of change.remove ?? []) this.#tickets.delete(id)
    for (const hold of change.release ?? []) this.#holds.delete(holdKey(hold))
    for (const hold of change.hold ?? []) this.#holds.set(holdKey(hold), { ...hold })
    return result
  }
}
