/** What each conversation forbids, as it stands now, also while a turn of it runs. */
import type { ConversationId } from '../../shared/conversation.ts'
import type { Store } from '../../store/store.ts'

export class Forbidden {
  readonly #store: () => Pick<Store, 'conversations'>
  /** A conversation that is deleted while something of it is on its way forbids what it did. */
  readonly #known = new Map<ConversationId, readonly string[]>()

  constructor(store: () => Pick<Store, 'conversations'>) {
    this.#store = store
  }

  of(conversation: ConversationId): readonly string[] {
    const found = this.#store().conversations.get(conversation)
    if (!found) return this.#known.get(conversation) ?? []
    const { neverSendTo = [] } = found
    if (neverSendTo.length > 0) this.#known.set(conversation, neverSendTo)
    else this.#known.delete(conversation)
    return neverSendTo
  }
}
