/** The part of the store's contract that is about conversations. */
import type {
  Choice,
  Conversation,
  ConversationId,
  ConversationSummary,
  MessageId,
  ModelRef,
} from '../../shared/conversation.ts'

export type NewConversation = Pick<Conversation, 'title'> &
  Partial<
    Pick<Conversation, 'id' | 'workspace' | 'choice' | 'neverSendTo' | 'titledBy' | 'agent' | 'pinned' | 'archived'>
  > & {
    /** Epoch milliseconds; now where absent. */
    createdAt?: number
    updatedAt?: number
  }

export type ListOptions = {
  /**
   * Words. Each must occur in the title, or in one message together with those the title does not have. In messages
   * they are whole words but for the last, which may be the beginning of one; case and accents do not matter.
   */
  search?: string
  /** Only conversations started in this folder URI. */
  workspace?: string
  /** Only those this provider answered in. */
  provider?: string
  /** Only those this model answered in; with `provider`, this model of that provider. */
  model?: string
  /** Only those that go by this agent. */
  agent?: string
  /** Only those touched from `since` on and before `until`. Epoch milliseconds. */
  since?: number
  until?: number
  /** True for the archived alone; the others where absent. */
  archived?: boolean
  /** 100 where absent. */
  limit?: number
  /** How many to pass over. */
  offset?: number
}

/** What can be filtered by: what occurs in the conversations that are not deleted. */
export type Facets = { workspaces: string[]; models: ModelRef[]; agents: string[] }

/** What of a conversation can be changed. What is absent stays. */
export type ConversationFields = Partial<Pick<Conversation, 'title' | 'titledBy'>> & {
  pinned?: boolean
  archived?: boolean
  /** Null takes it away. */
  agent?: string | null
  workspace?: string | null
  /** All of them; empty takes them away. */
  neverSendTo?: readonly string[]
}

/** A conversation that is deleted is gone from every reading at once, with all that is in it, until it is restored. */
export interface Conversations {
  /** The id is made here where the caller has none. */
  create(fields: NewConversation): Conversation
  get(id: ConversationId): Conversation | undefined
  /** Conversations that have messages: the pinned first, then the one touched last first. */
  list(options?: ListOptions): ConversationSummary[]
  facets(): Facets
  /** Keeps the place in the list, but for pinning. */
  update(id: ConversationId, fields: ConversationFields): void
  /** What it may never be sent to stays. */
  setChoice(id: ConversationId, choice: Choice | undefined): void
  setLeaf(id: ConversationId, leaf: MessageId | undefined): void
  /** Sets `updatedAt` to now. */
  touch(id: ConversationId): void
  /** All or none. Their answers that are being written are still kept, for `restore`. */
  delete(ids: ConversationId | readonly ConversationId[]): void
  /** Those that are deleted and not purged are as they were. */
  restore(ids: ConversationId | readonly ConversationId[]): void
  /**
   * Removes for good what is deleted: the conversations with these ids or, without ids, conversations and messages that
   * were deleted more than 24 hours ago. With their messages, journals and summaries, and the blobs nothing else names.
   * Request records stay.
   */
  purge(ids?: ConversationId | readonly ConversationId[]): void
  /** What `purge` does without ids, a piece at a time that nobody feels. True where there is more. */
  purgeSome(): boolean
}
