/**
 * The one conversation model, for host, store and webview. Everything here is plain JSON.
 *
 * `wire` holds what the shared fields cannot rebuild of a provider's own block. Only the dialect that wrote it reads
 * it, and it never crosses to the webview (see `view.ts`).
 */
import type { CallEnd } from './call-end.ts'
import type { Failure } from './failure.ts'
import type { Json } from './json.ts'

export type Sealed = { wire?: Json }

/** Bytes and their MIME type: base64, a content hash of the store's blobs, or an address the provider fetches itself. */
export type Media = { mediaType: string } & (
  | { data: string; blob?: never; url?: never }
  | { blob: string; data?: never; url?: never }
  | { url: string; data?: never; blob?: never }
)

/** A source the model names for a stretch of its text. `start` and `end` are UTF-16 offsets in the text, where known. */
export type Citation = { url?: string; title?: string; quote?: string; start?: number; end?: number }

export type Text = Sealed & { type: 'text'; text: string; citations?: Citation[] }
export type Thinking = Sealed & { type: 'thinking'; text: string; redacted?: true }
/** `size`: bytes of what only the store holds. */
export type File = Sealed & { type: 'file'; media: Media; name?: string; size?: number }
export type ToolCall = Sealed & {
  type: 'tool-call'
  id: string
  name: string
  ranBy: 'host' | 'provider'
  /** Arguments exactly as streamed. */
  json: string
  /** Arguments parsed once, at block-end. Absent means invalid JSON: such a call is never run and never replayed. */
  input?: Json
  /** For providers that report call and result as one item. */
  output?: Part[]
}
export type ToolResult = Sealed & {
  type: 'tool-result'
  callId: string
  name: string
  ranBy: 'host' | 'provider'
  output: Part[]
  failed?: true
  /** Of our own calls. */
  end?: CallEnd
}
/** A block we do not know: shown by its kind, replayed, never dropped. */
export type Other = Sealed & { type: 'other'; kind: string }

export type Part = Text | File
export type Block = Text | Thinking | File | ToolCall | ToolResult | Other

/** Who answered. `provider` is a provider id, `dialect` the wire format it spoke, `model` the id the provider reported. */
export type Origin = { provider: string; dialect: string; model: string }

/** Disjoint counts in tokens: input + cacheRead + cacheWrite is the whole prompt; reasoning is part of output. */
export type Usage = {
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  reasoning?: number
  /** USD, only where the provider itself reports it. */
  cost?: number
  /** True where we counted because the provider did not. */
  estimated?: true
  wire?: Json
}

/** Why a stream ended. `raw` is the provider's own word, always kept where there is one. */
export type Stop = { raw?: string } & (
  | { kind: 'done' | 'tools' | 'paused' | 'aborted' }
  | { kind: 'limit'; of: 'output' | 'context' }
  | { kind: 'refused'; category?: string; why?: string }
  | { kind: 'failed'; failure: Failure }
)

export type UserMessage = { role: 'user'; content: Part[] }
/**
 * How an answer goes on from the partial one before it: from its last character, because the provider was given it as the
 * beginning of its own, or because it was asked to. `join.ts` makes one text of the two.
 */
export type GoesOn = 'prefilled' | 'asked'
export type AssistantMessage = {
  role: 'assistant'
  content: Block[]
  origin: Origin
  stop: Stop
  usage: Usage
  goesOn?: GoesOn
}
/** All results of one step. */
export type ToolMessage = { role: 'tool'; content: ToolResult[] }
export type Message = UserMessage | AssistantMessage | ToolMessage

/**
 * What a provider's stream yields. The contract: an async generator that never throws; every block that started ends,
 * also on abort and failure; exactly one `end`, and it is last; usage is cumulative, so the last one counts.
 *
 * `index` names a block within this stream: the first that starts is 0, the next 1, so it is also the block's place in
 * the message's `content`. `block-delta` appends to the block's growing field: text of text and
 * thinking, json of a tool call. `block-replace` swaps the whole block while it is open; `block-end` carries the
 * finished block, which wins over what the deltas built.
 */
export type StreamEvent =
  /** `prefilled`: it goes on from the last character of the answer that the request ended with. */
  | { type: 'start'; origin: Origin; prefilled?: true }
  | { type: 'block-start' | 'block-replace' | 'block-end'; index: number; block: Block }
  | { type: 'block-delta'; index: number; text: string }
  | { type: 'usage'; usage: Usage }
  | { type: 'end'; stop: Stop }

export const noUsage = (): Usage => ({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 })

/** The plain text of a message: its text blocks joined by blank lines. */
export function textOf(content: readonly Block[]): string {
  return content
    .filter((block): block is Text => block.type === 'text')
    .map((block) => block.text)
    .join('\n\n')
}
