/** A wire format as tests need it: the bytes of answers good and bad, and what a request of ours says in it. */
import type { JsonObject } from '../../../src/shared/json.ts'
import type { Stop, Usage } from '../../../src/shared/message.ts'

export type Call = { id: string; name: string; input: JsonObject }
export type Said = { thinking?: string; text?: string; calls?: Call[] }

/** Why a server refuses a request, whatever its format calls it. */
export type Reason =
  'auth' | 'permission' | 'not-found' | 'invalid-request' | 'context-length' | 'rate-limit' | 'quota' | 'unavailable'

export type Hint = { what: string; headers?: Record<string, string>; body: unknown; milliseconds: number }

export type Format = {
  contentType: string
  /** The model its answers name. */
  model: string
  /** The counts its answers tell. */
  usage: Usage
  /** A whole answer of this, as a stream. */
  answer(said: Said): string
  /** The beginning of an answer that holds all of `partText`. */
  part: string
  /** A line or frame that cannot be read. */
  garbage: string
  /** One that says "It broke". */
  errorFrame: string
  /** An answer whose text comes in this many pieces of "ab". */
  long(pieces: number): string
  /** The body of a refusal with this sentence, or undefined where the format never says it under this status. */
  refusal(status: number, reason: Reason, message: string): unknown
  /** What its providers say of how long to wait, beside `Retry-After`. */
  hints(): Hint[]
  /** The answer to a count of tokens, where the format has one. */
  counted?: (tokens: number) => JsonObject
  /** Answers by how they end. */
  stops: [bytes: string, stop: Stop][]
  /** What a call and its result are matched by. */
  keyOf(call: { id: string; name: string }): string
  /** The results of tools in a request, in their order. */
  resultsIn(body: JsonObject): { call: string; text: string }[]
  /** The images in a request, in base64. */
  imagesIn(body: JsonObject): string[]
}

export const partText = 'Hé🎈llo'

/** A list of objects in a request, wherever it should be. */
export const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : [])
export const object = (value: unknown): JsonObject => (value ?? {}) as JsonObject
export const counts = (input: number, output: number, more: Partial<Usage> = {}): Usage => ({
  input,
  output,
  cacheRead: 0,
  cacheWrite: 0,
  ...more,
})
/** The base64 of a data URL. */
export const dataOf = (url: unknown): string => String(url).split(',')[1] ?? ''
