/**
 * When each request of a queue may go: those that went count for a minute, and nobody who comes later goes before one who came
 * earlier and shares a limit or a target with it. Times are epoch milliseconds.
 */
import type { Target } from '../admission.ts'
import type { RateState, RateTicket } from '../../shared/rate.ts'
import { countsAt } from '../../shared/rate.ts'
import { holdWords } from './holds.ts'
import type { RateLimit } from './limits.ts'
import { limitsOf, limitWords, scopeOf } from './limits.ts'
import type { Rooms } from './rooms.ts'
import type { Sent } from './window.ts'
import { earliest } from './window.ts'

/** When a request may go, and what it waits for until then. `held`: the provider itself asks to wait. */
export type Slot = { at: number; why: string; held: boolean }

type Place = Pick<RateTicket, 'target' | 'tokens' | 'anyway'> & { elsewhere?: true }

export class Plan {
  readonly #now: number
  readonly #limits: readonly RateLimit[]
  readonly #rooms: Rooms
  /** By the scope of each limit, in order of time: what went, and what is planned. */
  readonly #sent = new Map<string, Sent[]>()
  /** By the scope of a limit or target: nobody goes before this time. */
  readonly #floors = new Map<string, number>()
  /** The same without those who only wait because a provider asks for it. */
  readonly #firm = new Map<string, number>()
  /** Scopes in which another window waits. */
  readonly #elsewhere = new Set<string>()

  constructor({ now, tickets }: RateState, limits: readonly RateLimit[], rooms: Rooms) {
    this.#now = now
    this.#limits = limits
    this.#rooms = rooms
    for (const { target, tokens, sentAt } of tickets)
      if (sentAt !== undefined && countsAt({ sentAt }, now)) this.#count(target, { at: Math.min(sentAt, now), tokens })
  }

  slot({ target, tokens, anyway }: Place): Slot {
    const now = this.#now
    const floors = anyway ? this.#firm : this.#floors
    const hold = anyway ? undefined : this.#rooms.heldBy(target, tokens)
    const floor = floors.get(scopeOf(target)) ?? now
    let slot: Slot = {
      at: Math.max(floor, hold?.until ?? now),
      why: hold ? holdWords(hold) : '',
      held: hold !== undefined,
    }
    for (const limit of limitsOf(target, this.#limits)) {
      const at = Math.max(slot.at, floors.get(scopeOf(limit)) ?? now)
      const before = (this.#sent.get(scopeOf(limit)) ?? []).filter((one) => one.at <= at)
      const free = earliest(before, limit, tokens, at)
      if (free > slot.at || (free > now && slot.why === '')) slot = { ...slot, at: free, why: limitWords(limit) }
    }
    // A time that is later than what an earlier limit asked for fits that one, too.
    return { ...slot, why: this.#words(slot.why, target) }
  }

  /** It goes now. */
  go({ target, tokens, elsewhere }: Place): void {
    this.#rooms.take(target, tokens, elsewhere ? 'reserved' : 'taken')
    this.#count(target, { at: this.#now, tokens })
    if (elsewhere) this.#mark(target)
  }

  /** It waits for its time, and those behind it for theirs. */
  wait({ target, tokens, elsewhere }: Place, { at, held }: Slot): void {
    for (const scope of this.#scopes(target)) {
      this.#floors.set(scope, Math.max(at, this.#floors.get(scope) ?? at))
      if (!held) this.#firm.set(scope, Math.max(at, this.#firm.get(scope) ?? at))
    }
    this.#count(target, { at, tokens })
    if (elsewhere) this.#mark(target)
  }

  #words(why: string, target: Target): string {
    if (!this.#scopes(target).some((scope) => this.#elsewhere.has(scope))) return why || 'others are before it'
    return [why, 'another window is before it'].filter(Boolean).join('; ')
  }

  #scopes(target: Target): string[] {
    return [target, ...limitsOf(target, this.#limits)].map(scopeOf)
  }

  #mark(target: Target): void {
    for (const scope of this.#scopes(target)) this.#elsewhere.add(scope)
  }

  /** Several limits may be of one scope, one of requests and one of tokens: they share what is counted. */
  #count(target: Target, entry: Sent): void {
    for (const scope of new Set(limitsOf(target, this.#limits).map(scopeOf))) {
      const all = this.#sent.get(scope) ?? []
      this.#sent.set(scope, all)
      const behind = all.findLastIndex((one) => one.at <= entry.at)
      all.splice(behind + 1, 0, entry)
    }
  }
}
