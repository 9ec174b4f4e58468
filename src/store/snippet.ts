/** The stretch of a message that shows why it was found. */
import type { Found } from '../shared/conversation.ts'
import type { Phrase, Word } from './words.ts'
import { wordsOf } from './words.ts'

/** Letters of a snippet. */
const LENGTH = 160
/** Letters before the first mark. */
const BEFORE = 40
const MOST_MARKS = 20

/** Undefined where the text holds none of the phrases. */
export function snippetOf(text: string, phrases: readonly Phrase[]): Pick<Found, 'text' | 'marks'> | undefined {
  const first = marksIn(text, phrases, 0).next().value
  if (!first) return undefined
  const start = first[0] <= BEFORE ? 0 : boundary(text, first[0] - BEFORE)
  const end = text.length <= start + LENGTH ? text.length : Math.max(first[1], boundary(text, start + LENGTH))
  const head = start > 0 ? '…' : ''
  const shift = head.length - start
  const marks: Found['marks'] = []
  // A little more than is shown, so that a phrase at its end is still known for one.
  for (const [from, to] of marksIn(text.slice(start, end + LENGTH), phrases, start)) {
    if (to > end || marks.length === MOST_MARKS) break
    marks.push([from + shift, to + shift])
  }
  // A line break takes as much room as a space, so the marks stay where they are.
  const shown = text.slice(start, end).replaceAll(/\s/g, ' ')
  return { text: head + shown + (end < text.length ? '…' : ''), marks }
}

/** Stretches that hold a phrase, in their order and without overlap. */
function* marksIn(text: string, phrases: readonly Phrase[], offset: number): Generator<[number, number]> {
  const longest = Math.max(1, ...phrases.map(({ words }) => words.length))
  const ahead: Word[] = []
  const words = wordsOf(text)
  for (;;) {
    while (ahead.length < longest) {
      const next = words.next()
      if (next.done) break
      ahead.push(next.value)
    }
    const [begin] = ahead
    if (!begin) return
    const found = phrases.filter((phrase) => startsWith(ahead, phrase))
    const length = Math.max(1, ...found.map((phrase) => phrase.words.length))
    const last = ahead[length - 1] ?? begin
    if (found.length > 0) yield [begin.from + offset, last.to + offset]
    ahead.splice(0, length)
  }
}

function startsWith(ahead: readonly Word[], { words, begun }: Phrase): boolean {
  return (
    words.length > 0 &&
    words.every((word, place) => {
      const there = ahead[place]?.text
      return begun && place === words.length - 1 ? (there?.startsWith(word) ?? false) : there === word
    })
  )
}

/** The beginning of the word at or before `at`, not far from it; never between the halves of a letter. */
function boundary(text: string, at: number): number {
  const space = text.slice(Math.max(0, at - 20), at).search(/\s\S*$/)
  if (space >= 0) return Math.max(0, at - 20) + space + 1
  const half = text.charCodeAt(at)
  return half >= 0xdc00 && half <= 0xdfff ? at - 1 : at
}
