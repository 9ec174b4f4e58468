import { randomUUID } from 'node:crypto'
import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import { encodeEvents } from './fold.ts'
import type { Tables } from './memory-tables.ts'
import { insert, liveConversation, messagesOf, nearest, read, replace } from './memory-tables.ts'
import { traitsOf } from './searchable.ts'
import type { Journal, Messages } from './store.ts'
import type { FindNode } from './tree.ts'
import { branchOf, pageOf } from './tree.ts'

export function createMessages(tables: Tables, clock: () => number): Messages {
  const { messages } = tables
  const there = (id: MessageId) => {
    const kept = messages.get(id)
    if (!kept || kept.removal !== undefined) return undefined
    return liveConversation(tables, kept.stored.conversation) && kept
  }
  const within = (conversation: ConversationId): FindNode => {
    return (id) => {
      const kept = messages.get(id)
      if (kept?.stored.conversation !== conversation || !liveConversation(tables, conversation)) return undefined
      return { id, parent: kept.stored.parent, ...(kept.removal === undefined && { message: read(tables, kept) }) }
    }
  }
  const childrenOf = (conversation: ConversationId, parent: MessageId | null) =>
    messagesOf(tables, conversation).filter((message) => message.parent === parent)

  return {
    append(message) {
      mustNotBeDeleted(tables, message.conversation)
      insert(tables, message)
    },
    update: (message) => replace(tables, message),
    get(id) {
      const kept = there(id)
      return kept && read(tables, kept)
    },
    page: (conversation, options) => pageOf(within(conversation), options),
    branch: (conversation, leaf) => branchOf(within(conversation), leaf),
    children: (conversation, parent) =>
      childrenOf(conversation, parent).flatMap(({ id }) => {
        const kept = there(id)
        return kept ? read(tables, kept) : []
      }),
    siblings(id) {
      const kept = there(id)
      if (!kept) return []
      const parent = nearest(tables, kept.stored.parent)
      return childrenOf(kept.stored.conversation, parent).map((message) => message.id)
    },
    leafOf(id) {
      const kept = there(id)
      return kept ? (newestLeaf(tables, kept.stored.conversation, id) ?? id) : id
    },
    tree(conversation) {
      const all = messagesOf(tables, conversation)
      const known = new Set(all.map(({ id }) => id))
      return all.map(({ id, parent, createdAt, state, message }) => {
        const place = parent !== null && known.has(parent) ? parent : null
        return { id, parent: place, createdAt, state, ...traitsOf(message) }
      })
    },
    remove(ids, what) {
      const asked = [ids].flat().flatMap((id) => there(id)?.stored ?? [])
      const conversation = asked[0]?.conversation
      if (conversation === undefined) return undefined
      const all = messagesOf(tables, conversation)
      const mine = all.filter(({ id }) => asked.some((one) => one.id === id))
      const token = randomUUID()
      const gone = mine.flatMap((message) => (what === 'branch' ? withBelow(all, message) : unitOf(all, message)))
      for (const { id } of gone) messages.get(id)!.removal = token
      const row = tables.conversations.get(conversation)!
      const before = row.leaf
      const after = endNear(tables, conversation, before)
      setLeaf(row, after)
      const leaves = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) }
      tables.removals.set(token, { conversation, at: clock(), ...leaves })
      return { token, conversation, ...(after !== undefined && { leaf: after }) }
    },
    restoreRemoved(token) {
      const removal = tables.removals.get(token)
      if (!removal) return false
      for (const kept of messages.values()) if (kept.removal === token) delete kept.removal
      tables.removals.delete(token)
      const { conversation, before, after } = removal
      const row = tables.conversations.get(conversation)
      if (row && (row.leaf === undefined || (before !== after && row.leaf === after)))
        setLeaf(row, endNear(tables, conversation, before))
      return true
    },
    setPinned(id, pinned) {
      const stored = messages.get(id)?.stored
      if (stored && pinned) stored.pinned = true
      else delete stored?.pinned
    },
  }
}

export function createJournal(tables: Tables): Journal {
  const { journal } = tables
  return {
    begin(message) {
      mustNotBeDeleted(tables, message.conversation)
      insert(tables, { ...message, state: 'streaming' })
      journal.set(message.id, [])
    },
    append(message, events) {
      if (events.length > 0) journal.get(message)?.push(encodeEvents(events))
      return true
    },
    finish(message) {
      journal.delete(message.id)
      replace(tables, message)
    },
    // What this window streams is alive, and nothing outlives it.
    recover: () => [],
  }
}

function mustNotBeDeleted(tables: Tables, id: ConversationId): void {
  if (!liveConversation(tables, id)) throw new Error(`No conversation ${id}.`)
}

function setLeaf(row: { leaf?: MessageId }, leaf: MessageId | undefined): void {
  if (leaf === undefined) delete row.leaf
  else row.leaf = leaf
}

/** The end of the newest branch below `id`, or of the whole conversation. */
function newestLeaf(tables: Tables, conversation: ConversationId, id: MessageId | null): MessageId | undefined {
  const all = messagesOf(tables, conversation)
  const below = id === null ? all : all.filter((message) => isBelow(all, message, id))
  const parents = new Set(below.map(({ parent }) => parent))
  return below.findLast((message) => !parents.has(message.id))?.id ?? id ?? undefined
}

function isBelow(all: readonly StoredMessage[], { id, parent }: StoredMessage, top: MessageId): boolean {
  const parents = new Map(all.map((message) => [message.id, message.parent]))
  const passed = new Set([id])
  for (let at: MessageId | null | undefined = parent; at != null && !passed.has(at); at = parents.get(at)) {
    if (at === top) return true
    passed.add(at)
  }
  return false
}

export function endNear(
  tables: Tables,
  conversation: ConversationId,
  leaf: MessageId | undefined,
): MessageId | undefined {
  const near = nearest(tables, leaf ?? null)
  return near === (leaf ?? null) ? leaf : newestLeaf(tables, conversation, near)
}

function withBelow(all: readonly StoredMessage[], top: StoredMessage): StoredMessage[] {
  return [top, ...all.filter((message) => isBelow(all, message, top.id))]
}

/** An answer with the results of what it called, whichever of them is meant. */
function unitOf(all: readonly StoredMessage[], one: StoredMessage): StoredMessage[] {
  const parent = all.find(({ id }) => id === one.parent)
  const head = one.message.role === 'tool' && parent?.message.role === 'assistant' ? parent : one
  if (head.message.role !== 'assistant') return [one]
  return [head, ...all.filter(({ parent, message }) => parent === head.id && message.role === 'tool')]
}
