/**
 * What the rest of Panelist sees of persistence. Everything is synchronous and short. Two implementations keep this
 * contract: SQLite (`sqlite-store.ts`) and memory (`memory.ts`), for runtimes and folders where SQLite cannot work.
 *
 * Reads never throw for damage, of a row's content or of the file: what cannot be read is left out and reported by `onProblem`. Writes throw what the
 * database throws (a full disk, a lock that outlasts the busy timeout), except `journal.append`, which keeps its events
 * until the lock is gone.
 */
import type {
  Choice,
  Conversation,
  ConversationId,
  ConversationSummary,
  MessageId,
  StoredMessage,
} from '../shared/conversation.ts'
import type { StreamEvent } from '../shared/message.ts'
import type { ModelInfo } from '../shared/model.ts'
import type { RequestRecord } from '../shared/usage-record.ts'
import type { Bulk } from './bulk.ts'

export type NewConversation = Pick<Conversation, 'title'> & Partial<Pick<Conversation, 'id' | 'workspace' | 'choice'>>

export type ListOptions = {
  /** Every word of it must occur in the title, in any case. */
  search?: string
  /** Only conversations started in this folder URI. */
  workspace?: string
  /** 100 where absent. */
  limit?: number
}

export interface Conversations {
  /** The id is made here where the caller has none. */
  create(fields: NewConversation): Conversation
  get(id: ConversationId): Conversation | undefined
  /** Conversations that have messages, the one touched last first. */
  list(options?: ListOptions): ConversationSummary[]
  /** Keeps the place in the list. */
  rename(id: ConversationId, title: string): void
  setChoice(id: ConversationId, choice: Choice | undefined): void
  setLeaf(id: ConversationId, leaf: MessageId | undefined): void
  /** Sets `updatedAt` to now. */
  touch(id: ConversationId): void
  /** With its messages, its journals, and the blobs no other conversation names. Request records stay. */
  delete(id: ConversationId): void
}

/** Part of a branch, oldest first. `more`: there are older messages before the first of these. */
export type MessagePage = { messages: StoredMessage[]; more: boolean }

export type PageOptions = {
  /** The end of the branch. */
  leaf: MessageId
  /** A message of the branch: the page ends just before it. */
  before?: MessageId
  limit: number
}

/** A message that is being streamed is read with its journal folded in as far as it was written. */
export interface Messages {
  /** Throws where the id exists or the conversation does not. */
  append(message: StoredMessage): void
  /** Replaces content, state, timing and cost. No such message: nothing happens. */
  update(message: StoredMessage): void
  get(id: MessageId): StoredMessage | undefined
  /** Costs the same wherever in a branch, and in however long a branch, it is asked for. */
  page(conversation: ConversationId, options: PageOptions): MessagePage
  /** The whole chain from the first message to `leaf`. */
  branch(conversation: ConversationId, leaf: MessageId): StoredMessage[]
  /** Messages that answer `parent`, in the order they were written; null for those that start the conversation. */
  children(conversation: ConversationId, parent: MessageId | null): StoredMessage[]
}

/** What has streamed so far, so that a killed host loses only what it had not appended yet. */
export interface Journal {
  /** Stores the message as streaming, owned by this store. Throws where the conversation does not exist. */
  begin(message: StoredMessage): void
  /** Adds to the journal. Nothing happens where the message is gone or no longer streamed by this store. */
  append(message: MessageId, events: readonly StreamEvent[]): void
  /** Stores the final message and drops its journal, both or neither. A message deleted meanwhile stays deleted. */
  finish(message: StoredMessage): void
  /**
   * Settles the answers whose host died: as `done` where the journal holds the provider's end, else as `interrupted`.
   * Leaves alone what a live window streams. Returns the settled messages. Never throws: what cannot be settled now,
   * for a lock or for damage, is reported by `onProblem` and left to the next call.
   */
  recover(): StoredMessage[]
}

export type BlobContent = { bytes: Uint8Array; mediaType: string }

/** Attachments, by the SHA-256 of their bytes in hex. */
export interface Blobs {
  /** The same bytes are stored once, with the media type they came with first. */
  put(bytes: Uint8Array, mediaType: string): string
  get(hash: string): BlobContent | undefined
}

export interface RequestLog {
  insert(record: RequestRecord): void
  /** Newest first; `limit` is 100 where absent. */
  list(options?: { conversation?: ConversationId; limit?: number }): RequestRecord[]
}

/** `fetchedAt`: epoch milliseconds. */
export type CachedModels = { models: ModelInfo[]; fetchedAt: number }

/** Model lists as the providers last gave them. The key names a provider and its endpoint. */
export interface ModelCache {
  get(key: string): CachedModels | undefined
  set(key: string, cached: CachedModels): void
}

export interface Store {
  /** False where everything is lost when the window closes. */
  readonly durable: boolean
  readonly conversations: Conversations
  readonly messages: Messages
  readonly journal: Journal
  readonly blobs: Blobs
  readonly requests: RequestLog
  readonly modelCache: ModelCache
  readonly bulk: Bulk
  /** Says that this window lives: call it at least every 5 s while something streams. */
  heartbeat(): void
  /** Changes when another window has written. Costs microseconds. */
  dataVersion(): number
  /** Safe to call twice. Streams that were not finished become recoverable at once. */
  close(): void
}

export type StoreNotice = { level: 'info' | 'warning' | 'error'; text: string }

/** `notices` are for the person: whole sentences, empty where all is well. */
export type OpenedStore = { store: Store; notices: StoreNotice[] }
