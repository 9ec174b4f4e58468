/**
 * What host and webview say to each other. The webview asks by request and gets one response; the host tells by
 * numbered batches of events. No key, header, `wire` or environment value has a place in any of these types.
 *
 * Order: `ready` and `open` are answered by a snapshot, which starts a new epoch at seq 0; batches of that epoch follow
 * as seq 1, 2, 3 ... A gap, or an epoch the webview does not know, means that the webview must ask `ready` again.
 */
import type { ContextRequests } from './protocol/context.ts'
import type { AgentRequests } from './protocol/agents.ts'
import type { BenchmarkRequests } from './protocol/benchmark.ts'
import type { CompareRequests } from './protocol/compare.ts'
import type { ConversationRequests } from './protocol/conversation.ts'
import type { MoneyRequests } from './protocol/money.ts'
import type { ModelRequests } from './protocol/models.ts'
import type { ToolRequests } from './protocol/tools.ts'
import type { ProviderRequests } from './protocol/providers.ts'
import type { McpRequests } from './protocol/mcp.ts'
import type { FileRequests } from './protocol/files.ts'
import type { HistoryRequests } from './protocol/history.ts'
import type { EditorRequests } from './protocol/editor.ts'
import type { SuggestRequests } from './protocol/suggest.ts'
import type { QuestionRequests } from './protocol/questions.ts'
import type { ResilienceRequests } from './protocol/resilience.ts'
import type { TransferRequests } from './protocol/transfer.ts'
import type { TreeRequests } from './protocol/tree.ts'
import type { Batch } from './protocol/conversation.ts'

export * from './protocol/context.ts'
export * from './protocol/agents.ts'
export * from './protocol/benchmark.ts'
export * from './protocol/compare.ts'
export * from './protocol/conversation.ts'
export * from './protocol/editor.ts'
export * from './protocol/empty.ts'
export * from './protocol/files.ts'
export * from './protocol/history.ts'
export * from './protocol/mcp.ts'
export * from './protocol/models.ts'
export * from './protocol/money.ts'
export * from './protocol/providers.ts'
export * from './protocol/resilience.ts'
export * from './protocol/suggest.ts'
export * from './protocol/questions.ts'
export * from './protocol/tools.ts'
export * from './protocol/transfer.ts'
export * from './protocol/tree.ts'
export * from './protocol/usage.ts'

/** What a page may ask, by topic: each `[body, response]`. */
export type Requests = ConversationRequests &
  ContextRequests &
  CompareRequests &
  BenchmarkRequests &
  ModelRequests &
  MoneyRequests &
  ToolRequests &
  ProviderRequests &
  McpRequests &
  QuestionRequests &
  FileRequests &
  SuggestRequests &
  HistoryRequests &
  AgentRequests &
  EditorRequests &
  ResilienceRequests &
  TransferRequests &
  TreeRequests

export type RequestName = keyof Requests
export type RequestBody<Name extends RequestName> = Requests[Name][0]
export type ResponseBody<Name extends RequestName> = Requests[Name][1]

/** What crosses the wire between the two. */
export type ToHost = {
  [Name in RequestName]: { type: 'request'; id: number; name: Name; body: RequestBody<Name> }
}[RequestName]
export type ToWebview =
  | { type: 'response'; id: number; body: unknown }
  | { type: 'error'; id: number; message: string }
  | ({ type: 'batch' } & Batch)
