/** Marks words in what the transcript draws, without touching its nodes. */
import { placesOf } from '../../src/shared/find-text.ts'

const FOUND = 'panelist-found'
const CURRENT = 'panelist-found-now'

/** Where the words stand in what is drawn of this message. */
export function placesIn(message: string, words: string, matchCase: boolean): Range[] {
  const article = document.querySelector(`article[data-message-id="${CSS.escape(message)}"]`)
  return article ? rangesIn(article, words, matchCase) : []
}

/** `current`: the message and the place in it of the one that is looked at. */
export function mark(words: string, matchCase: boolean, current: { message: string; place: number } | undefined): void {
  const all: Range[] = []
  let now: Range | undefined
  for (const article of document.querySelectorAll<HTMLElement>('article[data-message-id]')) {
    const ranges = rangesIn(article, words, matchCase)
    all.push(...ranges)
    if (current && article.dataset['messageId'] === current.message)
      now = ranges[Math.min(current.place, ranges.length - 1)]
  }
  CSS.highlights.set(FOUND, new Highlight(...all))
  if (now) CSS.highlights.set(CURRENT, new Highlight(now))
  else CSS.highlights.delete(CURRENT)
}

export function unmark(): void {
  CSS.highlights.delete(FOUND)
  CSS.highlights.delete(CURRENT)
}

function rangesIn(article: Element, words: string, matchCase: boolean): Range[] {
  const ranges: Range[] = []
  for (const root of article.querySelectorAll('.answer > .markdown, .question .text')) {
    const pieces = textsIn(root)
    const text = pieces.map(({ before, node }) => before + node.data).join('')
    for (const place of placesOf(text, words, matchCase)) {
      const range = document.createRange()
      const [start, end] = [spotOf(pieces, place), spotOf(pieces, place + words.length - 1)]
      if (!start || !end) continue
      range.setStart(start.node, start.at)
      range.setEnd(end.node, Math.min(end.at + 1, end.node.data.length))
      ranges.push(range)
    }
  }
  return ranges
}

/** A text node; `before`: the border of a block that stands before it. `from`: where its own text begins in all of it. */
type Piece = { node: globalThis.Text; before: string; from: number }

const BLOCKS = 'p, li, pre, td, th, h1, h2, h3, h4, h5, h6, blockquote, div'

function textsIn(root: Element): Piece[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const pieces: Piece[] = []
  let block: Element | null | undefined
  let length = 0
  while (walker.nextNode()) {
    const node = walker.currentNode as globalThis.Text
    if (node.parentElement?.closest('.code-bar')) continue
    const own = node.parentElement?.closest(BLOCKS)
    const before = block !== undefined && own !== block ? '\n' : ''
    block = own
    pieces.push({ node, before, from: length + before.length })
    length += before.length + node.data.length
  }
  return pieces
}

function spotOf(pieces: readonly Piece[], place: number): { node: globalThis.Text; at: number } | undefined {
  const piece = pieces.findLast(({ from }) => from <= place)
  return piece && { node: piece.node, at: Math.min(place - piece.from, piece.node.data.length) }
}
