/** Exact-match edits of a text: which changes they mean, or a sentence that helps to mend them. Pure. */
import type { Change } from '../../ports.ts'
import { whyNotFound } from './near-misses.ts'

/**
 * `all`: every place where `oldText` stands; otherwise it must stand in exactly one. `number`: what it is called, where
 * that is not its place among the edits, from 1.
 */
export type Replacement = { oldText: string; newText: string; all?: boolean; number?: number }

/** Edits that do not fit the text. The message is for the model: every edit that fails, and how to mend it. */
export class EditsRefused extends Error {
  override readonly name = 'EditsRefused'
}

/**
 * The changes that `edits` make to `text`, in order. All are looked for in the text as it is, not in what other edits
 * make of it, and must not touch the same stretch. Line breaks match whichever the file uses, and new ones become the
 * file's own. Throws `EditsRefused`.
 */
export function changesFor(text: string, edits: readonly Replacement[]): Change[] {
  const view = new LineFeedView(text)
  const problems: string[] = []
  const found: (Change & { edit: number })[] = []
  const numberOf = (index: number): number => edits[index]?.number ?? index + 1
  edits.forEach((edit, index) => {
    const which = edits.length === 1 && numberOf(index) === 1 ? '' : `Edit ${numberOf(index)}: `
    const problem = find(view, edit, edits.slice(0, index), (start, end) =>
      found.push({
        start: view.original(start),
        end: view.original(end),
        text: view.ownBreaks(edit.newText),
        edit: index,
      }),
    )
    if (problem) problems.push(which + problem)
  })
  found.sort((one, other) => one.start - other.start || one.end - other.end)
  for (const [index, change] of found.entries()) {
    const before = found[index - 1]
    if (!before || before.end <= change.start) continue
    const [first, second] = [numberOf(before.edit), numberOf(change.edit)].sort((one, other) => one - other)
    problems.push(`Edits ${first} and ${second} touch the same text. Make one edit of them.`)
  }
  if (problems.length > 0) throw new EditsRefused(problems.join('\n\n'))
  return found.map(({ start, end, text }) => ({ start, end, text }))
}

/** The text after `changes`, which are in order and do not overlap. */
export function applyChanges(text: string, changes: readonly Change[]): string {
  const parts: string[] = []
  let at = 0
  for (const change of changes) {
    parts.push(text.slice(at, change.start), change.text)
    at = change.end
  }
  parts.push(text.slice(at))
  return parts.join('')
}

/** What takes `changes` of `text` back, for the text that they made. */
export function inverse(text: string, changes: readonly Change[]): Change[] {
  let shift = 0
  return changes.map((change) => {
    const start = change.start + shift
    shift += change.text.length - (change.end - change.start)
    return { start, end: start + change.text.length, text: text.slice(change.start, change.end) }
  })
}

/** Reports each place of one edit, or says why it cannot be made. */
function find(
  view: LineFeedView,
  edit: Replacement,
  earlier: readonly Replacement[],
  report: (start: number, end: number) => void,
): string | undefined {
  const wanted = lineFeeds(edit.oldText)
  if (wanted === '') {
    return 'old_text is empty. Give the text to replace; to add text, give a neighbouring line and repeat it in new_text.'
  }
  if (wanted === lineFeeds(edit.newText)) return 'old_text and new_text are the same, so nothing would change.'
  const places = placesOf(view.text, wanted)
  if (places.length === 0) return whyNotFound(view.text, wanted, earlier)
  if (places.length > 1 && !edit.all) {
    const lines = places.slice(0, 10).map((place) => view.lineAt(place))
    const more = places.length > 10 ? ', …' : ''
    return (
      `old_text stands in ${places.length} places (lines ${lines.join(', ')}${more}). ` +
      'Give more of the lines around it, so that it stands in one, or set "all": true to replace each.'
    )
  }
  for (const place of places) report(place, place + wanted.length)
  return undefined
}

/** Where `wanted` stands, without overlaps. */
function placesOf(text: string, wanted: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at)
  return places
}

export function lineFeeds(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

/** A text with `\n` for every line break, that knows where each unit stands in the original. */
class LineFeedView {
  readonly text: string
  readonly #breaks: number[] = []
  readonly #own: string

  constructor(original: string) {
    this.text = original.replaceAll('\r\n', '\n')
    let shift = 0
    for (let at = original.indexOf('\r\n'); at >= 0; at = original.indexOf('\r\n', at + 2))
      this.#breaks.push(at - shift++)
    const feeds = this.text.split('\n').length - 1
    this.#own = this.#breaks.length * 2 > feeds ? '\r\n' : '\n'
  }

  /** A `\r\n` counts as whole: what ends behind it in the view ends behind it in the original. */
  original(at: number): number {
    let [low, high] = [0, this.#breaks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#breaks[middle]! < at) low = middle + 1
      else high = middle
    }
    return at + low
  }

  ownBreaks(text: string): string {
    return lineFeeds(text).replaceAll('\n', this.#own)
  }

  lineAt(at: number): number {
    let line = 1
    for (let feed = this.text.indexOf('\n'); feed >= 0 && feed < at; feed = this.text.indexOf('\n', feed + 1)) line++
    return line
  }
}
