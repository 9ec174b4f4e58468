/**
 * One text of an answer that was cut off and of the answer that goes on from it. Nothing of it is stored: the same two
 * messages give the same text on the host, in the page and in an export.
 *
 * A provider that was given the partial answer itself (`prefilled`) writes on from its last character; it was given it
 * without the white space at its end, so what it writes begins with white space where there was some. A provider that
 * was `asked` to go on was asked to repeat the last words first (`lastWords`), which tells where its text belongs:
 * within a word, or after how much white space. What it repeats is left out.
 */
import type { AssistantMessage, Block, GoesOn, Message, Text } from './message.ts'
import type { MessageContentView } from './view.ts'

/** Of the first text `keep` characters stay, and the second counts from `from` on. UTF-16 units. */
export type Seam = {
  keep: number
  from: number
  /** As long as more may come: it cannot be told yet how much of the second only repeats the first. */
  open: boolean
}

/** Repeats are looked for in this much of both texts, in UTF-16 units, so that a seam costs the same in every answer. */
const WINDOW = 8_000
/** What is repeated without having been asked for counts from this length on, in UTF-16 units. */
const LEAST = 20
const LAST_WORDS = 24
const LAST_WORDS_MOST = 80

/** The end of a partial answer, from the beginning of a word: what a model is asked to repeat. Without white space at its end. */
export function lastWords(text: string): string {
  const body = text.slice(-WINDOW).trimEnd()
  if (body.length <= LAST_WORDS) return body.trimStart()
  for (let at = body.length - LAST_WORDS; at > Math.max(0, body.length - LAST_WORDS_MOST); at--)
    if (/\s/.test(body[at - 1]!) && /\S/.test(body[at]!)) return body.slice(at)
  return body.length <= LAST_WORDS_MOST ? body.trimStart() : wellBegun(body.slice(-LAST_WORDS))
}

/** Without the second half of a character at its beginning. */
const wellBegun = (text: string): string => (/^[\udc00-\udfff]/.test(text) ? text.slice(1) : text)

export function seamOf(before: string, after: string, how: GoesOn): Seam {
  const body = before.trimEnd().length
  const gap = body < before.length
  if (how === 'prefilled') {
    const brings = gap && /^\s/.test(after)
    return { keep: brings ? body : before.length, from: 0, open: false }
  }
  const tail = before.slice(Math.max(0, body - WINDOW), body)
  const head = after.slice(0, WINDOW)
  const said = head.trimStart()
  const repeated = repeatedOf(tail, said)
  const from = repeated === 0 ? 0 : head.length - said.length + repeated
  // White space that both have at the seam counts once.
  const brings = repeated > 0 ? gap && /^\s/.test(after.slice(from, from + 1)) : hasSameGap(before.slice(body), after)
  return { keep: brings ? body : before.length, from, open: head.length < WINDOW && tail.includes(said) }
}

/** `live`: more of the second may come, so what may still turn out to be repeated is left out. */
export function joinTexts(before: string, after: string, how: GoesOn, live = false): string {
  const { keep, from, open } = seamOf(before, after, how)
  if (live && open) return before
  return before.slice(0, keep) + after.slice(from)
}

/**
 * True where a model that did not repeat anything began with the white space that was there already: one that got the
 * text without it does. A single line break may as well be one half of an empty line.
 */
function hasSameGap(gap: string, after: string): boolean {
  const lead = /^\s*/.exec(after)![0]
  return lead === gap && (gap === ' ' || gap.length > 1)
}

/** How much of the beginning of `head` only says again how `tail` ends. */
function repeatedOf(tail: string, head: string): number {
  const asked = lastWords(tail)
  if (asked !== '' && head.startsWith(asked)) return asked.length
  // It was cut off again while it repeated them.
  if (asked.startsWith(head)) return head.length
  const borders = bordersOf(head, tail)
  return borders.find((length) => length >= LEAST && saysSomething(head.slice(0, length))) ?? 0
}

/** Rules, indents and rows of a table may well stand twice in a text that goes on. */
function saysSomething(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text) && bordersOf(text, text.slice(1))[0]! * 2 < text.length
}

/** The lengths of all beginnings of `head` with which `tail` ends, the longest first; then 0. */
function bordersOf(head: string, tail: string): number[] {
  const failure = [0]
  const step = (matched: number, unit: string): number => {
    while (matched > 0 && (matched === head.length || head[matched] !== unit)) matched = failure[matched - 1]!
    return head[matched] === unit ? matched + 1 : 0
  }
  for (let at = 1; at < head.length; at++) failure.push(step(failure[at - 1]!, head[at]!))
  let matched = 0
  for (let at = Math.max(0, tail.length - head.length); at < tail.length; at++) matched = step(matched, tail[at]!)
  const borders: number[] = []
  for (; matched > 0; matched = failure[matched - 1]!) borders.push(matched)
  return [...borders, 0]
}

type Answer = Pick<AssistantMessage, 'content' | 'goesOn'>
type AnswerView = { content: readonly { type: string }[]; goesOn?: GoesOn }

/**
 * The places of the text that ends an answer and of the text which goes on from it in the answer after it, where that
 * is so. Only thinking may stand between the two.
 */
export function meeting(before: AnswerView, after: AnswerView): { end: number; start: number } | undefined {
  const end = before.content.length - 1
  if (after.goesOn === undefined || before.content[end]?.type !== 'text') return undefined
  const start = after.content.findIndex(({ type }) => type !== 'thinking')
  return after.content[start]?.type === 'text' ? { end, start } : undefined
}

/** The two as one answer: what was thought in between stands before the text. Undefined where they do not meet in a text. */
export function joinContents(before: Answer, after: Answer): Block[] | undefined {
  const met = after.goesOn && meeting(before, after)
  if (!met) return undefined
  const [first, second] = [before.content[met.end] as Text, after.content[met.start] as Text]
  const { keep, from } = seamOf(first.text, second.text, after.goesOn!)
  const text = first.text.slice(0, keep) + second.text.slice(from)
  const citations = [...(first.citations ?? []), ...moved(second, keep - from)]
  return [
    ...before.content.slice(0, met.end),
    ...after.content.slice(0, met.start),
    { type: 'text', text, ...(citations.length > 0 && { citations }) },
    ...after.content.slice(met.start + 1),
  ]
}

function moved({ citations = [] }: Text, by: number): NonNullable<Text['citations']> {
  return citations.map((citation) => ({
    ...citation,
    ...(citation.start !== undefined && { start: Math.max(0, citation.start + by) }),
    ...(citation.end !== undefined && { end: Math.max(0, citation.end + by) }),
  }))
}

/** The text of answers that follow each other, joined where one goes on from the other, else by blank lines. */
export function textOfAnswers(answers: readonly (Message | MessageContentView)[]): string {
  let text = ''
  let last: AnswerView | undefined
  for (const answer of answers) {
    if (answer.role !== 'assistant') continue
    const met = last && meeting(last, answer)
    answer.content.forEach((block, place) => {
      if (block.type !== 'text' || block.text === '') return
      if (met?.start === place) text = joinTexts(text, block.text, answer.goesOn!)
      else text = text === '' ? block.text : `${text}\n\n${block.text}`
    })
    last = answer
  }
  return text
}
