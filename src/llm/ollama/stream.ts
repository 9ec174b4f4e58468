/** Chunks of `POST /api/chat` as stream events. A chunk says what to append to which field, calls and images come whole. */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, Origin, Stop, StreamEvent, Usage } from '../../shared/message.ts'
import type { Parser } from '../guard.ts'
import { callBlock, imageBlock } from './blocks.ts'

type Open = { type: 'text' | 'thinking'; index: number; text: string }

export class OllamaParser implements Parser<unknown> {
  readonly #origin: Origin
  /** The most tokens the answer was allowed, where a limit was set. */
  readonly #limit: number | undefined
  /** Counts the tokens of the request and of this answer, for servers that do not. */
  readonly #estimate: (answer: string) => Usage
  #open: Open | undefined
  #next = 0
  #started = false
  #calls = false
  #answer = ''

  constructor(origin: Origin, limit: number | undefined, estimate: (answer: string) => Usage) {
    this.#origin = origin
    this.#limit = limit
    this.#estimate = estimate
  }

  *push(chunk: unknown): Generator<StreamEvent> {
    if (!isObject(chunk)) throw new SyntaxError('A chunk is no JSON object')
    if (!this.#started) {
      this.#started = true
      const model = typeof chunk.model === 'string' && chunk.model ? chunk.model : this.#origin.model
      yield { type: 'start', origin: { ...this.#origin, model } }
    }
    if (isObject(chunk.message)) yield* this.#message(chunk.message)
    if (chunk.done !== true) return
    yield* this.#close()
    yield { type: 'usage', usage: this.#usage(chunk) }
    yield { type: 'end', stop: this.#stop(chunk) }
  }

  *#message({ thinking, content, tool_calls: calls, images }: JsonObject): Generator<StreamEvent> {
    if (typeof thinking === 'string') yield* this.#grow('thinking', thinking)
    if (typeof content === 'string') yield* this.#grow('text', content)
    if (Array.isArray(images)) {
      for (const image of images) if (typeof image === 'string') yield* this.#whole(imageBlock(image))
    }
    if (!Array.isArray(calls)) return
    for (const call of calls.filter((each) => isObject(each))) {
      this.#calls = true
      yield* this.#whole(callBlock(call))
    }
  }

  *#grow(type: Open['type'], text: string): Generator<StreamEvent> {
    if (text === '') return
    if (this.#open?.type !== type) {
      yield* this.#close()
      this.#open = { type, index: this.#next++, text: '' }
      yield { type: 'block-start', index: this.#open.index, block: { type, text: '' } }
    }
    this.#open.text += text
    this.#answer += text
    yield { type: 'block-delta', index: this.#open.index, text }
  }

  *#whole(block: Block): Generator<StreamEvent> {
    yield* this.#close()
    const index = this.#next++
    if (block.type === 'tool-call') {
      const { input: _input, wire: _wire, ...call } = block
      this.#answer += block.json
      yield { type: 'block-start', index, block: { ...call, json: '' } }
      yield { type: 'block-delta', index, text: block.json }
    } else yield { type: 'block-start', index, block }
    yield { type: 'block-end', index, block }
  }

  *#close(): Generator<StreamEvent> {
    if (!this.#open) return
    const { type, index, text } = this.#open
    this.#open = undefined
    yield { type: 'block-end', index, block: { type, text } }
  }

  #usage({ message: _message, ...counts }: JsonObject): Usage {
    const { prompt_eval_count: input, eval_count: output } = counts
    if (typeof input !== 'number' && typeof output !== 'number') return this.#estimate(this.#answer)
    const wire = Object.fromEntries(Object.entries(counts).filter(([, value]) => typeof value === 'number'))
    return { input: Number(input ?? 0), output: Number(output ?? 0), cacheRead: 0, cacheWrite: 0, wire }
  }

  #stop({ done_reason: reason, eval_count: written }: JsonObject): Stop {
    const raw = typeof reason === 'string' && reason !== '' ? { raw: reason } : {}
    if (reason === 'length') {
      // The server has one word for two limits: its own is the size of the context it loaded the model with.
      const asked = this.#limit !== undefined && typeof written === 'number' && written >= this.#limit
      return { kind: 'limit', of: asked ? 'output' : 'context', ...raw }
    }
    return { kind: this.#calls ? 'tools' : 'done', ...raw }
  }
}
