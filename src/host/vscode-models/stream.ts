/**
 * Parts of a model's answer as stream events. Text comes in pieces, calls and data come whole. The stream's own end is
 * the end of the answer, and why it ended nobody says.
 */
import type { Parser } from '../../llm/guard.ts'
import type { Block, StreamEvent, Usage } from '../../shared/message.ts'
import { estimateTokens } from '../../shared/tokens.ts'
import type { PartClasses } from './api.ts'
import { callBlock, dataBlock } from './blocks.ts'
import { USAGE_TYPE, estimated, usageOf } from './usage.ts'

type Open = { type: 'text' | 'thinking'; index: number; text: string }

/** How much is written between two estimates: an answer that is stopped keeps the last one. UTF-16 units. */
const STRETCH = 1000

export class VscodeParser implements Parser<unknown> {
  readonly #classes: PartClasses
  /** Tokens of the request, estimated. Asked for at the first part: the request is written by then. */
  readonly #input: () => number
  #open: Open | undefined
  #next = 0
  #calls = false
  /** Tokens written, estimated, and what is not yet counted. */
  #output = 0
  #uncounted = ''
  #heard = false
  #told: Usage | undefined

  constructor(classes: PartClasses, input: () => number) {
    this.#classes = classes
    this.#input = input
  }

  *push(part: unknown): Generator<StreamEvent> {
    const { LanguageModelTextPart, LanguageModelToolCallPart, LanguageModelDataPart } = this.#classes
    if (!this.#heard) {
      this.#heard = true
      yield this.#usage()
    }
    if (part instanceof LanguageModelTextPart) yield* this.#grow('text', part.value)
    else if (part instanceof LanguageModelToolCallPart) {
      this.#calls = true
      yield* this.#whole(callBlock(part.callId, part.name, part.input))
    } else if (part instanceof LanguageModelDataPart) {
      if (part.mimeType !== USAGE_TYPE) return yield* this.#whole(dataBlock(part))
      this.#told = usageOf(part) ?? this.#told
      if (this.#told) yield this.#usage()
    } else yield* this.#grow('thinking', thoughtIn(part))
    if (this.#uncounted.length >= STRETCH) yield this.#usage()
  }

  *finish(): Generator<StreamEvent> {
    yield* this.#close()
    yield this.#usage()
    yield { type: 'end', stop: { kind: this.#calls ? 'tools' : 'done' } }
  }

  *#grow(type: Open['type'], text: string): Generator<StreamEvent> {
    if (text === '') return
    if (this.#open?.type !== type) {
      yield* this.#close()
      this.#open = { type, index: this.#next++, text: '' }
      yield { type: 'block-start', index: this.#open.index, block: { type, text: '' } }
    }
    this.#open.text += text
    this.#uncounted += text
    yield { type: 'block-delta', index: this.#open.index, text }
  }

  *#whole(block: Block): Generator<StreamEvent> {
    yield* this.#close()
    const index = this.#next++
    if (block.type === 'tool-call') {
      const { input: _, ...call } = block
      this.#uncounted += block.json
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

  #usage(): StreamEvent {
    this.#output += estimateTokens(this.#uncounted)
    this.#uncounted = ''
    return { type: 'usage', usage: this.#told ?? estimated(this.#input(), this.#output) }
  }
}

/**
 * What a model thought. The stable API has no class for it, but its parts come all the same (seen in 1.139): an object
 * with text, or texts, as its value and metadata beside it. Anything else that we do not know is passed over.
 */
function thoughtIn(part: unknown): string {
  if (typeof part !== 'object' || part === null || !('value' in part) || !('metadata' in part)) return ''
  const { value } = part
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string').join('') : ''
}
