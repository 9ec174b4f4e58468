/**
 * What the rest of Panelist sees of persistence. Everything is synchronous and short. Two implementations keep this
 * contract: SQLite (`sqlite-store.ts`) and memory (`memory.ts`), for runtimes and folders where SQLite cannot work.
 *
 * Reads never throw for damage, of a row's content or of the file: what cannot be read is left out and reported by `onProblem`. Writes throw what the
 * database throws (a full disk, a lock that outlasts the busy timeout), except `journal.append`, which keeps its events
 * until the lock is gone.
 */
import type { ConversationId, MessageId, StoredMessage, Summary } from '../shared/conversation.ts'
import type { ModelInfo } from '../shared/model.ts'
import type { RequestRecord } from '../shared/usage-record.ts'
import type { Benchmarks } from './contract/benchmarks.ts'
import type { Budget } from './contract/budget.ts'
import type { Conversations } from './contract/conversations.ts'
import type { Messages } from './contract/messages.ts'
import type { Rates } from './contract/rates.ts'
import type { UsageStatistics } from './contract/usage.ts'

export type {
  Conversations,
  ConversationFields,
  Facets,
  ListOptions,
  NewConversation,
} from './contract/conversations.ts'
export type { MessagePage, Messages, PageOptions, Removal } from './contract/messages.ts'
import type { Bulk } from './bulk.ts'
import type { JournalEvent } from './fold.ts'

/** What has streamed so far, so that a killed host loses only what it had not appended yet. */
export interface Journal {
  /** Stores the message as streaming, owned by this store. Throws where the conversation does not exist. */
  begin(message: StoredMessage): void
  /**
   * Adds to the journal. Nothing happens where the message is gone or no longer streamed by this store. False where another
   * window has the lock: the events wait in memory and are written with the next, of which there may be none.
   */
  append(message: MessageId, events: readonly JournalEvent[]): boolean
  /** Stores the final message and drops its journal, both or neither. A message deleted meanwhile stays deleted. */
  finish(message: StoredMessage): void
  /**
   * Settles the answers whose host died: as `done` where the journal holds the provider's end, else as `interrupted`.
   * What they had asked for and nobody recorded is recorded and settled, once. Leaves alone what a live window streams. Returns the settled messages. Never throws: what cannot be settled now,
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
  /** One that is there already stays: another window took this one for dead, and recorded what it knew. */
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

/** Texts that stand for the older part of a branch. Those of a deleted conversation are gone and back with it. */
export interface Summaries {
  /** Replaces the one with this id. Throws where the conversation does not exist. */
  put(summary: Summary): void
  /** Oldest first. */
  list(conversation: ConversationId): Summary[]
  remove(id: string): void
}

/**
 * What is searched. It follows every write by itself, and fills itself from the messages where it is missing, damaged or
 * of another version: in steps, so that nobody waits. Until then a search finds what is in it already.
 */
export interface SearchIndex {
  /** Messages that are not searched yet; costs microseconds where there are none. */
  behind(): number
  /** Works for about `budget` ms, 20 where absent. False once nothing is left to do. */
  step(budget?: number): boolean
}

export interface Store {
  /** False where everything is lost when the window closes. */
  readonly durable: boolean
  readonly conversations: Conversations
  readonly messages: Messages
  readonly journal: Journal
  readonly blobs: Blobs
  readonly requests: RequestLog
  readonly usage: UsageStatistics
  readonly benchmarks: Benchmarks
  readonly budget: Budget
  readonly rates: Rates
  readonly modelCache: ModelCache
  readonly summaries: Summaries
  readonly index: SearchIndex
  readonly bulk: Bulk
  /** Says that this window lives: call it at least every 5 s while something streams. */
  heartbeat(): void
  /** Changes when another window has written. Costs microseconds. */
  dataVersion(): number
  /**
   * Writes the whole database as it is now to a file, and replaces what is there once the copy is whole. Rejects where it
   * cannot be written, and where there is no database.
   */
  backup(path: string): Promise<void>
  /**
   * Replaces everything, in all windows, by what is in this copy of a database, of this version or an earlier one. What was there
   * is kept in the file this gives. Rejects with a sentence where the copy is damaged, newer, or none, and changes nothing.
   */
  restore(path: string): Promise<string>
  /** Conversations with something in the database at `path` that is not here. 0 where it cannot be read. */
  missingFrom(path: string): number
  /** Takes in what is missing from there, all or nothing. Throws like `restore`. */
  bringFrom(path: string): void
  /** Safe to call twice. Streams that were not finished become recoverable at once. */
  close(): void
}

export type StoreNotice = { level: 'info' | 'warning' | 'error'; text: string }

/** `notices` are for the person: whole sentences, empty where all is well. */
export type OpenedStore = { store: Store; notices: StoreNotice[] }
