/**
 * A circuit breaker for each provider and key: what failed several times in a row, whoever asked, is left alone for a
 * while, then one request is let through to look (half open). Its success closes the circuit, its failure opens it for
 * twice as long. A model that was not among those that failed always passes: behind a gateway one may be down alone.
 */
import type { Failure } from '../shared/failure.ts'
import type { Target, Ticket } from './admission.ts'
import { leftUntil } from './clock.ts'
import { isDown } from './retryable.ts'

/** Failures in a row that open a circuit. */
export const OPENS_AFTER = 5
/** How long it stays open at first and at most, in milliseconds. */
export const FIRST_REST_MS = 10_000
export const LONGEST_REST_MS = 120_000

type Circuit = { failures: number; restMs: number; openUntil: number; probing: boolean; models: Set<string> }

export class Breaker {
  readonly #now: () => number
  readonly #circuits = new Map<string, Circuit>()

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * A ticket to be settled, or for how many milliseconds the target is left alone. `anyway`: a person wants to look now,
   * so this is the one that looks.
   */
  enter(target: Target, anyway = false): Ticket | number {
    const circuit = this.#circuits.get(keyOf(target))
    const probes = circuit !== undefined && isOpen(circuit) && circuit.models.has(target.model)
    if (probes && !anyway) {
      const rest = this.#restOf(circuit)
      if (rest > 0) return rest
      // One is looking already: its answer is near, and nobody knows how near.
      if (circuit.probing) return FIRST_REST_MS
    }
    if (probes) circuit.probing = true
    return { settle: ({ failure, usage }) => this.#settle(target, probes, failure, usage !== undefined) }
  }

  /** For how many milliseconds from now nothing is sent to this target. */
  restOf(target: Target): number {
    const circuit = this.#circuits.get(keyOf(target))
    if (!circuit || !isOpen(circuit) || !circuit.models.has(target.model)) return 0
    return this.#restOf(circuit)
  }

  #restOf({ openUntil, restMs }: Circuit): number {
    return leftUntil(openUntil, this.#now(), restMs)
  }

  /** What was stopped says nothing, unless something of an answer had come. */
  #settle(target: Target, probed: boolean, failure: Failure | undefined, answered: boolean): void {
    const key = keyOf(target)
    const circuit = this.#circuits.get(key)
    if (probed && circuit) circuit.probing = false
    if (!failure) {
      if (answered) this.#circuits.delete(key)
      return
    }
    // Whoever refuses a request is there.
    if (!isDown(failure)) {
      if (failure.status !== undefined) this.#circuits.delete(key)
      return
    }
    const next = circuit ?? { failures: 0, restMs: 0, openUntil: 0, probing: false, models: new Set<string>() }
    this.#circuits.set(key, next)
    next.failures++
    next.models.add(target.model)
    if (next.failures < OPENS_AFTER) return
    // Those that were under way when it opened tell nothing new.
    if (isOpen(next) && !probed) return
    next.restMs = Math.min(next.restMs * 2 || FIRST_REST_MS, LONGEST_REST_MS)
    next.openUntil = this.#now() + next.restMs
  }
}

const isOpen = ({ openUntil }: Circuit): boolean => openUntil > 0

const keyOf = ({ provider, keyProfile }: Target): string => JSON.stringify([provider, keyProfile ?? null])
