/** What a tool is, whoever brings it: Panelist itself, an MCP server, another extension. */
import type { Json, JsonObject } from '../shared/json.ts'
import type { Part } from '../shared/message.ts'
import type { Preview, ToolEffect, ToolProgress, ToolSource } from '../shared/tool-state.ts'

export type { FileEdit, Preview, ToolEffect, ToolSource } from '../shared/tool-state.ts'

/** What stands around one call while it runs. */
export type ToolContext = {
  /** Aborted when the person stops or the call's time is over: whatever was started must end then. */
  signal: AbortSignal
  callId: string
  conversation: string
  /** Live output, as it comes; it is shown, and is no part of the result. */
  onOutput(text: string): void
  onProgress(progress: ToolProgress): void
  /** Stands around a question to the person: the time that takes is none of the turn's. */
  aside?<T>(question: Promise<T>): Promise<T>
  /** Paths of the preview's files that the person rejected: what the tool would do to them must not happen. */
  rejected?: ReadonlySet<string>
}

/** `failed`: it did not do what was asked; `output` says why and what to do, in words for the model. */
export type ToolOutcome = { output: Part[]; failed?: true }

export interface Tool {
  /** What the model calls it: letters, digits, `_` and `-`, unique among the tools of a request. */
  readonly name: string
  /** What a person calls it. */
  readonly title: string
  /** For the model. */
  readonly description: string
  /** JSON Schema of an object. Calls whose arguments do not fit are never run. */
  readonly inputSchema: JsonObject
  readonly source: ToolSource
  readonly effect: ToolEffect
  /**
   * What else decides what a call does, as a digest: for a server's tool, the server's own definition. A remembered
   * approval ends when it changes.
   */
  readonly definition?: string
  /** True where it does a part of its edits as well, see `ToolContext.rejected`. Others run whole or not at all. */
  readonly divisible?: true
  /** What its source says of all its tools together, for the model. Nobody has read it: it is bounded and marked. */
  readonly guidance?: string
  /** Milliseconds, 0 for none; the loop's own limit where absent. */
  readonly timeoutMs?: number
  /** One line that says what this call does: `Read src/index.ts, lines 1 to 40`. Never throws. */
  describe(input: Json): string
  /** Asked before a person is. May read, must change nothing. Throws where the call cannot work: it then fails unasked. */
  preview?(input: Json, context: Pick<ToolContext, 'signal'>): Promise<Preview>
  /** What it throws is a failed result with the error's message. `input` fits the schema. */
  run(input: Json, context: ToolContext): Promise<ToolOutcome>
}

/** A whole result of one text. */
export const said = (text: string): ToolOutcome => ({ output: [{ type: 'text', text }] })
/** A failure in words for the model. */
export const couldNot = (text: string): ToolOutcome => ({ output: [{ type: 'text', text }], failed: true })
