/** Conversations as they are stored and listed: a tree of messages, and what the person chose for it. */
import type { Guidance } from './agent.ts'
import type { Failure } from './failure.ts'
import type { Message, Origin } from './message.ts'
import type { ProviderId } from './model.ts'

export type ConversationId = string
export type MessageId = string

/** What answers in a conversation. Absent fields fall back to the settings. */
export type Choice = {
  provider: ProviderId
  model: string
  /** Tokens. */
  maxOutputTokens?: number
  thinking?: 'off' | 'low' | 'medium' | 'high'
  /** The name of the key to use. */
  keyProfile?: string
  /** The names of the tools that are switched off. */
  toolsOff?: string[]
  /** Who is asked where the model fails, in order, each as `provider/model`. */
  failover?: string[]
}

/** Who gave a conversation its title: its first words, a model that was asked for one, or the person. */
export type TitledBy = 'words' | 'model' | 'person'

export type Conversation = {
  id: ConversationId
  title: string
  titledBy?: TitledBy
  /** Epoch milliseconds. */
  createdAt: number
  updatedAt: number
  /** Folder URI of the workspace it was started in, where there was one. */
  workspace?: string
  choice?: Choice
  /** The providers that nothing of it may be sent to, whoever is chosen. Never empty. */
  neverSendTo?: ProviderId[]
  /** The id of an agent's file, or `NO_AGENT`; absent: the one the settings name. */
  agent?: string
  /** The message at the end of the branch that is shown. */
  leaf?: MessageId
  /** Listed before all others. */
  pinned?: true
  /** Listed only where archived ones are asked for. */
  archived?: true
}

/** A model that answered: the provider's id, and the id of the model as the provider reported it. */
export type ModelRef = Pick<Origin, 'provider' | 'model'>

/** Where a conversation holds what was searched for. `text` is plain; each mark is a stretch of it, in UTF-16 offsets. */
export type Found = { message: MessageId; role: Message['role']; text: string; marks: [from: number, to: number][] }

export type ConversationSummary = Omit<Conversation, 'choice' | 'neverSendTo' | 'leaf'> & {
  messages: number
  /** Those that answered in it, each once. */
  models: ModelRef[]
  /** Absent where only the title holds what was searched for. */
  found?: Found
}

/** A request for an answer that brought nothing of it. */
export type FailedAttempt = Pick<Choice, 'provider' | 'model' | 'keyProfile'> & Pick<Failure, 'code' | 'status'>

/** `streaming` only while a live host writes it. `interrupted`: it ended before the provider said so. */
export type MessageState = 'streaming' | 'done' | 'interrupted'

export type Timing = {
  /** Epoch milliseconds at which the request was sent. */
  startedAt: number
  /** From request to the first text, thinking or tool argument. */
  firstTokenMs?: number
  /** From request to the end of the stream. */
  durationMs?: number
  /** What was asked for it before, in vain. */
  failed?: FailedAttempt[]
  /** Why another model or key answered than the one that was chosen, in a sentence. */
  instead?: string
}

/** Whose money an answer cost: the shared credits of a connection, or the person's own, by their key. */
export type PaidBy = 'credits' | 'key'

export type StoredMessage = {
  id: MessageId
  conversation: ConversationId
  parent: MessageId | null
  createdAt: number
  state: MessageState
  message: Message
  timing?: Timing
  /** USD. Absent means unknown. */
  cost?: number
  /** The name of the key an answer was asked with; absent where none was needed. */
  keyProfile?: string
  /** Absent where nothing was to be paid, and where it is not known. */
  paidBy?: PaidBy
  /** The agent an answer was made with, and the instructions it was given. */
  guidance?: Guidance
  /** It is never left out of what a model is sent. */
  pinned?: true
  /** Of an answer: what its request left out of the conversation. */
  fitted?: Fitted
}

/** What a request left out so that it fits into the model's window. */
export type Fitted = {
  /** Messages that were not sent. */
  left: number
  /** The first message that was sent. */
  from?: MessageId
  /** The id of the summary that stood for what is before. */
  summary?: string
  /** Results of tools up to this message went as their first lines. */
  short?: MessageId
  /** What a person should know of it, in sentences. */
  note?: string
}

/** A text that stands, before a model, for the older part of a branch. The messages themselves stay. */
export type Summary = {
  id: string
  conversation: ConversationId
  /** The last message it stands for. */
  through: MessageId
  text: string
  /** The model that wrote it. */
  origin?: ModelRef
  /** Epoch milliseconds. */
  createdAt: number
  /** Length of the text. */
  tokens?: number
  /** USD. Absent means unknown. */
  cost?: number
}

/** A message as the map of a conversation shows it. */
export type TreeNode = {
  id: MessageId
  parent: MessageId | null
  role: Message['role']
  createdAt: number
  state: MessageState
  /** The beginning of its text on one line, at most 80 characters. */
  preview: string
  /** Of an answer. */
  model?: ModelRef
}
