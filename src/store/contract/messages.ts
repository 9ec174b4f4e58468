/** The part of the store's contract that is about messages and their tree. */
import type { ConversationId, MessageId, StoredMessage, TreeNode } from '../../shared/conversation.ts'

/** Part of a branch, oldest first. `more`: there are older messages before the first of these. */
export type MessagePage = { messages: StoredMessage[]; more: boolean }

export type PageOptions = {
  /** The end of the branch. */
  leaf: MessageId
  /** A message of the branch: the page ends just before it. */
  before?: MessageId
  limit: number
}

/** `token` undoes it; `leaf` is the end of the branch that is shown now, absent where nothing is left. */
export type Removal = { token: string; conversation: ConversationId; leaf?: MessageId }

/**
 * A message that is being streamed is read with its journal folded in as far as it was written. A message that was removed
 * is in no reading; what is below it and was not removed is read as an answer to what is above it.
 */
export interface Messages {
  /** Throws where the id exists or the conversation does not. */
  append(message: StoredMessage): void
  /** Replaces content, state, timing, cost, key and what was left out. No such message: nothing happens. */
  update(message: StoredMessage): void
  get(id: MessageId): StoredMessage | undefined
  /** Costs the same wherever in a branch, and in however long a branch, it is asked for. */
  page(conversation: ConversationId, options: PageOptions): MessagePage
  /** The whole chain from the first message to `leaf`. */
  branch(conversation: ConversationId, leaf: MessageId): StoredMessage[]
  /** Messages that answer `parent`, in the order they were written; null for those that start the conversation. */
  children(conversation: ConversationId, parent: MessageId | null): StoredMessage[]
  /** The messages that answer what this one answers, in the order they were written; itself among them. */
  siblings(id: MessageId): MessageId[]
  /** The newest message below `id` that has none below it; `id` where there is none below. */
  leafOf(id: MessageId): MessageId
  /** All messages, in the order they were written. A parent that is lost is null. */
  tree(conversation: ConversationId): TreeNode[]
  /**
   * Takes messages of one conversation away: by themselves, an answer with its tool results as one, or with all that is
   * below them. Where the end of the shown branch goes, the newest leaf near it is shown. Undefined where none is there.
   */
  remove(ids: MessageId | readonly MessageId[], what: 'message' | 'branch'): Removal | undefined
  /**
   * Undoes a removal, in whatever order several are undone. False where there is none with this token. Shows what was shown before
   * it, unless the person has gone elsewhere since.
   */
  restoreRemoved(token: string): boolean
  /** No such message: nothing happens. */
  setPinned(id: MessageId, pinned: boolean): void
}
