/** What a panel shows of its conversation, held against what is stored: another window may have written. */
import type { ConversationId, MessageId, StoredMessage } from '../../shared/conversation.ts'
import type { Store } from '../../store/store.ts'

type State = { leaf: MessageId | undefined; title: string; end: string }

/**
 * `message`: the end of the branch is another text now. `branch`: the branch is another one. `title`: only what is said
 * of the conversation. `gone`: it was deleted.
 */
export type Difference = { kind: 'none' | 'title' | 'branch' | 'gone' } | { kind: 'message'; message: StoredMessage }

export class Shown {
  readonly #store: () => Store
  #state: State | undefined

  constructor(store: () => Store) {
    this.#store = store
  }

  /** The panel shows it as it is stored now. */
  note(conversation: ConversationId): void {
    this.#state = this.#read(conversation).state
  }

  /** What is different since the last look. */
  look(conversation: ConversationId): Difference {
    const before = this.#state
    const { state, message } = this.#read(conversation)
    this.#state = state
    if (!before) return { kind: state ? 'branch' : 'none' }
    if (!state) return { kind: 'gone' }
    if (state.leaf !== before.leaf) return { kind: 'branch' }
    if (state.end !== before.end && message) return { kind: 'message', message }
    return { kind: state.title === before.title ? 'none' : 'title' }
  }

  #read(conversation: ConversationId): { state?: State; message?: StoredMessage } {
    const { conversations, messages } = this.#store()
    const stored = conversations.get(conversation)
    if (!stored) return {}
    const { leaf, title } = stored
    const message = leaf === undefined ? undefined : messages.get(leaf)
    const end = message ? `${message.state} ${JSON.stringify(message.message).length}` : ''
    return { state: { leaf, title, end }, ...(message && { message }) }
  }
}
