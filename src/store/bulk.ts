/** Whole conversations in and out, for exports and imports. */
import type { Conversation, ConversationId, MessageId, StoredMessage, Summary } from '../shared/conversation.ts'
import type { RequestRecord } from '../shared/usage-record.ts'

/** `messages`: of every branch, in the order they were written. `summaries`: absent where there are none. */
export type Whole = { conversation: Conversation; messages: StoredMessage[]; summaries?: Summary[] }

/** `next`: what gives the page after this one; absent where there is none. */
export type RecordPage = { records: RequestRecord[]; next?: number }

/** The contract of `store.ts` holds here too: reads leave out what is damaged, writes throw what the database throws. */
export interface Bulk {
  /** Of every conversation that has messages, in the order they were made. */
  ids(): ConversationId[]
  /** An answer that is being streamed is read as an interrupted one. */
  read(id: ConversationId): Whole | undefined
  /** True where a conversation, a message or a summary has this id, also one that was deleted and can still be restored. */
  isTaken(id: ConversationId | MessageId): boolean
  /** Oldest first, of one conversation or of all. */
  requests(options: { conversation?: ConversationId; from?: number; limit: number }): RecordPage
  /** All of them or none. They are in no list and in no search before `reveal`; what is never revealed is purged in time. */
  insert(wholes: readonly Whole[]): void
  /** Shows all of these and keeps those of the records that are not there yet, or does nothing. */
  reveal(ids: readonly ConversationId[], records: readonly RequestRecord[]): void
  /** Takes inserted conversations away for good, with the attachments that only they name. */
  discard(ids: readonly ConversationId[]): void
}

/** Nobody streams it where it is read next. */
export function settled(message: StoredMessage): StoredMessage {
  return message.state === 'streaming' ? { ...message, state: 'interrupted' } : message
}

export function withSummaries(whole: Whole, summaries: Summary[]): Whole {
  return summaries.length > 0 ? { ...whole, summaries } : whole
}
