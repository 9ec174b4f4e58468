/**
 * Google's chunks as stream events. A chunk holds the parts that are new; its counts and metadata are of the whole
 * answer. What comes after the reason to stop still counts, so the answer ends where the stream does.
 */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, Origin, Stop, StreamEvent, Usage } from '../../shared/message.ts'
import type { Parser } from '../guard.ts'
import type { Exchange } from '../transport.ts'
import { addArguments } from './arguments.ts'
import { isProse, parsePart } from './blocks.ts'
import { Sources } from './citations.ts'
import { googleError } from './errors.ts'
import { Prose } from './prose.ts'
import { blockedStop, stopOf } from './stop.ts'

/** A call whose arguments stream. `raw`: its first part; `call`: what that says of the call itself. */
type GrowingCall = { index: number; raw: JsonObject; call: JsonObject; args: JsonObject }

export class GoogleParser implements Parser<JsonObject> {
  readonly #origin: Origin
  readonly #exchange: Exchange
  readonly #sources = new Sources()
  readonly #names = new Map<string, string>()
  #started = false
  #answerId: string = globalThis.crypto.randomUUID()
  #nextBlock = 0
  #prose: Prose | undefined
  #call: GrowingCall | undefined
  #lastCall: string | undefined
  #called = false
  #counts: JsonObject = {}
  #blocked: Stop | undefined
  /** The candidate as it was when it named the reason to stop. */
  #stopped: JsonObject | undefined

  constructor(origin: Origin, exchange: Exchange) {
    this.#origin = origin
    this.#exchange = exchange
  }

  /** True once Google has said why it stopped: what may still come is counts and sources. */
  get complete(): boolean {
    return this.#stopped !== undefined || this.#blocked !== undefined
  }

  *push(chunk: JsonObject): Generator<StreamEvent> {
    if (chunk.error !== undefined && chunk.error !== null) throw googleError(chunk.error, this.#exchange)
    if (!this.#started) yield this.#start(chunk)
    this.#blocked ??= blockedStop(chunk.promptFeedback)
    const [candidate] = Array.isArray(chunk.candidates) ? chunk.candidates : []
    if (isObject(candidate)) yield* this.#read(candidate)
    if (isObject(chunk.usageMetadata)) yield* this.#count(chunk.usageMetadata)
  }

  /** The stream ended. Without a reason to stop it was cut short, which is for the guard to say. */
  *finish(): Generator<StreamEvent> {
    const stop = this.#stopped ? stopOf(this.#stopped, this.#called || this.#call !== undefined) : this.#blocked
    if (!stop) return
    // A call that is cut off by a limit may be half of one: the guard closes it, and it is never run.
    if (stop.kind === 'tools') yield* this.#endCall()
    yield* this.#endProse()
    yield { type: 'end', stop }
  }

  #start({ modelVersion, responseId }: JsonObject): StreamEvent {
    this.#started = true
    if (typeof responseId === 'string' && responseId) this.#answerId = responseId
    const model = typeof modelVersion === 'string' && modelVersion ? modelVersion : this.#origin.model
    return { type: 'start', origin: { ...this.#origin, model } }
  }

  *#read(candidate: JsonObject): Generator<StreamEvent> {
    this.#sources.add(candidate)
    const { content } = candidate
    for (const part of isObject(content) && Array.isArray(content.parts) ? content.parts : []) {
      if (!isObject(part)) throw new SyntaxError(`Expected a part, got ${JSON.stringify(part).slice(0, 100)}`)
      yield* isProse(part) ? this.#say(part) : this.#add(part)
    }
    if (typeof candidate.finishReason === 'string' && candidate.finishReason) this.#stopped = candidate
  }

  *#say(part: JsonObject): Generator<StreamEvent> {
    // Google ends some answers with a part of no words and nothing else.
    if (!part.text && Object.keys(part).every((key) => key === 'text' || key === 'thought')) return
    const thought = part.thought === true
    let open = this.#prose
    if (open?.thought !== thought) {
      yield* this.#endProse()
      yield* this.#endCall()
      open = new Prose(this.#nextBlock++, thought)
      this.#prose = open
      yield { type: 'block-start', index: open.index, block: { type: thought ? 'thinking' : 'text', text: '' } }
    }
    const text = open.add(part)
    if (text !== '') yield { type: 'block-delta', index: open.index, text }
  }

  *#add(part: JsonObject): Generator<StreamEvent> {
    const call = isObject(part.functionCall) ? part.functionCall : undefined
    if (call && this.#call && !call.name) return yield* this.#growCall(call)
    yield* this.#endProse()
    yield* this.#endCall()
    if (call && (call.willContinue === true || call.partialArgs !== undefined))
      return yield* this.#startCall(part, call)
    const index = this.#nextBlock++
    const block = this.#parse(part, index)
    yield { type: 'block-start', index, block: growing(block) }
    if (block.type === 'tool-call') yield { type: 'block-delta', index, text: block.json }
    yield { type: 'block-end', index, block }
  }

  *#startCall(raw: JsonObject, made: JsonObject): Generator<StreamEvent> {
    const { willContinue: _, partialArgs: __, ...call } = made
    const index = this.#nextBlock++
    this.#call = { index, raw, call, args: {} }
    yield { type: 'block-start', index, block: growing(this.#parse({ functionCall: call }, index)) }
    yield* this.#growCall(made)
  }

  *#growCall(made: JsonObject): Generator<StreamEvent> {
    if (this.#call) addArguments(this.#call.args, made.partialArgs)
    if (made.willContinue !== true) yield* this.#endCall()
  }

  *#endCall(): Generator<StreamEvent> {
    if (!this.#call) return
    const { index, raw, call, args } = this.#call
    this.#call = undefined
    const block = this.#parse({ ...raw, functionCall: { ...call, args } }, index)
    if (block.type === 'tool-call') yield { type: 'block-delta', index, text: block.json }
    yield { type: 'block-end', index, block }
  }

  #parse(part: JsonObject, index: number): Block {
    const block = parsePart(part, {
      newId: () => `call_${this.#answerId}_${index}`,
      lastCall: this.#lastCall,
      nameOf: (id) => this.#names.get(id),
    })
    if (block.type !== 'tool-call') return block
    this.#names.set(block.id, block.name)
    if (block.ranBy === 'host') this.#called = true
    else this.#lastCall = block.id
    return block
  }

  /** Ends the text or thought that is open. Sources belong to the text they come with or after. */
  *#endProse(): Generator<StreamEvent> {
    const open = this.#prose
    this.#prose = undefined
    if (open) yield { type: 'block-end', index: open.index, block: open.finish(this.#sources.take(open)) }
  }

  /** Counts are of the whole answer so far, and a later chunk may leave out what an earlier one told. */
  *#count(counts: JsonObject): Generator<StreamEvent> {
    const before = JSON.stringify(this.#counts)
    this.#counts = { ...this.#counts, ...counts }
    const told = Object.keys(this.#counts).some((key) => key.endsWith('TokenCount'))
    if (told && JSON.stringify(this.#counts) !== before) yield { type: 'usage', usage: readUsage(this.#counts) }
  }
}

/** A block as it starts: a call's arguments are still to come. */
function growing(block: Block): Block {
  const { wire: _, ...shown } = block
  if (shown.type !== 'tool-call') return shown
  const { input: __, ...call } = shown
  return { ...call, json: '' }
}

function readUsage(counts: JsonObject): Usage {
  const cacheRead = count(counts.cachedContentTokenCount)
  const thoughts = count(counts.thoughtsTokenCount)
  // What Google's own tools brought is read by the model like a prompt, but counted apart from it.
  const prompt = count(counts.promptTokenCount) + count(counts.toolUsePromptTokenCount)
  return {
    input: Math.max(0, prompt - cacheRead),
    output: count(counts.candidatesTokenCount) + thoughts,
    cacheRead,
    cacheWrite: 0,
    ...(counts.thoughtsTokenCount === undefined ? {} : { reasoning: thoughts }),
    wire: counts,
  }
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}
