/**
 * Takes a JSON document apart while it is read, so that an export of any length costs the memory of its largest item.
 * Items are the elements of a list at the root; or the members of an object at the root, and of those of them that are
 * lists the elements.
 */
import type { Json } from '../../shared/json.ts'
import { BadFile } from './bad-file.ts'

/** `key`: of the root object's member; absent where the root is a list. `element`: one of a list under that key. */
export type Item = { key?: string; element: boolean; value: Json }

/** In characters. JavaScript has no text longer than twice this. */
const LONGEST_ITEM = 256 * 1024 * 1024
/** Deeper is no chat, and what is walked by functions that call themselves would not end well. */
const DEEPEST = 200

type Mode = 'start' | 'key' | 'colon' | 'member' | 'element' | 'next' | 'value' | 'done'

const SPACE = /[ \t\n\r]/

export class Scanner {
  readonly #take: (item: Item) => void
  #mode: Mode = 'start'
  /** What stands at the root: the closing sign tells which. */
  #root: ']' | '}' = ']'
  /** Inside of a list under a key of the root object. */
  #inList = false
  #key: string | undefined
  /** A comma was read: something must follow. */
  #afterComma = false
  #depth = 0
  #inText = false
  #escaped = false
  #parts: string[] = []
  #length = 0

  /** `take` gets each item as it ends; what it throws ends the reading. */
  constructor(take: (item: Item) => void) {
    this.#take = take
  }

  /** Throws `BadFile` where this cannot be JSON. */
  push(chunk: string): void {
    let from = this.#mode === 'value' || this.#isKey() ? 0 : -1
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at]!
      if (from >= 0) {
        const end = this.#inside(sign)
        if (end === 'on') continue
        const until = end === 'with' ? at + 1 : at
        this.#finish(chunk.slice(from, until))
        from = -1
        if (end === 'with') continue
      }
      if (SPACE.test(sign)) continue
      if (this.#between(sign)) {
        from = at
        this.#begin(sign)
      }
    }
    if (from < 0) return
    this.#length += chunk.length - from
    if (this.#length > LONGEST_ITEM) throw new BadFile('One conversation in this file is too large to be read.')
    this.#parts.push(chunk.slice(from))
  }

  /** Throws `BadFile` where the document is not whole. */
  end(): void {
    if (this.#mode === 'start') throw new BadFile('This file is empty.')
    if (this.#mode !== 'done')
      throw new BadFile('This file ends in the middle: it was cut off. Export or copy it again.')
  }

  #isKey(): boolean {
    return this.#mode === 'key' && this.#inText
  }

  #begin(sign: string): void {
    this.#depth = sign === '{' || sign === '[' ? 1 : 0
    this.#inText = sign === '"'
    this.#escaped = false
    this.#parts = []
    this.#length = 0
  }

  /** Whether the item that is read goes on, ends with this sign, or ended before it. */
  #inside(sign: string): 'on' | 'with' | 'before' {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false
      else if (sign === '\\') this.#escaped = true
      else if (sign === '"') {
        this.#inText = false
        if (this.#depth === 0) return 'with'
      }
      return 'on'
    }
    if (sign === '"') {
      if (this.#depth === 0) return 'before'
      this.#inText = true
    } else if (sign === '{' || sign === '[') {
      if (this.#depth === 0) return 'before'
      if (++this.#depth > DEEPEST) throw new BadFile('This file is nested too deeply to be an export of chats.')
    } else if (sign === '}' || sign === ']') {
      if (this.#depth === 0) return 'before'
      if (--this.#depth === 0) return 'with'
    } else if (this.#depth === 0 && (sign === ',' || sign === ':' || SPACE.test(sign))) return 'before'
    return 'on'
  }

  #finish(last: string): void {
    const text = this.#parts.length > 0 ? this.#parts.join('') + last : last
    this.#parts = []
    const value = parse(text)
    if (this.#mode === 'key') {
      this.#key = String(value)
      this.#mode = 'colon'
      return
    }
    this.#mode = 'next'
    const key = this.#root === '}' && this.#key !== undefined ? { key: this.#key } : {}
    this.#take({ ...key, element: this.#inList, value })
  }

  /** Reads a sign between items. True where an item begins with it. */
  #between(sign: string): boolean {
    switch (this.#mode) {
      case 'start':
        if (sign !== '[' && sign !== '{') throw notJson()
        this.#root = sign === '[' ? ']' : '}'
        this.#mode = sign === '[' ? 'element' : 'key'
        return false
      case 'key':
        if (sign === '}' && !this.#afterComma) this.#mode = 'done'
        else if (sign !== '"') throw notJson()
        this.#afterComma = false
        return sign === '"'
      case 'colon':
        if (sign !== ':') throw notJson()
        this.#mode = 'member'
        return false
      case 'member':
        if (sign === '[') {
          this.#inList = true
          this.#mode = 'element'
          return false
        }
        this.#mode = 'value'
        return true
      case 'element':
        if (sign === ']' && !this.#afterComma) {
          this.#close()
          return false
        }
        this.#afterComma = false
        this.#mode = 'value'
        return true
      case 'next':
        if (sign === ',') {
          this.#afterComma = true
          this.#mode = this.#inList || this.#root === ']' ? 'element' : 'key'
        } else if (sign === (this.#inList ? ']' : this.#root)) this.#close()
        else throw notJson()
        return false
      default:
        throw notJson()
    }
  }

  #close(): void {
    this.#mode = this.#inList ? 'next' : 'done'
    this.#inList = false
  }
}

const notJson = (): BadFile => new BadFile('This file is no JSON, or a damaged one.')

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw notJson()
  }
}
