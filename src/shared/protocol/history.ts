/** The list of conversations. */
import type { ConversationId, ConversationSummary } from '../conversation.ts'
import type { Empty } from './empty.ts'

export type HistoryRequests = {
  history: [{ search?: string }, ConversationSummary[]]
  rename: [{ conversation: ConversationId; title: string }, Empty]
  delete: [{ conversation: ConversationId }, Empty]
}
