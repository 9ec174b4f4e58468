/** One look at a queue: who of this window goes now, and until when the others wait. */
import type { RateChange, RateHold, RateState, RateTicket } from '../../shared/rate.ts'
import type { RateLimit } from './limits.ts'
import type { Slot } from './plan.ts'
import { Plan } from './plan.ts'
import { Rooms } from './rooms.ts'

/** Of this window. `sequence`: absent until it has a place in the queue. */
export type Asked = Omit<RateTicket, 'sequence' | 'sentAt'> & { sequence?: number }

export type Verdict = { is: 'goes'; ticket: RateTicket } | { is: 'waits'; ticket: RateTicket; slot: Slot }

/** `verdicts` by id. `own`: the holds that only this window knows, from now on. */
export type Decided = { change: RateChange; result: { now: number; verdicts: Map<string, Verdict>; own: RateHold[] } }

export function decide(
  state: RateState,
  asked: readonly Asked[],
  limits: readonly RateLimit[],
  holds: readonly RateHold[],
): Decided {
  const { now, tickets } = state
  const rooms = new Rooms(state.holds, holds, now)
  const plan = new Plan(state, limits, rooms)
  const verdicts = new Map<string, Verdict>()
  const stored = new Map(tickets.map((ticket) => [ticket.id, ticket]))
  const put: RateTicket[] = []
  for (const { one, ticket } of inOrder(state, asked)) {
    const slot = plan.slot(ticket)
    const place = one ? ticket : { ...ticket, elsewhere: true as const }
    if (slot.at <= now) {
      plan.go(place)
      if (!one) continue
      const sent = { ...ticket, sentAt: now }
      verdicts.set(ticket.id, { is: 'goes', ticket: sent })
      put.push(sent)
    } else {
      plan.wait(place, slot)
      if (!one) continue
      verdicts.set(ticket.id, { is: 'waits', ticket, slot })
      if (!isSame(stored.get(ticket.id), ticket)) put.push(ticket)
    }
  }
  const { told, own } = rooms.left
  return { change: { put, remove: left(state, asked), hold: told }, result: { now, verdicts, own } }
}

/** All who wait, also in other windows. What was taken from the queue while this window slept is back in its place. */
function inOrder({ now, tickets }: RateState, asked: readonly Asked[]): { one?: Asked; ticket: RateTicket }[] {
  let last = Math.max(...tickets.map(({ sequence }) => sequence), ...asked.map(({ sequence = 0 }) => sequence), now - 1)
  const mine = asked.map((one) => {
    const { sequence = ++last, ...ticket } = one
    return { one, ticket: { ...ticket, sequence } }
  })
  const others = tickets.flatMap(({ elsewhere, ...ticket }) =>
    elsewhere && ticket.sentAt === undefined ? [{ ticket }] : [],
  )
  return [...mine, ...others].sort((one, other) => one.ticket.sequence - other.ticket.sequence)
}

/** What waits under the name of this window and is no longer asked for. */
function left({ tickets }: RateState, asked: readonly Asked[]): string[] {
  const ids = new Set(asked.map(({ id }) => id))
  return tickets.flatMap(({ id, sentAt, elsewhere }) =>
    sentAt === undefined && !elsewhere && !ids.has(id) ? [id] : [],
  )
}

/** Nothing else of a ticket that waits ever changes. */
const isSame = (stored: RateTicket | undefined, { anyway }: RateTicket): boolean =>
  stored !== undefined && stored.anyway === anyway
