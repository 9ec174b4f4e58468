/**
 * Chunks of `POST /chat/completions` as stream events. A chunk says what to append to which field, not where a block
 * begins or ends: text and reasoning end when the other begins, calls when the answer does.
 */
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Block, Citation, Origin, Stop, StreamEvent, Usage } from '../../shared/message.ts'
import { frameError } from '../failures.ts'
import type { Parser } from '../guard.ts'
import { imageBlock, textBlock, thinkingBlock } from './blocks.ts'
import { Calls, finished, growing } from './calls.ts'
import { citationsIn } from './citations.ts'
import { addReasoning, newReasoning, objectsIn, reasoningIn } from './reasoning.ts'
import type { Reasoning } from './reasoning.ts'
import { stopOf } from './stop.ts'
import { usageIn } from './usage.ts'

/** The one block of text or reasoning that grows. `block`: its index in the stream. */
type Open =
  { kind: 'text' | 'refusal'; block: number; text: string } | { kind: 'thinking'; block: number; reasoning: Reasoning }

export class ChatParser implements Parser<JsonObject> {
  readonly #origin: Origin
  /** The usage of this answer, from what the server reported: for servers that count nothing, our own count. */
  readonly #account: (reported: Usage | undefined, answer: string) => Usage
  readonly #calls = new Calls()
  #open: Open | undefined
  #citations: Citation[] = []
  #nextBlock = 0
  #started = false
  #usage: Usage | undefined
  #answer = ''
  #refusal = ''
  #finish: string | undefined

  constructor(origin: Origin, account: (reported: Usage | undefined, answer: string) => Usage) {
    this.#origin = origin
    this.#account = account
  }

  /** True once the server has said why it stopped: what may still come is usage alone. */
  get complete(): boolean {
    return this.#finish !== undefined
  }

  *push(chunk: JsonObject): Iterable<StreamEvent> {
    if (!this.#started) {
      this.#started = true
      const model = typeof chunk.model === 'string' && chunk.model !== '' ? chunk.model : this.#origin.model
      yield { type: 'start', origin: { ...this.#origin, model } }
    }
    const [choice] = objectsIn(chunk.choices)
    this.#citations.push(...citationsIn(chunk, this.#citations))
    // A server that does not stream sends the whole message where others send a delta.
    const delta = choice && (isObject(choice.delta) ? choice.delta : choice.message)
    if (isObject(delta)) yield* this.#delta(delta)
    if (typeof choice?.finish_reason === 'string' && choice.finish_reason !== '') this.#finish = choice.finish_reason
    const told = usageIn(chunk)
    this.#usage = told ?? this.#usage
    // An answer that breaks off after this was told is paid for as told. The end tells it in any case.
    if (told && (this.#finish === undefined || this.#finish === 'error')) yield this.#counted()
    if (this.#finish === 'error') throw frameError(choice?.error ?? chunk.error ?? { message: 'The answer failed.' })
    if (this.#finish !== undefined && isObject(chunk.usage) && !choice) yield* this.#end(this.#finish)
  }

  /** The stream ended. Without a reason to stop it was cut short, which is for the guard to say. */
  *finish(): Iterable<StreamEvent> {
    if (this.#finish !== undefined) yield* this.#end(this.#finish)
  }

  *#delta(delta: JsonObject): Generator<StreamEvent> {
    this.#citations.push(...citationsIn(delta, this.#citations))
    if (reasoningIn(delta)) yield* this.#think(delta)
    for (const text of textsIn(delta.content)) yield* this.#say('text', text)
    if (typeof delta.refusal === 'string') yield* this.#say('refusal', delta.refusal)
    for (const raw of objectsIn(delta.images)) {
      const block = imageBlock(raw)
      if (block) yield* this.#whole(block)
    }
    for (const piece of objectsIn(delta.tool_calls)) yield* this.#call(piece)
    // The form before tools: one call, without an id.
    if (isObject(delta.function_call)) yield* this.#call({ index: 0, function: delta.function_call })
  }

  *#think(delta: JsonObject): Generator<StreamEvent> {
    let open = this.#open
    if (open?.kind !== 'thinking') {
      yield* this.#close()
      open = { kind: 'thinking', block: this.#nextBlock++, reasoning: newReasoning() }
      this.#open = open
      yield { type: 'block-start', index: open.block, block: { type: 'thinking', text: '' } }
    }
    const text = addReasoning(open.reasoning, delta)
    this.#answer += text
    if (text !== '') yield { type: 'block-delta', index: open.block, text }
  }

  *#say(kind: 'text' | 'refusal', text: string): Generator<StreamEvent> {
    if (text === '') return
    let open = this.#open
    if (open?.kind !== kind) {
      yield* this.#close()
      open = { kind, block: this.#nextBlock++, text: '' }
      this.#open = open
      yield { type: 'block-start', index: open.block, block: { type: 'text', text: '' } }
    }
    open.text += text
    this.#answer += text
    if (kind === 'refusal') this.#refusal += text
    yield { type: 'block-delta', index: open.block, text }
  }

  *#whole(block: Block): Generator<StreamEvent> {
    yield* this.#close()
    const index = this.#nextBlock++
    const { wire: _, ...shown } = block
    yield { type: 'block-start', index, block: shown }
    yield { type: 'block-end', index, block }
  }

  *#call(piece: JsonObject): Generator<StreamEvent> {
    let call = this.#calls.find(piece)
    const fresh = call === undefined
    if (fresh) yield* this.#close()
    call ??= this.#calls.begin(piece, this.#nextBlock++)
    const named = call.name
    const json = this.#calls.add(call, piece)
    this.#answer += json
    if (fresh) yield { type: 'block-start', index: call.block, block: growing(call) }
    // A name that comes late: the arguments so far come with it, because the block is swapped whole.
    else if (named !== call.name) {
      const so = { ...growing(call), json: call.json.slice(0, call.json.length - json.length) }
      yield { type: 'block-replace', index: call.block, block: so }
    }
    if (json !== '') yield { type: 'block-delta', index: call.block, text: json }
  }

  /** Ends the text or reasoning that is open. Citations belong to the text they come with or after. */
  *#close(): Generator<StreamEvent> {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    if (open.kind === 'thinking') {
      yield { type: 'block-end', index: open.block, block: thinkingBlock(open.reasoning) }
      return
    }
    const block = textBlock(open.text, this.#citations, open.kind === 'refusal')
    this.#citations = []
    yield { type: 'block-end', index: open.block, block }
  }

  *#end(finish: string): Generator<StreamEvent> {
    yield* this.#close()
    for (const call of this.#calls.all) yield { type: 'block-end', index: call.block, block: finished(call) }
    yield this.#counted()
    yield { type: 'end', stop: this.#stop(finish) }
  }

  #counted(): StreamEvent {
    return { type: 'usage', usage: this.#account(this.#usage, this.#answer) }
  }

  #stop(finish: string): Stop {
    return stopOf(finish, { calls: this.#calls.all.length > 0, refusal: this.#refusal })
  }
}

/** Text, plain or as Mistral's list of parts. */
function textsIn(content: Json | undefined): string[] {
  if (typeof content === 'string') return [content]
  return objectsIn(content).flatMap((part) =>
    part.type === 'text' && typeof part.text === 'string' ? [part.text] : [],
  )
}
