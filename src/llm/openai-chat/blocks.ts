/**
 * An assistant message of Chat Completions as blocks, and blocks as such a message again.
 *
 * A message has one text, one reasoning and a list of calls, so the blocks of one answer fold back into one message.
 * Thinking is replayed in the fields it came in, and only when it was finished.
 */
import { isObject, parseJson } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Block, Citation, File, Text, Thinking, ToolCall } from '../../shared/message.ts'
import { missing } from '../openai/media.ts'
import { residueOf, restore } from '../residue.ts'
import { merged } from './reasoning.ts'
import type { Reasoning, ReasoningField } from './reasoning.ts'

type ThinkingSeal = { field?: ReasoningField; details?: Json; blocks?: Json }

/** A finished stretch of reasoning. */
export function thinkingBlock({ text, field, details, blocks }: Reasoning): Thinking {
  const wire: JsonObject = {
    ...(field !== undefined && { field }),
    ...(details.length > 0 && { details: residueOf(details, detailsOf(text)) ?? {} }),
    ...(blocks.length > 0 && { blocks: residueOf(blocks, blocksOf(text)) ?? {} }),
  }
  return { type: 'thinking', text, ...(text === '' && { redacted: true as const }), wire }
}

const detailsOf = (text: string): Json => [{ type: 'reasoning.text', text }]
const blocksOf = (text: string): Json => [{ type: 'thinking', thinking: text }]

/** A finished stretch of text. `refusal`: it came in the field of that name. */
export function textBlock(text: string, citations: Citation[], refusal: boolean): Text {
  return {
    type: 'text',
    text,
    ...(citations.length > 0 && { citations }),
    ...(refusal && { wire: { refusal } }),
  }
}

/** A finished call from its raw form, which always has `id` and `function`. */
export function callBlock(raw: JsonObject): ToolCall {
  const made = isObject(raw.function) ? raw.function : {}
  const json = String(made.arguments)
  const input = json.trim() === '' ? {} : parseJson(json)
  const call: ToolCall = {
    type: 'tool-call',
    id: String(raw.id),
    name: String(made.name),
    ranBy: 'host',
    json,
    ...(input !== undefined && { input }),
  }
  const wire = residueOf(raw, rawCall(call))
  return wire === undefined ? call : { ...call, wire }
}

/** An image the model made, as OpenRouter sends it. Undefined where it holds no image. */
export function imageBlock(raw: JsonObject): File | undefined {
  const url = isObject(raw.image_url) ? raw.image_url.url : undefined
  if (typeof url !== 'string') return undefined
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  const media = mediaType && data !== undefined ? { mediaType, data } : { mediaType: 'image/*', url }
  const file: File = { type: 'file', media }
  return { ...file, wire: { image: residueOf(raw, rawImage(file)) ?? {} } }
}

function rawCall(call: ToolCall): JsonObject {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.json } }
}

function rawImage({ media }: File): JsonObject {
  return { type: 'image_url', image_url: { url: media.url ?? `data:${media.mediaType};base64,${media.data ?? ''}` } }
}

/** The blocks of one answer as one message, or undefined where nothing of them can be said again. */
export function assistantMessage(blocks: readonly Block[], own: boolean): JsonObject | undefined {
  const texts = blocks.flatMap(spoken)
  const said = texts.filter((block) => !isSealed(block, 'refusal'))
  const refused = texts.filter((block) => isSealed(block, 'refusal'))
  const calls = blocks.flatMap((block) => (block.type === 'tool-call' ? replayed(block) : []))
  const images = blocks.flatMap((block) => (block.type === 'file' ? replayedImage(block) : []))
  const thinking = reasoningFields(blocks)
  const { parts, ...fields } = thinking
  // Thinking alone is no message that servers take.
  if (texts.length + calls.length + images.length === 0) return undefined

  // Another dialect's stretches of text stood apart, with calls between them; ours were one string that calls cut.
  const text = said.map((block) => block.text).join(own ? '' : '\n\n')
  const content = said.length > 0 ? text : calls.length + refused.length + images.length > 0 ? null : ''
  return {
    role: 'assistant',
    content: Array.isArray(parts) ? [...parts, ...(text === '' ? [] : [{ type: 'text', text }])] : content,
    ...(refused.length > 0 && { refusal: refused.map((block) => block.text).join('') }),
    ...fields,
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

/** Text, and a word in the place of a file that another dialect's model made: an answer takes none from us. */
function spoken(block: Block): Text[] {
  if (block.type === 'text') return [block]
  return block.type === 'file' && block.wire === undefined ? [{ type: 'text', text: missing(block) }] : []
}

function reasoningFields(blocks: readonly Block[]): JsonObject {
  const fields: JsonObject = {}
  let details: JsonObject[] = []
  let signed: JsonObject[] = []
  for (const block of blocks) {
    if (block.type !== 'thinking' || !isObject(block.wire)) continue
    const wire = block.wire as ThinkingSeal
    if (wire.field === 'content') {
      const part = { type: 'thinking', thinking: [{ type: 'text', text: block.text }] }
      fields.parts = [...((fields.parts as Json[] | undefined) ?? []), part]
    } else if (wire.field !== undefined) {
      fields[wire.field] = String(fields[wire.field] ?? '') + block.text
    }
    if (wire.details !== undefined) details = merged(details, restore(detailsOf(block.text), wire.details))
    if (wire.blocks !== undefined) signed = merged(signed, restore(blocksOf(block.text), wire.blocks))
  }
  if (details.length > 0) fields.reasoning_details = details
  if (signed.length > 0) fields.thinking_blocks = signed
  return fields
}

function replayed(call: ToolCall): JsonObject[] {
  if (call.ranBy !== 'host' || call.input === undefined) return []
  // Strict servers parse the arguments; nothing at all is how some models say that there are none.
  const json = call.json.trim() === '' ? '{}' : call.json
  return [restore(rawCall({ ...call, json }), call.wire) as JsonObject]
}

function replayedImage(file: File): JsonObject[] {
  if (!isObject(file.wire)) return []
  return [restore(rawImage(file), file.wire.image) as JsonObject]
}

function isSealed(block: Block, key: string): boolean {
  return isObject(block.wire) && block.wire[key] !== undefined
}
