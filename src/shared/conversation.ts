/** Conversations as they are stored and listed: a tree of messages, and what the person chose for it. */
import type { Guidance } from './agent.ts'
import type { Message } from './message.ts'
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
}

export type Conversation = {
  id: ConversationId
  title: string
  /** Epoch milliseconds. */
  createdAt: number
  updatedAt: number
  /** Folder URI of the workspace it was started in, where there was one. */
  workspace?: string
  choice?: Choice
  /** The id of an agent's file, or `NO_AGENT`; absent: the one the settings name. */
  agent?: string
  /** The message at the end of the branch that is shown. */
  leaf?: MessageId
}

export type ConversationSummary = Pick<Conversation, 'id' | 'title' | 'createdAt' | 'updatedAt' | 'workspace'> & {
  messages: number
}

/** `streaming` only while a live host writes it. `interrupted`: it ended before the provider said so. */
export type MessageState = 'streaming' | 'done' | 'interrupted'

export type Timing = {
  /** Epoch milliseconds at which the request was sent. */
  startedAt: number
  /** From request to the first text, thinking or tool argument. */
  firstTokenMs?: number
  /** From request to the end of the stream. */
  durationMs?: number
}

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
  /** The agent an answer was made with, and the instructions it was given. */
  guidance?: Guidance
}
