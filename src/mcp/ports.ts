/** What the room asks of its owner: the person, the workspace, the log. */
import type { JsonObject } from '../shared/json.ts'
import type { Part } from '../shared/message.ts'

/** A folder of the workspace. `uri`: `file:` and the like. */
export type Root = { uri: string; name: string }

/** A server wants something of the person. `form`: a flat JSON Schema of an object. `url`: a page to be opened. */
export type ElicitRequest = { server: string; message: string } & (
  { mode: 'form'; schema: JsonObject } | { mode: 'url'; url: string; id: string }
)

/** `content`: the form's fields. For a page, `accept` means that it was opened. */
export type ElicitAnswer =
  | { action: 'accept'; content?: Record<string, string | number | boolean | string[]> }
  | { action: 'decline' | 'cancel' }

/** A server wants a model's answer, at the person's cost. */
export type SampleRequest = {
  server: string
  system?: string
  messages: { role: 'user' | 'assistant'; content: Part[] }[]
  maxOutputTokens: number
  temperature?: number
  stopSequences?: string[]
  /** Names of models the server would like, best first. */
  wishes: string[]
}

export type SampleAnswer = { model: string; text: string; stop?: 'endTurn' | 'maxTokens' | 'stopSequence' }

export type McpLogLevel = 'debug' | 'info' | 'warning' | 'error'

/** `source`: what the server logs by MCP, its standard error, or what we have to say of it. */
export type McpLogEntry = { server: string; level: McpLogLevel; source: 'server' | 'stderr' | 'client'; text: string }

export type McpPorts = {
  roots(): readonly Root[]
  /** Asked each time. `signal`: the server withdrew its question. Absent: servers are told that nobody can be asked. */
  onElicit?(request: ElicitRequest, signal: AbortSignal): Promise<ElicitAnswer>
  /** Asked each time; undefined where the person says no. */
  onSample?(request: SampleRequest, signal: AbortSignal): Promise<SampleAnswer | undefined>
  onLog?(entry: McpLogEntry): void
}

export type Progress = { done: number; total?: number; text?: string }

export type RequestSettings = {
  signal?: AbortSignal
  onProgress?(progress: Progress): void
}
