/** How a conversation is kept within the window of its model: what takes how much, summaries, and what is always sent. */
import type { MessageId } from '../conversation.ts'
import type { Empty } from './empty.ts'
import type { Counted, DraftToCount } from './files.ts'

/** A summary that stands for the beginning of the shown branch. `tokens` of its text, `cost` of writing it in USD. */
export type SummaryView = {
  id: string
  /** The last message it stands for. */
  through: MessageId
  /** How many messages it stands for, results of tools not counted. */
  messages: number
  text: string
  /** Who wrote it, by ids. */
  model?: string
  provider?: string
  tokens?: number
  cost?: number
}

/** Asked before a request that is longer than the window. `messages`: how many would be left out or summarised. */
export type FitQuestion = {
  id: string
  messages: number
  tokens: number
  limit: number
  model: string
  summariser?: string
}

/** `again`: another model was chosen. `stop`: nothing is sent. */
export type FitDecision = 'slide' | 'summarise' | 'again' | 'stop'

/** What is under way, and the summary that counts. */
export type ContextState = { asking?: FitQuestion; summarising?: { messages: number }; summary?: string }

export type ContextRequests = {
  /** Tokens of the chat as it would be sent with this draft, estimated and by parts; null where no model is chosen. */
  context: [DraftToCount, Counted | null]
  /** The summary that stands for the beginning of the shown branch, where there is one. */
  summaries: [Empty, SummaryView[]]
  /** Writes a summary of the older part now; `instead` of this one, where it is named. */
  summarise: [{ instead?: string }, Empty]
  /** Ends the writing of one: by hand nothing is done then, before a request the oldest messages are left out. */
  'cancel-summary': [Empty, Empty]
  /** The whole history counts again. */
  'undo-summary': [{ summary: string }, Empty]
  'decide-fit': [{ question: string; decision: FitDecision }, Empty]
  /** Whether this message is always sent, however long the conversation gets. */
  'pin-message': [{ message: MessageId; pinned: boolean }, Empty]
}
