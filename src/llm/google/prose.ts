/**
 * Text and thoughts, which Google sends in any number of parts. To a person they are one block; to Google, which part
 * a signature came with is part of what has to come back. So the block remembers its parts by their lengths.
 */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Citation, Text, Thinking } from '../../shared/message.ts'
import { residueOf, restore } from '../residue.ts'
import { prose } from './blocks.ts'

/** `length`: of the part's text, in UTF-16 units. `more`: what else the part held. */
type Piece = { length: number; more?: Json }

/** A block of text or of thought that grows. */
export class Prose {
  readonly thought: boolean
  readonly index: number
  text = ''
  readonly #pieces: Piece[] = []

  constructor(index: number, thought: boolean) {
    this.index = index
    this.thought = thought
  }

  /** Takes in a part and gives its text. Parts with nothing but text are one. */
  add(part: JsonObject): string {
    const words = typeof part.text === 'string' ? part.text : ''
    const more = residueOf(part, prose(words, this.thought))
    const last = this.#pieces.at(-1)
    if (more !== undefined) this.#pieces.push({ length: words.length, more })
    else if (last && last.more === undefined) last.length += words.length
    else if (words !== '') this.#pieces.push({ length: words.length })
    this.text += words
    return words
  }

  finish(citations: Citation[] = []): Text | Thinking {
    const sealed = this.#pieces.some(({ more }) => more !== undefined)
    const wire = sealed ? { wire: { parts: this.#pieces as Json } } : {}
    if (this.thought) return { type: 'thinking', text: this.text, ...wire }
    return { type: 'text', text: this.text, ...(citations.length > 0 && { citations }), ...wire }
  }
}

/** The parts of a finished block. Text that no piece covers is a part of its own. */
export function writeProse({ type, text, wire }: Text | Thinking): JsonObject[] {
  const pieces = isObject(wire) && Array.isArray(wire.parts) ? wire.parts.filter(isObject) : []
  const parts: JsonObject[] = []
  let at = 0
  for (const { length, more } of pieces) {
    const words = text.slice(at, at + (typeof length === 'number' ? length : 0))
    at += words.length
    const part = restore(prose(words, type === 'thinking'), more)
    if (isObject(part)) parts.push(part)
  }
  return at < text.length ? [...parts, prose(text.slice(at), type === 'thinking')] : parts
}
