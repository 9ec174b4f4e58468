/** Which parts of a big file go along: lines that were asked for, else its outline and what the message speaks of. */
import type { SymbolInfo } from '../../tools/ports.ts'

/** Lines from 1, both ends included. */
export type Range = { from: number; to: number }

/** What goes along. `words` says which part that is, for the chip and for the model; empty for all of it. */
export type Excerpt = { text: string; words: string }

/** UTF-16 units of a file that goes along whole, some 10,000 tokens, and of what goes along of a bigger one. */
export const WHOLE = 40_000
const MOST = 24_000
const MOST_OUTLINE = 6_000
/** Lines around one that fits. */
const AROUND = 12
/** Lines of a file of which nothing fits. */
const FIRST = 200
/** Shorter words fit everywhere. */
const SHORTEST = 4
const COMMON = new Set(
  'about after also because before could does each from have here into just like make more most only other should some that their them then there these they this what when where which while will with would your file files code function line lines please'.split(
    ' ',
  ),
)

export function linesOf(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').split('\n')
}

export function stretch(text: string, { from, to }: Range): Excerpt {
  const lines = linesOf(text)
  const [first, last] = [Math.max(1, Math.min(from, lines.length)), Math.min(Math.max(to, from), lines.length)]
  const part = cut(lines.slice(first - 1, last), WHOLE)
  return {
    text: part.join('\n'),
    words: `${rangeWords([{ from: first, to: first + part.length - 1 }])} of ${number(lines.length)}`,
  }
}

/** `draft`: the words of the message. `symbols`: of the file, where they are known. */
export function excerpt(text: string, draft: string, symbols: readonly SymbolInfo[] = []): Excerpt {
  if (text.length <= WHOLE) return { text, words: '' }
  const lines = linesOf(text)
  const outline = outlineOf(symbols)
  const wanted = matching(lines, wordsOf(draft), symbols)
  const ranges = wanted.length > 0 ? wanted : [{ from: 1, to: Math.min(FIRST, lines.length) }]
  const shown: Range[] = []
  const pieces: string[] = []
  let room = MOST - outline.length
  for (const { from, to } of ranges) {
    const part = cut(lines.slice(from - 1, to), room)
    if (part.length === 0) break
    room -= part.join('\n').length
    shown.push({ from, to: from + part.length - 1 })
    pieces.push(`[lines ${from}-${from + part.length - 1}]\n${part.join('\n')}`)
  }
  const head = outline === '' ? [] : [`[outline]\n${outline}`]
  const words = `${outline === '' ? '' : 'outline and '}${rangeWords(shown)} of ${number(lines.length)}`
  return { text: [...head, ...pieces].join('\n\n'), words }
}

/** Whole lines; a first one that is too long on its own is cut, never within a character. */
function cut(lines: readonly string[], room: number): string[] {
  let size = 0
  const fitting = lines.findIndex((line) => (size += line.length + 1) > room)
  if (fitting === -1) return [...lines]
  if (fitting > 0) return lines.slice(0, fitting)
  const [first = ''] = lines
  return room > 200 ? [`${first.slice(0, room).toWellFormed()}…`] : []
}

function outlineOf(symbols: readonly SymbolInfo[], depth = 0): string {
  const lines = symbols.flatMap(({ name, kind, line, endLine, children }) => [
    `${'  '.repeat(depth)}${kind} ${name} (${line}-${endLine})`,
    ...(depth < 1
      ? outlineOf(children, depth + 1)
          .split('\n')
          .filter(Boolean)
      : []),
  ])
  return cut(lines, MOST_OUTLINE).join('\n')
}

function wordsOf(draft: string): string[] {
  const words = draft.toLowerCase().match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []
  return [...new Set(words)].filter((word) => word.length >= SHORTEST && !COMMON.has(word))
}

/** Symbols that are named, whole; and lines around the words, those with the rarest words first to find room. */
function matching(lines: readonly string[], words: readonly string[], symbols: readonly SymbolInfo[]): Range[] {
  const named = flat(symbols).filter(({ name }) => words.includes(name.toLowerCase()))
  const lower = lines.map((line) => line.toLowerCase())
  const places = words.flatMap((word) => {
    const at = lower.flatMap((line, index) => (line.includes(word) ? [index + 1] : []))
    // What is everywhere tells nothing.
    return at.length > 0 && at.length <= Math.max(20, lines.length / 50) ? [{ at }] : []
  })
  const around = places
    .toSorted((one, other) => one.at.length - other.at.length)
    .flatMap(({ at }) => at)
    .map((line) => ({ from: Math.max(1, line - AROUND), to: Math.min(lines.length, line + AROUND) }))
  const first = named.map(({ line, endLine }) => ({ from: line, to: endLine }))
  return joined(withinBudget(lines, [...first, ...around]))
}

function withinBudget(lines: readonly string[], ranges: readonly Range[]): Range[] {
  let room = MOST - MOST_OUTLINE
  return ranges.filter(({ from, to }) => {
    if (room <= 0) return false
    for (let at = from; at <= to; at++) room -= (lines[at - 1]?.length ?? 0) + 1
    return true
  })
}

function joined(ranges: readonly Range[]): Range[] {
  const together: Range[] = []
  for (const range of ranges.toSorted((one, other) => one.from - other.from)) {
    const last = together.at(-1)
    if (last && range.from <= last.to + 1) last.to = Math.max(last.to, range.to)
    else together.push({ ...range })
  }
  return together
}

const flat = (symbols: readonly SymbolInfo[]): SymbolInfo[] =>
  symbols.flatMap((symbol) => [symbol, ...flat(symbol.children)])

/** More ranges than these are told by their number. */
const MOST_RANGES = 3

function rangeWords(ranges: readonly Range[]): string {
  const named = ranges.slice(0, MOST_RANGES).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`))
  const rest = ranges.length - named.length
  const one = ranges.length === 1 && ranges[0]!.from === ranges[0]!.to
  return `${one ? 'line' : 'lines'} ${named.join(', ')}${rest > 0 ? ` and ${rest} more parts` : ''}`
}

const number = (value: number): string => value.toLocaleString('en')
