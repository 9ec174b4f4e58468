/** Who stands in for whom for a while, so that not every message begins with a request that fails. */
import type { ProviderId } from '../shared/model.ts'
import type { Target } from './admission.ts'
import { leftUntil } from './clock.ts'
import type { Instead } from './plan.ts'

/** Milliseconds after which the first is asked again. */
export const STAYS_MS = 5 * 60_000

/** `from`: the provider that failed. */
export type Kept = Instead & { from: ProviderId }

/** `until`: epoch milliseconds at which the first is asked again. */
export type Standing = Kept & { until: number }

/** How many are remembered at most. */
const MOST = 500

type Entry = { conversation: string | undefined; first: Target; kept: Kept; until: number }

export class Sticky {
  readonly #now: () => number
  /** By conversation and the target that was chosen, the oldest first. */
  readonly #entries = new Map<string, Entry>()

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  get(conversation: string | undefined, first: Target): Standing | undefined {
    const key = keyOf(conversation, first)
    const entry = this.#entries.get(key)
    if (entry && this.#stands(entry.until)) return { ...entry.kept, until: entry.until }
    this.#entries.delete(key)
    return undefined
  }

  /** The target that was chosen, where this one stands in for it. */
  first(conversation: string | undefined, target: Target): Target {
    for (const entry of this.#entries.values()) {
      const stands = entry.conversation === conversation && this.#stands(entry.until)
      if (stands && isTarget(entry.kept.target, target)) return entry.first
    }
    return target
  }

  /** Whoever takes over from one that stood in stays only as long as that one would have: then the first is asked again. */
  keep(conversation: string | undefined, first: Target, instead: Instead): void {
    const key = keyOf(conversation, first)
    const until = this.#entries.get(key)?.until ?? 0
    this.#entries.delete(key)
    if (isTarget(instead.target, first)) return
    if (this.#entries.size >= MOST) this.#entries.delete(this.#entries.keys().next().value ?? '')
    const kept = { ...instead, from: first.provider }
    this.#entries.set(key, { conversation, first, kept, until: this.#stands(until) ? until : this.#now() + STAYS_MS })
  }

  #stands(until: number): boolean {
    return leftUntil(until, this.#now(), STAYS_MS) > 0
  }

  forget(conversation: string | undefined, first: Target): void {
    this.#entries.delete(keyOf(conversation, first))
  }
}

/** Another model is asked with whatever key it has: only where a key stands in, its name counts. */
const isTarget = (wanted: Target, target: Target): boolean =>
  wanted.provider === target.provider &&
  wanted.model === target.model &&
  (wanted.keyProfile === undefined || wanted.keyProfile === target.keyProfile)

const keyOf = (conversation: string | undefined, { provider, model, keyProfile }: Target): string =>
  JSON.stringify([conversation ?? null, provider, model, keyProfile ?? null])
