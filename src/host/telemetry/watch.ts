/** Where turns tell what happens in them, whether anybody listens or not. Nothing here throws, and nothing waits. */
import type { Totals } from '../../agent/totals.ts'
import type { ChatRequest } from '../../llm/types.ts'
import type { AssistantMessage, ToolCall, ToolMessage } from '../../shared/message.ts'
import type { CallState, LoopEnd } from '../../shared/tool-state.ts'
import type { RequestRecord } from '../../shared/usage-record.ts'
import type { Tool } from '../../tools/tool.ts'
import type { TurnFacts } from './facts.ts'

/** A request that is over, whatever came of it. `address`: scheme, host and port that were asked. */
export type RequestSeen = {
  record: RequestRecord
  request: ChatRequest
  message: AssistantMessage
  address: string | undefined
}

export interface TurnWatch {
  request(seen: RequestSeen): void
  /** `tool`: undefined where the model called what is not there. */
  call(call: ToolCall, tool: Tool | undefined, state: CallState): void
  /** The results as they stand. */
  results(message: ToolMessage): void
  end(end: LoopEnd, totals: Totals): void
}

export interface Watch {
  /** Undefined where nobody listens. */
  turn(facts: TurnFacts): TurnWatch | undefined
  /** A request that belongs to no turn. */
  request(seen: RequestSeen): void
}
