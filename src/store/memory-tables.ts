/** What the store in memory holds, and the readings that all of it share. */
import type { Conversation, ConversationId, MessageId, StoredMessage, Summary } from '../shared/conversation.ts'
import { foldJournal } from './fold.ts'
import type { BlobContent } from './store.ts'

export type KeptConversation = Conversation & { deletedAt?: number }
/** `removal`: the token that undoes it. */
export type KeptMessage = { stored: StoredMessage; removal?: string }
export type KeptRemoval = { conversation: ConversationId; at: number; before?: MessageId; after?: MessageId }

export type Tables = {
  conversations: Map<ConversationId, KeptConversation>
  /** In the order they were written. */
  messages: Map<MessageId, KeptMessage>
  journal: Map<MessageId, string[]>
  blobs: Map<string, BlobContent>
  removals: Map<string, KeptRemoval>
  summaries: Map<string, Summary>
}

export const emptyTables = (): Tables => ({
  conversations: new Map(),
  messages: new Map(),
  journal: new Map(),
  blobs: new Map(),
  removals: new Map(),
  summaries: new Map(),
})

/** The conversation, unless it is deleted. */
export function liveConversation({ conversations }: Tables, id: ConversationId): KeptConversation | undefined {
  const conversation = conversations.get(id)
  return conversation?.deletedAt === undefined ? conversation : undefined
}

/** `id`, or the nearest above it that was not removed. */
export function nearest({ messages }: Tables, id: MessageId | null): MessageId | null {
  const passed = new Set<MessageId>()
  for (let at = id; at !== null && !passed.has(at);) {
    passed.add(at)
    const message = messages.get(at)
    if (message?.removal === undefined) return at
    at = message.stored.parent
  }
  return null
}

/** A copy of the message with its journal. */
export function read(tables: Tables, { stored }: KeptMessage): StoredMessage {
  const copy = { ...structuredClone(stored), parent: nearest(tables, stored.parent) }
  if (stored.state !== 'streaming') return copy
  const rows = (tables.journal.get(stored.id) ?? []).map((events, seq) => ({ seq, events }))
  return foldJournal(copy, rows).message
}

/** Those of a conversation that is not deleted which were not removed, in the order they were written. */
export function messagesOf(tables: Tables, id: ConversationId): StoredMessage[] {
  if (!liveConversation(tables, id)) return []
  return [...tables.messages.values()]
    .filter(({ stored, removal }) => stored.conversation === id && removal === undefined)
    .map(({ stored }) => ({ ...stored, parent: nearest(tables, stored.parent) }))
    .sort((a, b) => a.createdAt - b.createdAt)
}

export function insert({ conversations, messages }: Tables, message: StoredMessage): void {
  if (messages.has(message.id)) throw new Error(`Message ${message.id} exists.`)
  if (!conversations.has(message.conversation)) throw new Error(`No conversation ${message.conversation}.`)
  messages.set(message.id, { stored: structuredClone(message) })
}

/** A message keeps its place in the tree. */
export function replace({ messages }: Tables, message: StoredMessage): void {
  const kept = messages.get(message.id)
  if (!kept) return
  const { id, conversation, parent, createdAt, pinned } = kept.stored
  const { pinned: _, ...content } = structuredClone(message)
  kept.stored = { ...content, id, conversation, parent, createdAt, ...(pinned && { pinned }) }
}
