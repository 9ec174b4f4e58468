/** The branch of a conversation that a page shows, as far as the page has it. */
import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Page } from '../shared/protocol.ts'
import type { MessageView } from '../shared/view.ts'
import { unseal } from '../shared/view.ts'
import { show } from './attachments.ts'
import type { Services } from './services.ts'

/** Messages in a snapshot, and in each older page. */
const PAGE = 30

export class ShownBranch {
  readonly #services: Services
  readonly #known = new Set<MessageId>()
  #end: MessageId | null = null

  constructor(services: Services) {
    this.#services = services
  }

  /** The end of the branch, or what comes before a message of it; further up where `through` is not in that. */
  page(conversation: ConversationId, before?: MessageId, through?: MessageId): Page {
    const store = this.#services.store()
    const leaf = store.conversations.get(conversation)?.leaf
    if (before === undefined) {
      this.#known.clear()
      this.#end = leaf ?? null
    }
    if (leaf === undefined) return { messages: [], more: false }
    const page: { messages: StoredMessage[]; more: boolean } = { messages: [], more: true }
    let top = before
    do {
      const next = store.messages.page(conversation, { leaf, limit: PAGE, ...(top !== undefined && { before: top }) })
      page.messages.unshift(...next.messages)
      page.more = next.more
      top = next.messages[0]?.id
    } while (page.more && top !== undefined && through !== undefined && !page.messages.some(({ id }) => id === through))
    for (const { id } of page.messages) this.#known.add(id)
    return { ...page, messages: page.messages.map((message) => this.view(message)) }
  }

  /** True for what the page shows, or could scroll up to. */
  holds(id: MessageId): boolean {
    return this.#known.has(id)
  }

  /** True where the message is of the branch: it was, or it is its new end. An answer may go on where nobody looks. */
  takes({ id, parent }: StoredMessage): boolean {
    if (this.#known.has(id)) return true
    if (parent !== this.#end) return false
    this.#known.add(id)
    this.#end = id
    return true
  }

  view(message: StoredMessage): MessageView {
    const { answers, store } = this.#services
    const newest = answers.newest(message)
    const view: MessageView = unseal<StoredMessage>({ ...newest, message: show(newest.message, store().blobs) })
    const {
      conversation,
      parent,
      message: { role },
    } = message
    const ids =
      role === 'tool'
        ? []
        : store()
            .messages.children(conversation, parent)
            .map(({ id }) => id)
    return ids.length < 2 ? view : { ...view, siblings: { at: ids.indexOf(message.id), ids } }
  }
}
