/**
 * Events of `POST /responses` as stream events. Everything is filed by output index and content index, never by item
 * id: some servers give one item another id in each event.
 */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Block, Origin, Stop, StreamEvent, Usage } from '../../shared/message.ts'
import { frameError } from '../failures.ts'
import type { Parser } from '../guard.ts'
import { begunItem, begunPart, blocksOf, string } from './blocks.ts'

/** An output item in the making. `parts`: the stream's block index of each content part, or of the item at 0. */
type Growing = { item: JsonObject; parts: Map<number, number>; done: boolean }

export class ResponsesParser implements Parser<JsonObject> {
  readonly #origin: Origin
  readonly #items = new Map<number, Growing>()
  #nextBlock = 0
  #hostCalls = 0
  #refusal: string | undefined

  constructor(origin: Origin) {
    this.#origin = origin
  }

  *push(event: JsonObject): Iterable<StreamEvent> {
    const response = isObject(event.response) ? event.response : {}
    switch (event.type) {
      case 'response.created':
        yield { type: 'start', origin: { ...this.#origin, model: string(response.model) || this.#origin.model } }
        return
      case 'response.output_item.added':
        return yield* this.#added(count(event.output_index), objectOf(event.item))
      case 'response.output_item.done':
        return yield* this.#done(count(event.output_index), objectOf(event.item))
      case 'response.content_part.added':
        return void (yield* this.#part(event, objectOf(event.part)))
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return yield* this.#end(response)
      case 'error':
        throw frameError(objectOf(event.error).message === undefined ? event : (event.error as Json))
      default:
        // A whole response instead of events: a server that does not stream.
        if (event.object === 'response') return yield* this.#end(event)
        return yield* this.#delta(event)
    }
  }

  *#added(at: number, item: JsonObject): Generator<StreamEvent> {
    const growing: Growing = { item, parts: new Map(), done: false }
    this.#items.set(at, growing)
    if (item.type !== 'message') yield this.#start(growing, 0, begunItem(item))
  }

  #start(growing: Growing, part: number, block: Block): StreamEvent {
    const index = this.#nextBlock++
    growing.parts.set(part, index)
    return { type: 'block-start', index, block }
  }

  /** Starts the block of a message's part. Undefined where the event belongs to no message. */
  *#part(event: JsonObject, part: JsonObject): Generator<StreamEvent, number | undefined> {
    const at = count(event.output_index)
    if (!this.#items.has(at)) yield* this.#added(at, { type: 'message', role: 'assistant' })
    const growing = this.#items.get(at)
    if (!growing || growing.done || growing.item.type !== 'message') return undefined
    const place = count(event.content_index)
    if (!growing.parts.has(place)) yield this.#start(growing, place, begunPart(part))
    return growing.parts.get(place)
  }

  *#delta(event: JsonObject): Generator<StreamEvent> {
    const delta = string(event.delta)
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta': {
        const kind = event.type === 'response.refusal.delta' ? { type: 'refusal' } : { type: 'output_text', text: '' }
        const index = yield* this.#part(event, kind)
        if (index !== undefined && delta !== '') yield { type: 'block-delta', index, text: delta }
        return
      }
      case 'response.reasoning_summary_part.added':
        if (count(event.summary_index) > 0) yield* this.#grow(event, '\n\n', 'reasoning')
        return
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return yield* this.#grow(event, delta, 'reasoning')
      case 'response.function_call_arguments.delta':
        return yield* this.#grow(event, delta, 'function_call')
    }
  }

  *#grow(event: JsonObject, text: string, kind: string): Generator<StreamEvent> {
    const at = count(event.output_index)
    if (!this.#items.has(at)) yield* this.#added(at, { type: kind })
    const growing = this.#items.get(at)
    const index = growing?.parts.get(0)
    if (!growing || growing.done || growing.item.type !== kind || index === undefined || text === '') return
    yield { type: 'block-delta', index, text }
  }

  *#done(at: number, item: JsonObject): Generator<StreamEvent> {
    const growing = this.#items.get(at) ?? { item, parts: new Map<number, number>(), done: false }
    if (growing.done) return
    this.#items.set(at, growing)
    growing.done = true
    this.#note(item)
    for (const [part, block] of blocksOf(item).entries()) {
      if (!growing.parts.has(part)) yield this.#start(growing, part, withoutSeal(block))
      yield { type: 'block-end', index: growing.parts.get(part) ?? 0, block }
    }
  }

  /** What the end of the stream will depend on. */
  #note(item: JsonObject): void {
    if (item.type === 'function_call') this.#hostCalls++
    if (item.type !== 'message' || !Array.isArray(item.content)) return
    const refusal = item.content.find((part) => isObject(part) && part.type === 'refusal')
    if (isObject(refusal)) this.#refusal = string(refusal.refusal)
  }

  *#end(response: JsonObject): Generator<StreamEvent> {
    const done = [...this.#items.values()].some((growing) => growing.done)
    // Servers that report each item's end are believed; the others list the finished items here only.
    if (!done && Array.isArray(response.output)) {
      for (const [at, item] of response.output.entries()) if (isObject(item)) yield* this.#done(at, item)
    }
    if (isObject(response.usage)) yield { type: 'usage', usage: usageOf(response.usage, response.service_tier) }
    yield { type: 'end', stop: this.#stop(response) }
  }

  /** Throws for a response that failed. */
  #stop(response: JsonObject): Stop {
    const status = string(response.status)
    const reason = string(objectOf(response.incomplete_details).reason)
    if (status === 'failed' || isObject(response.error)) throw frameError(refused(objectOf(response.error)))
    if (reason === 'content_filter') return { kind: 'refused', category: reason, raw: reason }
    if (status === 'incomplete') return { kind: 'limit', of: 'output', raw: reason || status }
    if (status === 'cancelled') return { kind: 'aborted', raw: status }
    if (this.#hostCalls > 0) return { kind: 'tools', raw: status }
    if (this.#refusal !== undefined) return { kind: 'refused', why: this.#refusal, raw: status }
    return { kind: 'done', raw: status }
  }
}

/** The API's counts include what was cached; ours are apart. */
function usageOf(usage: JsonObject, tier: Json | undefined): Usage {
  const inputs = objectOf(usage.input_tokens_details)
  const cacheRead = count(inputs.cached_tokens)
  const cacheWrite = count(inputs.cache_write_tokens)
  const reasoning = objectOf(usage.output_tokens_details).reasoning_tokens
  return {
    input: Math.max(0, count(usage.input_tokens) - cacheRead - cacheWrite),
    output: count(usage.output_tokens),
    cacheRead,
    cacheWrite,
    ...(typeof reasoning === 'number' && { reasoning }),
    wire: { ...usage, ...(typeof tier === 'string' && { service_tier: tier }) },
  }
}

/** A failed response names its reason by a code alone; those about the request itself are refusals of it. */
function refused(error: JsonObject): JsonObject {
  const ours = /^(invalid|image|empty|failed_to_download|unsupported)_/.test(string(error.code))
  return ours ? { type: 'invalid_request_error', ...error } : error
}

function withoutSeal(block: Block): Block {
  const { wire: _, ...rest } = block
  return rest
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && value >= 0 ? value : 0
}
