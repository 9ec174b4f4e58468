/** The store where SQLite cannot work: the same contract, until the window closes. Values are copied in and out. */
import type {
  Conversation,
  ConversationId,
  ConversationSummary,
  MessageId,
  StoredMessage,
} from '../shared/conversation.ts'
import type { RequestRecord } from '../shared/usage-record.ts'
import { hashOf } from './blobs.ts'
import { LIST_LIMIT, newConversation, titleMatcher } from './conversations.ts'
import { encodeEvents, foldJournal } from './fold.ts'
import { createMemoryBulk } from './memory-bulk.ts'
import { REQUEST_LIMIT } from './requests.ts'
import type { BlobContent, CachedModels, Conversations, Journal, Messages, Store } from './store.ts'
import type { FindNode } from './tree.ts'
import { branchOf, pageOf } from './tree.ts'

type Tables = {
  conversations: Map<ConversationId, Conversation>
  messages: Map<MessageId, StoredMessage>
  journal: Map<MessageId, string[]>
  blobs: Map<string, BlobContent>
}

export function createMemoryStore(clock: () => number): Store {
  const blobs = new Map<string, BlobContent>()
  const tables: Tables = { conversations: new Map(), messages: new Map(), journal: new Map(), blobs }
  const requests: RequestRecord[] = []
  const models = new Map<string, CachedModels>()
  const conversations = createConversations(tables, clock)
  const messages = createMessages(tables)
  return {
    durable: false,
    conversations,
    messages,
    journal: createJournal(tables),
    blobs: {
      put(bytes, mediaType) {
        const hash = hashOf(bytes)
        if (!blobs.has(hash)) blobs.set(hash, { bytes: bytes.slice(), mediaType })
        return hash
      },
      get: (hash) => structuredClone(blobs.get(hash)),
    },
    requests: {
      insert: (record) => void requests.push({ ...record }),
      list: ({ conversation, limit = REQUEST_LIMIT } = {}) =>
        requests
          .filter((record) => conversation === undefined || record.conversation === conversation)
          .toReversed()
          .sort((a, b) => b.startedAt - a.startedAt)
          .slice(0, limit)
          .map((record) => ({ ...record })),
    },
    modelCache: {
      get: (key) => structuredClone(models.get(key)),
      set: (key, cached) => void models.set(key, structuredClone(cached)),
    },
    bulk: createMemoryBulk(tables, requests, conversations, messages),
    heartbeat: () => undefined,
    dataVersion: () => 0,
    close: () => undefined,
  }
}

function createConversations(tables: Tables, clock: () => number): Conversations {
  const { conversations, messages, journal, blobs } = tables
  const change = (id: ConversationId, apply: (conversation: Conversation) => void): void => {
    const conversation = conversations.get(id)
    if (conversation) apply(conversation)
  }
  const of = (id: ConversationId) => [...messages.values()].filter((message) => message.conversation === id)
  return {
    create(fields) {
      const conversation = newConversation(structuredClone(fields), clock())
      conversations.set(conversation.id, conversation)
      return structuredClone(conversation)
    },
    get: (id) => structuredClone(conversations.get(id)),
    list({ search, workspace, limit = LIST_LIMIT } = {}) {
      const matches = titleMatcher(search)
      return [...conversations.values()]
        .filter((one) => matches(one.title) && (workspace === undefined || one.workspace === workspace))
        .map((one) => summary(one, of(one.id).length))
        .filter((one) => one.messages > 0)
        .toReversed()
        .sort((a, b) => b.updatedAt - a.updatedAt)
        .slice(0, limit)
    },
    rename: (id, title) => change(id, (conversation) => (conversation.title = title)),
    setChoice: (id, choice) =>
      change(id, (conversation) => {
        if (choice) conversation.choice = { ...choice }
        else delete conversation.choice
      }),
    setLeaf: (id, leaf) =>
      change(id, (conversation) => {
        if (leaf === undefined) delete conversation.leaf
        else conversation.leaf = leaf
      }),
    touch: (id) => change(id, (conversation) => (conversation.updatedAt = clock())),
    delete(id) {
      const gone = JSON.stringify(of(id))
      for (const message of of(id)) {
        messages.delete(message.id)
        journal.delete(message.id)
      }
      conversations.delete(id)
      const candidates = [...blobs.keys()].filter((hash) => gone.includes(hash))
      const kept = candidates.length > 0 ? JSON.stringify([...messages.values()]) : ''
      for (const hash of candidates) if (!kept.includes(hash)) blobs.delete(hash)
    },
  }
}

function summary({ choice: _, leaf: __, ...rest }: Conversation, messages: number): ConversationSummary {
  return { ...rest, messages }
}

function insert({ conversations, messages }: Tables, message: StoredMessage): void {
  if (messages.has(message.id)) throw new Error(`Message ${message.id} exists.`)
  if (!conversations.has(message.conversation)) throw new Error(`No conversation ${message.conversation}.`)
  messages.set(message.id, structuredClone(message))
}

function createMessages(tables: Tables): Messages {
  const { messages, journal } = tables
  const get = (id: MessageId): StoredMessage | undefined => {
    const message = messages.get(id)
    if (message?.state !== 'streaming') return structuredClone(message)
    const rows = (journal.get(id) ?? []).map((events, seq) => ({ seq, events }))
    return foldJournal(structuredClone(message), rows).message
  }
  const within = (conversation: ConversationId): FindNode => {
    return (id) => {
      const message = get(id)
      return message?.conversation === conversation ? { id, parent: message.parent, message } : undefined
    }
  }
  return {
    append: (message) => insert(tables, message),
    update(message) {
      const old = messages.get(message.id)
      if (old) replace(tables, old, message)
    },
    get,
    page: (conversation, options) => pageOf(within(conversation), options),
    branch: (conversation, leaf) => branchOf(within(conversation), leaf),
    children: (conversation, parent) =>
      [...messages.values()]
        .filter((message) => message.conversation === conversation && message.parent === parent)
        .sort((a, b) => a.createdAt - b.createdAt)
        .flatMap(({ id }) => get(id) ?? []),
  }
}

/** A message keeps its place in the tree. */
function replace({ messages }: Tables, old: StoredMessage, message: StoredMessage): void {
  const { id, conversation, parent, createdAt } = old
  messages.set(id, { ...structuredClone(message), id, conversation, parent, createdAt })
}

function createJournal(tables: Tables): Journal {
  const { messages, journal } = tables
  return {
    begin(message) {
      insert(tables, { ...message, state: 'streaming' })
      journal.set(message.id, [])
    },
    append(message, events) {
      if (events.length > 0) journal.get(message)?.push(encodeEvents(events))
    },
    finish(message) {
      journal.delete(message.id)
      const old = messages.get(message.id)
      if (old) replace(tables, old, message)
    },
    // What this window streams is alive, and nothing outlives it.
    recover: () => [],
  }
}
