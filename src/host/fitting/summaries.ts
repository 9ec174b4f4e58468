/** The summaries of conversations: written where one becomes too long or the person asks for it, undone, shown. */
import { countOf, turnStarts, unitStart } from '../../agent/context/cut.ts'
import { roomOf } from '../../agent/context/limit.ts'
import type { Conversation, ConversationId, StoredMessage, Summary } from '../../shared/conversation.ts'
import type { Chosen, SummaryView } from '../../shared/protocol.ts'
import { estimateRequest } from '../../usage/estimate.ts'
import { digestFor } from './past.ts'
import type { SummariserParts, Wish } from './summariser.ts'
import { Summariser } from './summariser.ts'

export type SummariesParts = SummariserParts & {
  /** The state of this conversation is another one. */
  changed(conversation: ConversationId): void
}

/** A summary takes at most this share of a request, and never more than so many tokens. */
const SHARE = 0.08
const LEAST = 60
const MOST = 1_500
/** What is younger than the last turn is worth keeping word by word, where it takes no more of the whole than this. */
const RECENT = 0.25

export class Summaries {
  readonly #parts: SummariesParts
  readonly #summariser: Summariser
  /** How many messages are being summarised now, and how to end that. */
  readonly #writing = new Map<ConversationId, { messages: number; controller: AbortController }>()
  /** Chats of which a summary by hand was asked for and is not there yet. */
  readonly #wanted = new Set<ConversationId>()

  readonly #current = new Map<ConversationId, { of: string; summary: Summary | undefined }>()

  constructor(parts: SummariesParts) {
    this.#parts = parts
    this.#summariser = new Summariser(parts)
  }

  all(conversation: ConversationId): Summary[] {
    return this.#parts.store().summaries.list(conversation)
  }

  writing(conversation: ConversationId): number | undefined {
    return this.#writing.get(conversation)?.messages
  }

  writer(conversation: Conversation): Promise<Chosen | undefined> {
    return this.#summariser.writer(conversation)
  }

  /** The one that counts for the shown branch. The branch is read once for each of its ends. */
  current(conversation: Conversation): Summary | undefined {
    const all = this.all(conversation.id)
    if (all.length === 0) return undefined
    const of = JSON.stringify([conversation.leaf, all.map(({ id }) => id)])
    const known = this.#current.get(conversation.id)
    if (known?.of === of) return known.summary
    const summary = digestFor(this.#branch(conversation), all)
    this.#current.set(conversation.id, { of, summary })
    return summary
  }

  view(conversation: Conversation): SummaryView | undefined {
    const all = this.all(conversation.id)
    if (all.length === 0) return undefined
    const branch = this.#branch(conversation)
    const summary = digestFor(branch, all)
    if (!summary) return undefined
    const { id, through, text, origin, tokens, cost } = summary
    const end = branch.findIndex((message) => message.id === through)
    const covered = branch.slice(0, end + 1)
    return {
      id,
      // What is shown: the results of tools stand within their answer.
      through: covered.findLast(({ message }) => message.role !== 'tool')?.id ?? through,
      messages: countOf(covered),
      text,
      ...(origin && { model: origin.model, provider: origin.provider }),
      ...(tokens !== undefined && { tokens }),
      ...(cost !== undefined && { cost }),
    }
  }

  /** `limit`: tokens of a request. `messages`: how many it will stand for, for the person who waits. */
  async write(wish: Omit<Wish, 'most'> & { limit: number }, messages: number, signal?: AbortSignal): Promise<Summary> {
    const { id } = wish.conversation
    const controller = new AbortController()
    this.#writing.set(id, { messages, controller })
    this.#parts.changed(id)
    try {
      const inner = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal
      const stop = (): void => controller.abort()
      return await this.#summariser.write({ ...wish, most: mostOf(wish.limit) }, inner, stop)
    } finally {
      this.#writing.delete(id)
      this.#parts.changed(id)
    }
  }

  /**
   * By hand: of all but the last turn, or of that too where it is most of the chat. `instead`: writes this one anew. `signal`:
   * the panel it was asked in is closed.
   */
  async compact(conversation: Conversation, instead: string | undefined, signal?: AbortSignal): Promise<void> {
    const { id } = conversation
    if (this.writing(id) !== undefined || this.#wanted.has(id)) throw new Error('A summary is being written already.')
    this.#wanted.add(id)
    try {
      await this.#compact(conversation, instead, signal)
    } finally {
      this.#wanted.delete(id)
    }
  }

  async #compact(conversation: Conversation, instead: string | undefined, signal?: AbortSignal): Promise<void> {
    const branch = this.#branch(conversation)
    const old = digestFor(branch, this.all(conversation.id))
    const again = instead !== undefined && old?.id === instead
    const begin = again || !old ? 0 : branch.findIndex(({ id }) => id === old.through) + 1
    const end = again ? branch.findIndex(({ id }) => id === old.through) + 1 : endOf(branch, begin)
    const messages = branch.slice(begin, end).filter(({ pinned }) => !pinned)
    const through = branch[end - 1]
    if (!through || countOf(messages) < 2) throw new Error('There is nothing to summarise yet.')
    const writer = await this.writer(conversation)
    const limit = roomOf(writer?.info?.contextWindow ?? Infinity, writer?.outputLimit).limit
    await this.write(
      {
        conversation,
        messages: messages.map(({ message }) => message),
        through: through.id,
        limit,
        ...(!again && old && { earlier: old.text }),
      },
      countOf(messages),
      signal,
    )
    if (again) this.#parts.store().summaries.remove(instead)
    this.#parts.changed(conversation.id)
  }

  cancel(conversation: ConversationId): void {
    this.#writing.get(conversation)?.controller.abort()
  }

  undo(conversation: ConversationId, summary: string): void {
    this.#parts.store().summaries.remove(summary)
    this.#parts.changed(conversation)
  }

  #branch({ id, leaf }: Conversation): StoredMessage[] {
    return leaf === undefined ? [] : this.#parts.store().messages.branch(id, leaf)
  }
}

const mostOf = (limit: number): number => Math.round(Math.max(LEAST, Math.min(MOST, limit * SHARE)))

/** The place behind the last message that a summary by hand stands for. */
function endOf(branch: readonly StoredMessage[], begin: number): number {
  const size = (from: number): number => estimateRequest({ messages: branch.slice(from).map(({ message }) => message) })
  const last = turnStarts(branch).at(-1) ?? 0
  return last > begin && size(last) <= size(begin) * RECENT ? unitStart(branch, last) : branch.length
}
