/** The branch of a conversation that a page shows, as far as the page has it. */
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Comparison, Lane, Page } from '../shared/protocol.ts'
import { MOST_LANES } from '../shared/protocol.ts'
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
  /** The end of each answer that stands beside others, by its beginning. */
  readonly #lanes = new Map<MessageId, MessageId>()
  readonly #apart = new Set<MessageId>()

  constructor(services: Services) {
    this.#services = services
  }

  /** The end of the branch, or what comes before a message of it; further up where `through` is not in that. */
  page(conversation: ConversationId, before?: MessageId, through?: MessageId): Page {
    const store = this.#services.store()
    const leaf = store.conversations.get(conversation)?.leaf
    if (before === undefined) {
      this.#known.clear()
      this.#lanes.clear()
      this.#apart.clear()
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

  /** The answers below the end of the branch, where there are several: the page shows them side by side. */
  comparison(conversation: ConversationId): Comparison | undefined {
    const { answers, store } = this.#services
    const { messages } = store()
    const beside = this.answersBeside(conversation)
    if (!beside) return undefined
    const { question, below } = beside
    const lanes = below.slice(-MOST_LANES).map(({ id }): Lane => {
      const branch = messages.branch(conversation, messages.leafOf(id))
      const own = branch.slice(branch.findIndex((message) => message.id === id))
      for (const message of own) this.#apart.add(message.id)
      this.#lanes.set(id, own.at(-1)?.id ?? id)
      const turn = answers.lane(conversation, id)
      const shown = own.map((message) => this.view(message))
      return { id, messages: shown, ...(turn && { running: true as const, turn: unseal(turn) }) }
    })
    return { question, lanes }
  }

  /** The message that ends the branch and the answers to it, where there are several. Only looks. */
  answersBeside(conversation: ConversationId): { question: MessageId; below: StoredMessage[] } | undefined {
    const { conversations, messages } = this.#services.store()
    const question = conversations.get(conversation)?.leaf
    if (question === undefined) return undefined
    const below = messages.children(conversation, question).filter(({ message }) => message.role === 'assistant')
    if (below.length < 2 || messages.get(question)?.message.role !== 'user') return undefined
    return { question, below }
  }

  /** True for what stands beside other answers. */
  isApart(id: MessageId): boolean {
    return this.#apart.has(id)
  }

  /** The newest message below the shown branch, where it does not end with the last one written in it. */
  further({ leaf }: Pick<Conversation, 'leaf'> = {}): MessageId | undefined {
    const end = leaf === undefined ? undefined : this.#services.store().messages.leafOf(leaf)
    return end === leaf ? undefined : end
  }

  /** True for what the page shows, or could scroll up to. */
  holds(id: MessageId): boolean {
    return this.#known.has(id) || this.#apart.has(id)
  }

  /** True where the message is of the branch: it was, or it is its new end. An answer may go on where nobody looks. */
  takes({ id, parent, conversation }: StoredMessage): boolean {
    if (this.holds(id)) return true
    const lane = [...this.#lanes].find(([, end]) => end === parent)?.[0]
    if (lane !== undefined) {
      this.#lanes.set(lane, id)
      this.#apart.add(id)
      return true
    }
    if (parent !== this.#end || this.#services.answers.lane(conversation, id)) return false
    this.#known.add(id)
    this.#end = id
    return true
  }

  view(message: StoredMessage): MessageView {
    const { answers, store } = this.#services
    const newest = answers.newest(message)
    const view: MessageView = unseal<StoredMessage>({ ...newest, message: show(newest.message, store().blobs) })
    const ids = message.message.role === 'tool' ? [] : store().messages.siblings(message.id)
    return ids.length < 2 ? view : { ...view, siblings: { at: ids.indexOf(message.id), ids } }
  }
}
