/** Until when a provider itself wants nothing more, for each target: by the headers of its answers and by its refusals. */
import type { Asking, Outcome, Target } from '../admission.ts'
import { scopeOf } from './limits.ts'
import { roomIn } from './headers.ts'
import type { Room, Told } from './headers.ts'
import { MINUTE } from './window.ts'

/** Why nothing goes out before `until` (epoch milliseconds); `why` is part of a sentence. */
export type Hold = { until: number; why: string }

type Known = Told & { refusedUntil?: number }

/** What is told of later than a minute, such as the limit of a day, is left to the provider to refuse. */
const isNear = (until: number, now: number): boolean => until > now && until <= now + MINUTE

export class Holds {
  readonly #known = new Map<string, Known>()

  learn(target: Target, { headers, failure }: Outcome, now: number): void {
    const told = headers ? roomIn(headers, now) : {}
    const known: Known = { ...this.#known.get(scopeOf(target)), ...told }
    const refused = failure?.code === 'rate-limit' ? failure.retryAfterMs : undefined
    if (refused !== undefined) known.refusedUntil = now + refused
    if (told.requests ?? told.tokens ?? refused) this.#known.set(scopeOf(target), known)
  }

  /** A request goes out: what it takes of the room is gone before the provider says so. */
  take({ target, inputTokens }: Asking): void {
    const known = this.#known.get(scopeOf(target))
    if (known?.requests) known.requests.remaining--
    if (known?.tokens) known.tokens.remaining -= inputTokens
  }

  of({ target, inputTokens }: Asking, now: number): Hold | undefined {
    const { requests, tokens, refusedUntil = 0 } = this.#known.get(scopeOf(target)) ?? {}
    const holds: Hold[] = []
    if (isNear(refusedUntil, now)) holds.push({ until: refusedUntil, why: 'it received too many requests' })
    const isFull = (room: Room | undefined, size: number): room is Room =>
      room !== undefined && room.remaining < Math.min(size, room.limit ?? size) && isNear(room.resetAt, now)
    if (isFull(requests, 1)) holds.push({ until: requests.resetAt, why: words('requests', requests) })
    if (isFull(tokens, inputTokens)) holds.push({ until: tokens.resetAt, why: words('tokens', tokens) })
    return holds.sort((one, other) => other.until - one.until)[0]
  }
}

const words = (what: 'requests' | 'tokens', { limit }: Room): string =>
  limit === undefined ? `no ${what} are left for now` : `its limit is ${limit.toLocaleString('en')} ${what}`
