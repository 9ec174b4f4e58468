/**
 * What is told of turns, requests and calls to whoever exports it. Without the person's consent there is no `content`, and
 * then no fact holds a word of a prompt, an answer, an argument or a result.
 */
import type { ChatRequest } from '../../llm/types.ts'
import type { CallFailure } from '../../shared/call-end.ts'
import type { ConversationId } from '../../shared/conversation.ts'
import type { FailureCode } from '../../shared/failure.ts'
import type { AssistantMessage, Part } from '../../shared/message.ts'
import type { LoopEnd, ToolEffect, ToolSource } from '../../shared/tool-state.ts'
import type { RequestRecord } from '../../shared/usage-record.ts'

/** Times are epoch milliseconds. */
export type TurnFacts = { conversation: ConversationId; agent?: { id: string; name: string }; startedAt: number }

/** `cost`: USD, absent where unknown. `tokens`: of the whole turn. */
export type TurnEnd = {
  endedAt: number
  kind: LoopEnd['kind']
  error?: FailureCode | 'refused'
  steps: number
  tokens: { input: number; output: number }
  cost?: number
}

export type RequestFacts = {
  record: RequestRecord
  /** Scheme, host and port that were asked; absent for the editor's models. */
  address?: string
  /** The id the provider reported. */
  responseModel?: string
  /** The provider's own word for why the answer ended, else ours. */
  finish: string
  /** Tokens. */
  maxOutputTokens?: number
  temperature?: number
  /** The provider told no tokens: they were counted here. */
  estimated?: true
  content?: { request: ChatRequest; message: AssistantMessage }
}

/** `tool`: absent where the model called what is not there. */
export type CallFacts = {
  id: string
  tool?: { name: string; effect: ToolEffect; source: ToolSource['kind'] }
  startedAt: number
  durationMs: number
  error?: CallFailure
  /** `input`: JSON as the model wrote it. */
  content?: { input: string; output: Part[] }
}

/** One turn while it goes on. */
export interface TurnSpan {
  request(facts: RequestFacts): void
  call(facts: CallFacts): void
  end(end: TurnEnd): void
}

/** Sends what it is told, later and elsewhere: no call of it waits. */
export interface Exporter {
  turn(facts: TurnFacts): TurnSpan
  /** A request that belongs to no turn: a title, a summary. */
  request(facts: RequestFacts): void
  /** `flush`: what has not gone out is tried once more; else it is dropped. */
  close(flush: boolean): Promise<void>
}

export type ExporterOptions = {
  /** Base address of the collector: `/v1/traces` and `/v1/metrics` are added. */
  endpoint: string
  /** Asked before each export, so that they are kept nowhere else. Never rejects. */
  headers(): Promise<Record<string, string>>
  /** What describes this window, beside its service. */
  attributes: Record<string, string>
  /** Of Panelist. */
  version: string
  /** Asked before each export: where it is false, what there is to send is dropped. */
  allowed(): boolean
  /** Takes keys out of a text. */
  redact(text: string): string
  /** Told of each export: `why` where it failed. */
  exported(why?: string): void
}
