import type { ConversationId } from '../../shared/conversation.ts'
import type { Limit } from '../../usage/budgets.ts'

/** Budgets that the person lets requests pass: in one conversation or for one request, until they begin anew. */
export class Passes {
  readonly #keys = new Set<string>()

  add(limits: readonly Limit[], conversation?: ConversationId): void {
    for (const limit of limits) this.#keys.add(keyOf(limit, conversation))
  }

  has(limit: Limit, conversation?: ConversationId): boolean {
    return this.#keys.has(keyOf(limit, conversation))
  }
}

/** A budget that was raised or lowered is another one. */
function keyOf({ scope, cap: { key, since, limit } }: Limit, conversation: ConversationId | undefined): string {
  return JSON.stringify([scope, key, since, limit, conversation])
}
