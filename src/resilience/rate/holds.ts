/** Until when a provider itself wants nothing more, for each target: by the headers of its answers and by its refusals. */
import type { Outcome, Target } from '../admission.ts'
import type { RateHold, RateHoldKind } from '../../shared/rate.ts'
import { holdsAt } from '../../shared/rate.ts'
import { roomIn } from './headers.ts'
import type { Room } from './headers.ts'
import { scopeOf } from './limits.ts'

/** What one request takes of a room. */
export const takenOf = ({ kind }: Pick<RateHold, 'kind'>, tokens: number): number => (kind === 'tokens' ? tokens : 1)

/** Rooms of which half or more is left are nobody's concern but that of the window that heard of them. */
export const isTight = ({ kind, remaining = 0, limit }: RateHold): boolean =>
  kind === 'refused' || limit === undefined || remaining < limit / 2

export const isOf = (target: Target, hold: Pick<RateHold, 'target'>): boolean =>
  scopeOf(hold.target) === scopeOf(target)

/** What an answer tells of its target. */
export function learned(target: Target, { headers, failure }: Outcome, now: number): RateHold[] {
  const { requests, tokens } = headers ? roomIn(headers, now) : {}
  const { provider, model, keyProfile } = target
  const of = { target: { provider, model, ...(keyProfile !== undefined && { keyProfile }) } }
  const room = (kind: RateHoldKind, told: Room | undefined): RateHold[] =>
    told ? [{ ...of, kind, until: told.resetAt, remaining: told.remaining, ...sizeOf(told) }] : []
  const holds = [...room('requests', requests), ...room('tokens', tokens)]
  const refused = failure?.code === 'rate-limit' ? failure.retryAfterMs : undefined
  if (refused !== undefined) holds.push({ ...of, kind: 'refused', until: now + refused })
  return holds.filter((hold) => holdsAt(hold, now))
}

const sizeOf = ({ limit }: Room): Pick<RateHold, 'limit'> => (limit === undefined ? {} : { limit })

/** The one among the holds of its target that keeps a request of so many tokens the longest. */
export function heldBy(holds: readonly RateHold[], tokens: number): RateHold | undefined {
  const keeps = (hold: RateHold): boolean => {
    const { kind, remaining = 0, limit } = hold
    if (kind === 'refused') return true
    const size = takenOf(hold, tokens)
    return remaining < Math.min(size, limit ?? size)
  }
  return holds.filter(keeps).sort((one, other) => other.until - one.until)[0]
}

/** Part of a sentence. */
export function holdWords({ kind, limit }: RateHold): string {
  if (kind === 'refused') return 'it received too many requests'
  if (limit === undefined) return `no ${kind} are left for now`
  return `its limit is ${limit.toLocaleString('en')} ${limit === 1 ? kind.slice(0, -1) : kind}`
}
