/** Files on their way into a message, and counting before it is sent. */
import type { ConversationId, MessageId } from '../conversation.ts'
import type { Empty } from './empty.ts'

/**
 * What a person sees of a piece of context on its chip. The file's `name` is what the model reads over it. `ref`: by
 * what it can be had again, and `digest` what it was when it was read; both absent where nothing tells of a change.
 */
export type ContextFacts = { label: string; detail?: string; icon: string; ref?: string; digest?: string }

/** `data`: base64. `context`: where it is text that goes along as an attachment. */
export type ReadFile = { name: string } & (
  { data: string; context?: ContextFacts; why?: never } | { why: string; data?: never; context?: never }
)

/** `data` (base64) comes the first time the page names this `id`, and always from the host. */
export type KeptFile = { id: string; name: string; mediaType: string; data?: string; context?: ContextFacts }

/** A file of a draft. `data` (base64) comes the first time the page names this `id`, where the file is small enough. */
export type DraftFile = { id: string; mediaType: string; size: number; name?: string; data?: string }

export type DraftToCount = { text: string; files: DraftFile[]; parent?: MessageId | null }

/**
 * Tokens of a request by what they are for, as estimated: together they come to what is told of the request. `answer`: what
 * is kept free for it.
 */
export type ContextParts = { system: number; tools: number; files: number; history: number; answer: number }

/**
 * Tokens of a request before it is sent. `message`: of the draft alone, always an estimate. `exact`: the provider counted
 * `tokens`, else they are an estimate. `cost`: USD at the price of input, absent where that is unknown. `leaves`: how many
 * earlier messages will be left out for the first time. `tooLong`: not even the last message fits.
 */
export type Counted = {
  tokens: number
  message: number
  exact: boolean
  cost?: number
  parts?: ContextParts
  leaves?: number
  tooLong?: true
}

export type FileRequests = {
  /**
   * Files and folders of the workspace by their addresses, and other context by the ids of suggestions. Those that cannot
   * be read say why. `draft`: see `take-suggestion`.
   */
  attach: [{ uris: string[]; draft?: string }, ReadFile[]]
  /** The files of a draft, so that they outlive a page that is hidden; and what was kept of one. */
  keepFiles: [{ conversation: ConversationId; files: KeptFile[] }, Empty]
  keptFiles: [{ conversation: ConversationId }, KeptFile[]]
  /** A file of a message, named by its place in the content, to a place the person chooses. */
  saveFile: [{ message: MessageId; place: number }, Empty]
  /**
   * Tokens of the request that would be sent now. Null where that was overtaken by another, or no one can tell. An empty
   * draft ends the count that is under way.
   */
  count: [DraftToCount, Counted | null]
}
