/** Anthropic's stream events as ours. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Origin, Stop, StreamEvent, Usage } from '../../shared/message.ts'
import type { Parser } from '../guard.ts'
import { parseBlock, readBlock } from './blocks.ts'

/** A block as it arrives: `raw` grows delta by delta, tool arguments apart from it as the text they are. */
type Growing = { raw: JsonObject; json: string }

/** The parser of one answer. Throws SyntaxError for what is JSON but no event of this API. */
export class AnthropicParser implements Parser<unknown> {
  readonly #origin: Origin
  readonly #growing = new Map<number, Growing>()
  readonly #names = new Map<string, string>()
  #usage: JsonObject = {}
  #stop: Stop = { kind: 'done' }

  constructor(origin: Origin) {
    this.#origin = origin
  }

  *push(chunk: unknown): Generator<StreamEvent> {
    const event = object(chunk, 'an event')
    switch (event.type) {
      case 'message_start':
        return yield* this.#start(object(event.message, 'a message'))
      case 'content_block_start':
        return yield* this.#startBlock(index(event), object(event.content_block, 'a block'))
      case 'content_block_delta':
        return yield* this.#grow(index(event), object(event.delta, 'a delta'))
      case 'content_block_stop':
        return yield* this.#endBlock(index(event))
      case 'message_delta':
        this.#stop = readStop(object(event.delta, 'a delta'))
        if (isObject(event.usage)) yield this.#count(event.usage)
        return
      case 'message_stop':
        yield { type: 'end', stop: this.#stop }
    }
  }

  *#start(message: JsonObject): Generator<StreamEvent> {
    const model = typeof message.model === 'string' && message.model ? message.model : this.#origin.model
    yield { type: 'start', origin: { ...this.#origin, model } }
    if (isObject(message.usage)) yield this.#count(message.usage)
    // Anthropic streams all content; some gateways put a first part of it here.
    if (!Array.isArray(message.content)) return
    for (const [at, raw] of message.content.entries()) {
      yield* this.#startBlock(at, object(raw, 'a block'))
      yield* this.#endBlock(at)
    }
  }

  *#startBlock(at: number, raw: JsonObject): Generator<StreamEvent> {
    if (typeof raw.id === 'string' && typeof raw.name === 'string') this.#names.set(raw.id, raw.name)
    this.#growing.set(at, { raw: { ...raw }, json: '' })
    const block = readBlock(raw, '', (id) => this.#names.get(id))
    // Its input is still to come: the empty one it starts with is a place for it, not arguments.
    if (block.type === 'tool-call')
      yield { type: 'block-start', index: at, block: { ...withoutInput(block), json: '' } }
    else yield { type: 'block-start', index: at, block }
  }

  *#grow(at: number, delta: JsonObject): Generator<StreamEvent> {
    const growing = this.#growing.get(at)
    if (!growing) return
    if (delta.type === 'input_json_delta') {
      const piece = typeof delta.partial_json === 'string' ? delta.partial_json : ''
      growing.json += piece
      if (piece) yield { type: 'block-delta', index: at, text: piece }
      return
    }
    absorb(growing.raw, delta)
    const shown =
      delta.type === 'text_delta' ? delta.text : delta.type === 'thinking_delta' ? delta.thinking : undefined
    if (typeof shown === 'string' && shown) yield { type: 'block-delta', index: at, text: shown }
  }

  *#endBlock(at: number): Generator<StreamEvent> {
    const growing = this.#growing.get(at)
    if (!growing) return
    this.#growing.delete(at)
    const { raw, json } = growing
    const block = parseBlock(withInput(raw, json), json, (id) => this.#names.get(id))
    yield { type: 'block-end', index: at, block }
  }

  /** Counts are cumulative, and a later event may leave out what an earlier one told. */
  #count(counts: JsonObject): StreamEvent {
    for (const [key, value] of Object.entries(counts))
      if (value !== null || !(key in this.#usage)) this.#usage[key] = value
    return { type: 'usage', usage: readUsage(this.#usage) }
  }
}

/** The raw block with its streamed arguments in place; left out where they are no JSON. */
function withInput(raw: JsonObject, json: string): JsonObject {
  if (json.length === 0) return raw
  try {
    return { ...raw, input: JSON.parse(json) as Json }
  } catch {
    return Object.fromEntries(Object.entries(raw).filter(([key]) => key !== 'input'))
  }
}

function withoutInput<Call extends { input?: Json }>(call: Call): Omit<Call, 'input'> {
  const { input: _, ...rest } = call
  return rest
}

/**
 * Adds a delta to its block, also one we have never seen: text grows, lists grow, anything else is set. A citation is
 * the one field whose delta has another name than its block.
 */
function absorb(raw: JsonObject, delta: JsonObject): void {
  for (const [key, value] of Object.entries(delta)) {
    if (key === 'type') continue
    if (key === 'citation') {
      raw.citations = [...(Array.isArray(raw.citations) ? raw.citations : []), value]
      continue
    }
    const before = raw[key]
    if (typeof before === 'string' && typeof value === 'string') raw[key] = before + value
    else if (Array.isArray(before) && Array.isArray(value)) raw[key] = [...before, ...value]
    else raw[key] = value
  }
}

function readUsage(raw: JsonObject): Usage {
  const details = isObject(raw.output_tokens_details) ? raw.output_tokens_details : {}
  return {
    input: count(raw.input_tokens),
    output: count(raw.output_tokens),
    cacheRead: count(raw.cache_read_input_tokens),
    cacheWrite: count(raw.cache_creation_input_tokens),
    ...(typeof details.thinking_tokens === 'number' ? { reasoning: details.thinking_tokens } : {}),
    wire: raw,
  }
}

function readStop(delta: JsonObject): Stop {
  const raw = typeof delta.stop_reason === 'string' ? { raw: delta.stop_reason } : {}
  switch (delta.stop_reason) {
    case 'tool_use':
      return { kind: 'tools', ...raw }
    case 'pause_turn':
      return { kind: 'paused', ...raw }
    case 'max_tokens':
      return { kind: 'limit', of: 'output', ...raw }
    case 'model_context_window_exceeded':
      return { kind: 'limit', of: 'context', ...raw }
    case 'refusal': {
      const { category, explanation } = isObject(delta.stop_details) ? delta.stop_details : {}
      return {
        kind: 'refused',
        ...(typeof category === 'string' ? { category } : {}),
        ...(typeof explanation === 'string' ? { why: explanation } : {}),
        ...raw,
      }
    }
    default:
      return { kind: 'done', ...raw }
  }
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

function object(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new SyntaxError(`Expected ${what}, got ${JSON.stringify(value)?.slice(0, 100)}`)
  return value
}

function index(event: JsonObject): number {
  if (typeof event.index !== 'number') throw new SyntaxError('A block event has no index')
  return event.index
}
