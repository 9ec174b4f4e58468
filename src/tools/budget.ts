/** Makes whatever a tool gave fit to be kept, shown and sent: nothing invisible, nothing endless. */
import type { Part } from '../shared/message.ts'

export type ResultBudget = {
  /** UTF-16 units of all text of one result. */
  text: number
  /** UTF-16 units of one line. */
  line: number
  /** Bytes of all files of one result, before base64. */
  files: number
}

export const resultBudget: ResultBudget = { text: 50_000, line: 4_000, files: 10 * 1024 * 1024 }

/** Texts and files of one result. */
const MOST_PARTS = 200
/** UTF-16 units that are shown of an address. */
const LONGEST_ADDRESS = 500
/** Where the tool has no better word. */
const HINT = 'Ask for less at a time, or for another part, to see the rest.'

/**
 * The parts within the budget. Of a text that is too long, beginning and end stay, because what matters of a log is at
 * its end; a note between them says what is missing and `hint`, how to get it. What comes when nothing more fits is counted
 * in one note. A file is bytes: one at an address of its own is named, so that nobody loads it. Empty results say that
 * they are.
 */
export function fitted(parts: readonly Part[], budget = resultBudget, hint = HINT): Part[] {
  const left = { ...budget }
  const kept: Part[] = []
  let over = 0
  for (const part of parts) {
    if (part.type === 'text' && part.text.trim() === '') continue
    if (kept.length >= MOST_PARTS || (part.type === 'text' && left.text === 0)) over++
    else kept.push(part.type === 'text' ? cutText(part.text, left, hint) : cutFile(part, left))
  }
  if (over > 0) kept.push({ type: 'text', text: `[${over} more parts of this result are left out. ${hint}]` })
  const some = kept.filter((part) => part.type !== 'text' || part.text.trim() !== '')
  return some.length > 0 ? some : [{ type: 'text', text: '(Nothing came back.)' }]
}

function cutText(text: string, left: ResultBudget, hint: string): Part {
  const lines = shortLines(harmless(text), left.line)
  const whole = lines.length
  const shown = whole <= left.text ? lines : ends(lines, left.text, hint)
  left.text = Math.max(0, left.text - Math.min(whole, left.text))
  return { type: 'text', text: shown }
}

function ends(text: string, room: number, hint: string): string {
  const tail = Math.floor(room / 4)
  const first = cutAt(text, room - tail)
  const last = tail === 0 ? '' : text.slice(-tail).replace(/^[\udc00-\udfff]/, '')
  const missing = text.length - first.length - last.length
  return `${first}\n[${missing} of ${text.length} characters are left out here. ${hint}]\n${last}`
}

function shortLines(text: string, longest: number): string {
  if (text.length <= longest) return text
  return text
    .split('\n')
    .map((line) => {
      if (line.length <= longest) return line
      const kept = cutAt(line, longest)
      return `${kept} [${line.length - kept.length} more characters in this line]`
    })
    .join('\n')
}

function cutFile(part: Part & { type: 'file' }, left: ResultBudget): Part {
  const { data, mediaType, url } = part.media
  if (url !== undefined) {
    return {
      type: 'text',
      text: `[Left out: a file at an address of its own, ${cutAt(harmless(url), LONGEST_ADDRESS)}]`,
    }
  }
  const size = data === undefined ? 0 : Math.floor((data.length * 3) / 4)
  if (size <= left.files) {
    left.files -= size
    return part
  }
  return {
    type: 'text',
    text: `[Left out: a file of ${size} bytes (${mediaType}), which is more than a result may have.]`,
  }
}

const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\n]{0,2000}(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
/** Copies of ASCII that no one sees: they carry orders to a model past the eyes of the person. */
const UNSEEN = /[\u{e0000}-\u{e0fff}]/gu

/** Without terminal escapes, control characters, invisible letters and halves of characters. Newlines and tabs stay. */
export function harmless(text: string): string {
  return text.replace(ESCAPES, '').replace(/\r\n?/g, '\n').replace(CONTROLS, '').toWellFormed().replace(UNSEEN, '')
}

/** The first `length` UTF-16 units, never half a character. */
function cutAt(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}
