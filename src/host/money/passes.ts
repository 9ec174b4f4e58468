import type { Asking } from '../../resilience/admission.ts'
import type { ConversationId } from '../../shared/conversation.ts'
import type { Limit } from '../../usage/budgets.ts'

/** Why a budget stood in the way: nobody knows what the request costs, or it does not fit under it. */
export type Reason = 'unknown' | 'met'

/** Budgets that the person lets requests pass, and for which reason: in one conversation, until they begin anew, or for one answer. */
export class Passes {
  readonly #keys = new Set<string>()

  add(reason: Reason, limits: readonly Limit[], conversation?: ConversationId): void {
    for (const limit of limits) this.#keys.add(keyOf(reason, limit, conversation))
  }

  /** Nothing passes a budget that stops. */
  has(reason: Reason, limit: Limit, conversation?: ConversationId): boolean {
    return limit.then !== 'stop' && this.#keys.has(keyOf(reason, limit, conversation))
  }
}

/** A budget that was raised or lowered is another one. */
function keyOf(reason: Reason, { scope, cap: { key, since, limit } }: Limit, conversation?: ConversationId): string {
  return JSON.stringify([reason, scope, key, since, limit, conversation])
}

type Kept = { passes: Passes; estimate: number; target: string }

/** An attempt that is made again is not counted to the token: so much more is still what the person let pass. */
const SAME = 1.1

/** What the person let one answer pass: it holds for all attempts at it, unless one may cost more than was asked about. */
export class AnswerPasses {
  readonly #kept = new WeakMap<object, Kept>()

  of({ attemptAt, estimate, target }: Asking): Passes {
    const kept = attemptAt && this.#kept.get(attemptAt)
    const holds = kept && (estimate === undefined ? kept.target === nameOf(target) : estimate <= kept.estimate * SAME)
    return holds ? kept.passes : new Passes()
  }

  keep({ attemptAt, estimate = 0, target }: Asking, passes: Passes): void {
    if (attemptAt) this.#kept.set(attemptAt, { passes, estimate, target: nameOf(target) })
  }
}

const nameOf = ({ provider, model }: Asking['target']): string => JSON.stringify([provider, model])
