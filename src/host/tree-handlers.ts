/**
 * The tree of a conversation. There is one shown branch a conversation, kept in its row: where one panel walks, the
 * others that show the conversation follow, so that what is sent from any of them goes below what it shows.
 */
import type { Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import { placesOf, plain, readingOf } from '../shared/find-text.ts'
import { conversationMarkdown, messageMarkdown } from '../shared/markdown-export.ts'
import type { FoundIn } from '../shared/protocol.ts'
import { sectionsOf } from '../shared/transcript.ts'
import type { Store } from '../store/store.ts'
import type { Handlers } from './handler.ts'
import type { Session } from './session.ts'

const BUSY = 'An answer is being written there. Stop it first.'
const GONE = 'This message is no longer there.'

function found(session: Session, id: MessageId): { conversation: Conversation; stored: StoredMessage } {
  const conversation = session.stored()
  const stored = session.services.store().messages.get(id)
  if (!conversation || stored?.conversation !== conversation.id) throw new Error(GONE)
  return { conversation, stored }
}

const drawn = new WeakMap<Session, Map<string, string>>()
/** Texts that are remembered, of one panel. */
const MOST_DRAWN = 4000

/** What is drawn of Markdown, worked out once for all the words that are typed: it takes most of the time of a search. */
function remembered(session: Session): (markdown: string) => string {
  const known = drawn.get(session) ?? new Map<string, string>()
  if (known.size > MOST_DRAWN) known.clear()
  drawn.set(session, known)
  return (markdown) => {
    const text = known.get(markdown) ?? plain(markdown)
    known.set(markdown, text)
    return text
  }
}

/** The whole shown branch, oldest first. */
function shownBranch(session: Session): StoredMessage[] {
  const stored = session.stored()
  if (stored?.leaf === undefined) return []
  const { store, answers } = session.services
  return store()
    .messages.branch(stored.id, stored.leaf)
    .map((message) => answers.newest(message))
}

/** Where the chat goes on from this message: below the results of its calls, which it cannot be sent without. */
function endOf(store: Store, message: StoredMessage): MessageId {
  const results = store.messages
    .children(message.conversation, message.id)
    .find(({ message: { role } }) => role === 'tool')
  return results ? endOf(store, results) : message.id
}

export const treeHandlers: Pick<
  Handlers,
  'walk' | 'branch' | 'tree' | 'retry-with' | 'remove-messages' | 'restore-messages' | 'find-text' | 'copy-markdown'
> = {
  async walk(session, { message }) {
    const { stored } = found(session, message)
    session.showBranch(session.services.store().messages.leafOf(stored.id))
    return session.snapshot(message)
  },

  async branch(session, { message }) {
    const { stored } = found(session, message)
    session.showBranch(endOf(session.services.store(), stored))
    return session.snapshot(message)
  },

  async tree(session) {
    const stored = session.stored()
    if (!stored) return { nodes: [] }
    const nodes = session.services.store().messages.tree(stored.id)
    return { nodes, ...(stored.leaf !== undefined && { leaf: stored.leaf }) }
  },

  async 'retry-with'(session, { message, model: { provider, model } }) {
    const { conversation, stored } = found(session, message)
    const { choice } = conversation
    // The name of a key means something only to the provider it is for.
    const { keyProfile, ...rest } = choice ?? {}
    const kept = choice?.provider === provider && keyProfile !== undefined ? { keyProfile } : {}
    const asked: Conversation = { ...conversation, choice: { ...rest, ...kept, provider, model } }
    if (session.services.answers.start(asked, stored.parent) === undefined)
      throw new Error('An answer is being written. Stop it first.')
    await session.services.likes.used({ provider, model })
    return {}
  },

  async 'remove-messages'(session, { messages, what }) {
    const { answers } = session.services
    const store = session.services.store()
    for (const id of messages) found(session, id)
    const running = answers.running(session.conversation)
    // What is being written has its place below all of these; taken alone, only the answer itself and its question count.
    const written = running ? store.messages.branch(session.conversation, running.id).map(({ id }) => id) : []
    const inUse = what === 'branch' ? written : written.slice(-2)
    if (messages.some((id) => inUse.includes(id))) throw new Error(BUSY)
    const removal = store.messages.remove(messages, what)
    if (!removal) throw new Error(GONE)
    answers.tell(session.conversation, { type: 'branch' })
    return { undo: removal.token }
  },

  async 'restore-messages'(session, { undo }) {
    if (!session.services.store().messages.restoreRemoved(undo)) throw new Error('This can no longer be undone.')
    session.services.answers.tell(session.conversation, { type: 'branch' })
    return {}
  },

  async 'find-text'(session, { text, matchCase }) {
    const counts = new Map<MessageId, number>()
    for (const { message, text: read } of readingOf(shownBranch(session), remembered(session))) {
      const count = placesOf(read, text, matchCase).length
      if (count > 0) counts.set(message, (counts.get(message) ?? 0) + count)
    }
    return [...counts].map(([message, count]): FoundIn => ({ message, count }))
  },

  async 'copy-markdown'(session, { messages }) {
    const branch = shownBranch(session)
    // What goes on from an answer that was cut off is one with it.
    const sections = sectionsOf(branch.filter(({ id }) => messages?.includes(id)))
    const wanted = sections.flatMap((one) =>
      one.role === 'user' ? one.message : one.steps.map(({ message }) => message),
    )
    const text = messages
      ? wanted.map(messageMarkdown).filter(Boolean).join('\n\n')
      : conversationMarkdown(session.stored()?.title ?? '', branch)
    if (text.trim() === '') throw new Error('There is nothing to copy.')
    await session.services.desk.copy(text)
    return {}
  },
}
