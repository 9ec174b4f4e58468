/** Finds what of the tail can no longer change. */
import type { Token } from 'markdown-it'
import { isLoose } from './lists.ts'
import { morph } from './morph.ts'
import { blocksOf, outline, type References } from './parser.ts'

/** A list or table of which the first parts (items, rows) are settled. */
export class Container {
  readonly node: HTMLElement
  readonly #parts: Element
  #last: ChildNode | null = null
  #loose = false
  /** Source that the tail needs before it to be parsed as a part of this: a table's head. */
  prefix = ''

  constructor(node: HTMLElement) {
    this.node = node
    this.#parts = partsOf(node)
  }

  /** Settles the next `count` parts and returns them. */
  advance(count: number, prefix: string, loose: boolean): ChildNode[] {
    const settled: ChildNode[] = []
    for (; count > 0; count--) {
      const next = this.#last ? this.#last.nextSibling : this.#parts.firstChild
      if (!next) break
      settled.push((this.#last = next))
    }
    this.prefix = prefix
    this.#loose ||= loose
    return settled
  }

  /** Draws the growing parts. False where `fresh` is no longer the same kind of block. */
  accept(fresh: ChildNode): boolean {
    if (!(fresh instanceof HTMLElement) || fresh.tagName !== this.node.tagName) return false
    const parts = partsOf(fresh)
    if (parts.tagName !== this.#parts.tagName) return false
    morph(this.#parts, this.#last, [...parts.childNodes])
    if (this.#parts === this.node) {
      this.node.className = this.#loose || fresh.classList.contains('loose') ? 'loose' : 'tight'
    }
    return true
  }
}

/** What holds the parts of a list or table. */
function partsOf(block: HTMLElement): Element {
  return (block.classList.contains('table') && block.querySelector('tbody')) || block
}

export type Settled = {
  /** Top-level blocks that are finished. */
  blocks: number
  /** Characters of the tail that are settled. */
  length: number
  /** The block after them is a code fence. */
  fence: boolean
  /** The block after them is long: this many of its parts are settled, too. */
  parts?: { count: number; prefix: string; loose: boolean }
}

const LIST = /^(bullet|ordered)_list_open$/
/** A definition: what it names must be known to the blocks after it. */
const DEFINITION = /^ {0,3}\[[^\]]+\]:/m

/** `tail` ends with a complete line. New definitions in the settled part are added to `references`. */
export function settledPart(prefix: string, tail: string, references: References): Settled {
  const source = prefix + tail
  const blocks = blocksOf(outline.parse(source, {}))
  const last = blocks.at(-1)
  const map = last?.[0]?.map
  if (!last || !map) return { blocks: 0, length: 0, fence: false }
  const offsets = lineOffsets(source)
  const start = Math.max(0, offsets[map[0]]! - prefix.length)
  const settled: Settled = { blocks: blocks.length - 1, length: start, fence: last[0]!.type === 'fence' }
  if (start > 0 && DEFINITION.test(tail)) outline.parse(tail.slice(0, start), { references })
  const border = partBorder(last, source, offsets)
  if (border) {
    settled.length = offsets[border.line]! - prefix.length
    settled.parts = border
  }
  return settled
}

function partBorder(block: Token[], source: string, offsets: number[]) {
  const head = block[0]!
  const [from, to] = head.map!
  if (LIST.test(head.type)) {
    const items = block.filter((token) => token.type === 'list_item_open' && token.level === 1)
    const line = items.at(-1)!.map![0]
    // Farther in, an item would read as a code block where it stands alone.
    const alone = /^ {0,3}\S/.test(source.slice(offsets[line]!, offsets[line]! + 4))
    if (items.length < 2 || !alone) return undefined
    return { line, count: items.length - 1, prefix: '', loose: isLoose(block, 0, source.split('\n')) }
  }
  if (head.type === 'table_open' && to - from > 3) {
    return {
      line: to - 1,
      count: to - from - 3,
      prefix: source.slice(offsets[from]!, offsets[from + 2]!),
      loose: false,
    }
  }
  return undefined
}

function lineOffsets(source: string): number[] {
  const offsets = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) offsets.push(at + 1)
  return offsets
}
