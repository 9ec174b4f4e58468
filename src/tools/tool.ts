/** What a tool is, whoever brings it: Panelist itself, an MCP server, another extension. */
import type { Json, JsonObject } from '../shared/json.ts'
import type { Part } from '../shared/message.ts'

/**
 * What a call does to the world. `read`: looks at the workspace and changes nothing. `write`: changes files. `run`:
 * starts programs. `send`: talks to something outside of this machine, or does what nobody told us.
 */
export type ToolEffect = 'read' | 'write' | 'run' | 'send'

export type ToolSource =
  { kind: 'built-in' } | { kind: 'mcp'; server: string; label?: string } | { kind: 'extension'; label: string }

/** Exactly what will happen, for the person who is asked. */
export type Preview =
  | { kind: 'arguments' }
  | { kind: 'command'; command: string; cwd?: string }
  | { kind: 'address'; url: string }
  | { kind: 'edits'; files: FileEdit[] }

/** A file before and after; `before` is absent for a new file, `after` for one that goes. Whole texts. */
export type FileEdit = { path: string; before?: string; after?: string }

/** What stands around one call while it runs. */
export type ToolContext = {
  /** Aborted when the person stops or the call's time is over: whatever was started must end then. */
  signal: AbortSignal
  callId: string
  conversation: string
  /** Live output, as it comes; it is shown, and is no part of the result. */
  onOutput(text: string): void
  /** `total` where it is known. */
  onProgress(progress: { done: number; total?: number; text?: string }): void
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
  /** Milliseconds; the loop's own limit where absent. */
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
