/** The list of conversations: what is in it, which of them, and what can be done with many at once. */
import type { ConversationId, ConversationSummary } from '../conversation.ts'
import type { ProviderId } from '../model.ts'
import type { Empty } from './empty.ts'
import type { ModelRef } from './models.ts'

/** Which conversations. What is absent lets all of them through. */
export type HistoryFilters = {
  /** Words that must all occur, in the title or in any message; the last may be only begun. */
  search?: string
  /** Folder URI. */
  workspace?: string
  provider?: ProviderId
  model?: string
  agent?: string
  /** Touched at or after this moment, in epoch milliseconds. */
  since?: number
  /** Those that were put away, and only those. */
  archived?: true
}

/** Pinned first, then the one touched last. `more`: there are others after these. */
export type HistoryPage = { conversations: ConversationSummary[]; more: boolean }

/** What can be filtered by, as far as it occurs. */
export type HistoryFacets = {
  /** Folder URIs. */
  workspaces: string[]
  models: ModelRef[]
  agents: string[]
  /** The folder that is open now. */
  here?: string
}

export type HistoryRequests = {
  /** `offset`: how many of them the page has already. */
  history: [HistoryFilters & { offset?: number; limit?: number }, HistoryPage]
  'history-facets': [Empty, HistoryFacets]
  rename: [{ conversation: ConversationId; title: string }, Empty]
  'pin-chats': [{ conversations: ConversationId[]; on: boolean }, Empty]
  /** Put away, or back. */
  'archive-chats': [{ conversations: ConversationId[]; on: boolean }, Empty]
  /** Can be undone by `restore-chats`. */
  'delete-chats': [{ conversations: ConversationId[] }, Empty]
  'restore-chats': [{ conversations: ConversationId[] }, Empty]
}
