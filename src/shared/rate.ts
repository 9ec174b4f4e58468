/**
 * The queue before each provider, over all windows of a database: who went out within the last minute, who waits, and until
 * when a provider wants nothing more. No word of what is sent. Times are epoch milliseconds.
 */

/** For how long what went out counts, in milliseconds. */
export const MINUTE = 60_000

/** `keyProfile` is a name, never a key; absent where there is no key. */
export type RateTarget = { provider: string; model: string; keyProfile?: string }

/**
 * A request that counts, or will. `sequence`: whoever has the lower one came earlier; a time that is made greater than any
 * before it. `sentAt`: absent while it waits. `anyway`: what a provider only asks for holds it back no longer.
 */
export type RateTicket = {
  id: string
  target: RateTarget
  sequence: number
  tokens: number
  sentAt?: number
  anyway?: true
}

/** `refused`: for having sent too much. Else a room that a provider told of, of which `remaining` are left. */
export type RateHoldKind = 'refused' | 'requests' | 'tokens'

/** Holds for one target until a time. `limit`: how big the room is, where that was told. */
export type RateHold = { target: RateTarget; kind: RateHoldKind; until: number; remaining?: number; limit?: number }

/**
 * Of one provider, at one moment. `tickets` in their sequence: what went out within the last minute, and what waits in a window
 * that lives; `elsewhere`: in another window. `holds`: those that are not over.
 */
export type RateState = {
  now: number
  tickets: readonly (RateTicket & { elsewhere?: true })[]
  holds: readonly RateHold[]
}

/** `put` and `hold` replace what has their id, or their target and kind. */
export type RateChange = {
  put?: readonly RateTicket[]
  remove?: readonly string[]
  hold?: readonly RateHold[]
  release?: readonly Pick<RateHold, 'target' | 'kind'>[]
}

export type RateTurn<T> = { change: RateChange; result: T }

/** Reads the queue of one provider and changes it. It runs while nobody else does, and may run again: it changes nothing else. */
export type RateWork<T> = (state: RateState) => RateTurn<T>

export const holdKey = ({ target, kind }: Pick<RateHold, 'target' | 'kind'>): string =>
  JSON.stringify([target.provider, target.model, target.keyProfile ?? '', kind])

/** What a clock that was set back has left in the future counts no longer than the rest. */
export const countsAt = ({ sentAt }: Pick<RateTicket, 'sentAt'>, now: number): boolean =>
  sentAt === undefined || (sentAt > now - MINUTE && sentAt <= now + MINUTE)

/** A provider is believed for a minute: longer limits, such as that of a day, it is left to refuse by itself. */
export const holdsAt = ({ until }: Pick<RateHold, 'until'>, now: number): boolean =>
  until > now && until <= now + MINUTE
