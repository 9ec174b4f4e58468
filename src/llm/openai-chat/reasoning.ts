/** Reasoning as compatible servers stream it: plain text, OpenRouter's `reasoning_details`, LiteLLM's `thinking_blocks`. */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'

/** The field that plain reasoning text came in. `content`: as a part of the content. */
export type ReasoningField = 'reasoning' | 'reasoning_content' | 'content'

/** A stretch of reasoning in the making. */
export type Reasoning = {
  text: string
  field?: ReasoningField
  details: JsonObject[]
  blocks: JsonObject[]
}

export const newReasoning = (): Reasoning => ({ text: '', details: [], blocks: [] })

/**
 * What a delta adds to a stretch: its text and, for plain text, the field it came in. Undefined where it holds no
 * reasoning. Servers that send plain text repeat it in the details, beside it or later, so there only the plain counts.
 */
export function reasoningIn(
  delta: JsonObject,
  stretch?: Reasoning,
): { text: string; field?: ReasoningField } | undefined {
  for (const field of ['reasoning', 'reasoning_content'] as const) {
    const text = delta[field]
    if (typeof text === 'string' && text !== '') return { text, field }
  }
  const parts = Array.isArray(delta.content) ? delta.content.filter(isThinkingPart).map(partText) : []
  if (parts.length > 0) return { text: parts.join(''), field: 'content' }
  const sealed = [...objectsIn(delta.reasoning_details), ...objectsIn(delta.thinking_blocks)]
  if (sealed.length === 0) return undefined
  if (stretch?.field !== undefined) return { text: '' }
  const fresh = sealed.filter((piece) => !stretch?.blocks.some((block) => seals(block, piece)))
  return { text: fresh.map(textIn).join('') }
}

/** Adds a delta to a stretch in place and returns the text it added. */
export function addReasoning(reasoning: Reasoning, delta: JsonObject): string {
  const added = reasoningIn(delta, reasoning)
  if (added?.field !== undefined) reasoning.field = added.field
  const text = added?.text ?? ''
  reasoning.text += text
  reasoning.details = merged(reasoning.details, delta.reasoning_details)
  reasoning.blocks = merged(reasoning.blocks, delta.thinking_blocks)
  return text
}

/**
 * The list with what a delta adds. A piece that goes on with the last one (same type and index, not yet signed) grows
 * it: its texts are appended, its other fields replace.
 */
export function merged(list: JsonObject[], added: Json | undefined): JsonObject[] {
  const result = [...list]
  for (const piece of objectsIn(added)) {
    const last = result.at(-1)
    if (last && seals(last, piece)) result[result.length - 1] = { ...last, ...piece }
    else if (last && goesOn(last, piece)) result[result.length - 1] = grown(last, piece)
    else result.push(piece)
  }
  return result
}

const GROWING = ['text', 'summary', 'data', 'thinking']

function goesOn(last: JsonObject, piece: JsonObject): boolean {
  if (last.type !== piece.type || last.index !== piece.index) return false
  if (piece.index !== undefined) return true
  return GROWING.some((key) => typeof piece[key] === 'string' && key !== 'data') && !last.signature
}

/**
 * True for a piece that signs what is there and repeats it whole, as LiteLLM 1.102 sends a signature. Its older
 * releases sent the signature with empty text. Doubled text would not match the signature, and the provider refuses it.
 */
function seals(last: JsonObject, piece: JsonObject): boolean {
  return Boolean(piece.signature) && !last.signature && textIn(piece) !== '' && textIn(piece) === textIn(last)
}

function grown(last: JsonObject, piece: JsonObject): JsonObject {
  const result = { ...last }
  for (const [key, value] of Object.entries(piece)) {
    const before = last[key]
    if (GROWING.includes(key) && typeof before === 'string' && typeof value === 'string') result[key] = before + value
    else if (value !== null || before === undefined) result[key] = value
  }
  return result
}

function textIn(piece: JsonObject): string {
  const text = piece.text ?? piece.summary ?? piece.thinking
  return typeof text === 'string' ? text : ''
}

function isThinkingPart(part: Json): part is JsonObject {
  return isObject(part) && part.type === 'thinking'
}

/** Mistral's part: `{type: 'thinking', thinking: [{type: 'text', text}]}`. */
function partText(part: JsonObject): string {
  return objectsIn(part.thinking).map(textIn).join('')
}

export function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((entry) => isObject(entry)) : []
}
