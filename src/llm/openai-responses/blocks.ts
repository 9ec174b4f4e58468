/**
 * Output items of the Responses API as blocks, and blocks as items again.
 *
 * A message item becomes one block a content part, every other item one block. The seal is written only from a finished
 * item: a block without one was interrupted, and of those only text and whole function calls are replayed, because the
 * API refuses half reasoning and half provider-run calls.
 */
import { isObject, parseJson } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Block, Other, Text, Thinking, ToolCall } from '../../shared/message.ts'
import { missing } from '../openai/media.ts'
import { residueOf, restore } from '../residue.ts'
import { providerCall, providerItem } from './provider-calls.ts'
import { annotationsOf, citationsOf } from './citations.ts'

/** What a finished block of this dialect keeps: the message a part belongs to, or the kind of a whole item. */
type Seal = { message?: Json; at?: number; refusal?: true; part?: Json; kind?: string; item?: Json }

/** The blocks of a finished output item. */
export function blocksOf(item: JsonObject): Block[] {
  const content = item.content
  if (item.type !== 'message' || !Array.isArray(content) || content.length === 0) return [itemBlock(item)]
  return content.map((part, at) => partBlock(item, isObject(part) ? part : {}, at))
}

/** What an item that has just begun is shown as: its growing field is empty, because deltas will fill it. */
export function begunItem(item: JsonObject): Block {
  const block = unsealed(item, kindOf(item))
  if (block.type === 'thinking') return { type: 'thinking', text: '' }
  if (block.type !== 'tool-call' || block.ranBy !== 'host') return block
  const { input: _, ...call } = block
  return { ...call, json: '' }
}

/** The same for a part of a message. */
export function begunPart(part: JsonObject): Text | Other {
  const block = unsealedPart(part)
  return block.type === 'text' ? { type: 'text', text: '' } : block
}

function itemBlock(item: JsonObject): Block {
  const kind = kindOf(item)
  const block = unsealed(item, kind)
  return seal(block, { kind, item: residueOf(item, itemFields(block, kind)) })
}

function partBlock(message: JsonObject, part: JsonObject, at: number): Block {
  const block = unsealedPart(part)
  const refusal = part.type === 'refusal'
  const { content: _content, ...envelope } = message
  return seal(block, {
    message: residueOf(envelope, MESSAGE) ?? {},
    at,
    ...(refusal && { refusal }),
    part: residueOf(part, partFields(block, refusal)),
  })
}

/** The input items that say what these blocks say, in the provider's own words where it was the one who said them. */
export function itemsOf(blocks: readonly Block[]): JsonObject[] {
  const items: JsonObject[] = []
  for (const block of blocks) append(items, block)
  // The API refuses reasoning that leads to nothing, which is what an interrupted answer leaves at its end.
  while (items.at(-1)?.type === 'reasoning') items.pop()
  return items
}

const MESSAGE: JsonObject = { type: 'message', role: 'assistant', status: 'completed' }

function append(items: JsonObject[], block: Block): void {
  const wire = isObject(block.wire) ? (block.wire as Seal) : undefined
  if (wire?.message !== undefined) return appendPart(items, block, wire)
  if (wire?.kind !== undefined) {
    if (block.type === 'tool-call' && block.ranBy === 'host' && block.input === undefined) return
    items.push(restore(itemFields(block, wire.kind), wire.item) as JsonObject)
    return
  }
  if (block.type === 'text') appendPlain(items, block.text)
  else if (block.type === 'file') appendPlain(items, missing(block))
  else if (block.type === 'tool-call' && block.ranBy === 'host' && block.input !== undefined) {
    items.push({ type: 'function_call', call_id: block.id, name: block.name, arguments: block.json.trim() || '{}' })
  }
}

function appendPart(items: JsonObject[], block: Block, wire: Seal): void {
  const part = restore(partFields(block, wire.refusal === true), wire.part)
  const envelope = restore(MESSAGE, wire.message) as JsonObject
  const last = items.at(-1)
  const content = last?.content
  const continues = wire.at !== 0 && last?.id === envelope.id && Array.isArray(content)
  if (continues && content.length === wire.at) content.push(part)
  else items.push({ ...envelope, content: [part] })
}

/** Text that no finished item of this dialect holds: another dialect's, or an interrupted answer's. */
function appendPlain(items: JsonObject[], text: string): void {
  if (text === '') return
  const last = items.at(-1)
  if (last && last.type === undefined) last.content = string(last.content) + text
  else items.push({ role: 'assistant', content: text })
}

const kindOf = (item: JsonObject): string => string(item.type) || 'unknown'

function unsealed(item: JsonObject, kind: string): Block {
  if (kind === 'reasoning') return thinking(item)
  if (kind === 'function_call') return functionCall(item)
  if (kind.endsWith('_call')) return providerCall(item, kind)
  return { type: 'other', kind }
}

function itemFields(block: Block, kind: string): JsonObject {
  if (block.type === 'thinking') return { type: kind, summary: summaryOf(block.text) }
  if (block.type !== 'tool-call') return { type: kind }
  if (block.ranBy === 'provider') return providerItem(block, kind)
  return { type: kind, call_id: block.id, name: block.name, arguments: block.json }
}

function unsealedPart(part: JsonObject): Text | Other {
  if (part.type === 'refusal') return { type: 'text', text: string(part.refusal) }
  if (typeof part.text !== 'string') return { type: 'other', kind: string(part.type) || 'unknown' }
  const citations = citationsOf(part.annotations)
  return { type: 'text', text: part.text, ...(citations.length > 0 && { citations }) }
}

function partFields(block: Block, refusal: boolean): JsonObject {
  if (block.type !== 'text') return {}
  if (refusal) return { type: 'refusal', refusal: block.text }
  return { type: 'output_text', text: block.text, annotations: annotationsOf(block.citations ?? []) }
}

function thinking(item: JsonObject): Thinking {
  const summary = textsOf(item.summary)
  const text = (summary.length > 0 ? summary : textsOf(item.content)).join('\n\n')
  return { type: 'thinking', text, ...(text === '' && { redacted: true as const }) }
}

function summaryOf(text: string): Json {
  return text === '' ? [] : [{ type: 'summary_text', text }]
}

function functionCall(item: JsonObject): ToolCall {
  const json = string(item.arguments)
  const input = json.trim() === '' ? {} : parseJson(json)
  const id = string(item.call_id) || string(item.id)
  const call = { type: 'tool-call' as const, id, name: string(item.name), ranBy: 'host' as const, json }
  return input === undefined ? call : { ...call, input }
}

function seal<B extends Block>(block: B, wire: { [Key in keyof Seal]?: Seal[Key] | undefined }): B {
  const kept = Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined))
  return { ...block, wire: kept as Json }
}

function textsOf(parts: Json | undefined): string[] {
  if (!Array.isArray(parts)) return []
  return parts.flatMap((part) => (isObject(part) && typeof part.text === 'string' ? [part.text] : []))
}

export function string(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
