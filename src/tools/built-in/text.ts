/** Text of files, programs and pages, made fit to be read by a model and shown to a person. */
import { harmless } from '../budget.ts'

const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)/g
const C1 = /[\u0080-\u009f]/g
/** An escape that has begun and may go on in the next piece. */
const BEGUN = /\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]{0,4096}\u001b?|[ -/]*)$/

/** Overrides of direction and characters nobody sees. */
const HIDDEN = /[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Control characters as pictures (`␛`), so that nothing is lost and nothing acts. Newlines and tabs stay. */
export function pictured(text: string): string {
  return text
    .replace(CONTROLS, (control) =>
      control === '\u007f' ? '␡' : String.fromCodePoint(0x2400 + control.codePointAt(0)!),
    )
    .replace(C1, '\ufffd')
    .toWellFormed()
}

/** What a program wrote, without the escapes of a terminal; a line that was written over shows its last state. */
export function printed(text: string): string {
  return harmless(text.split('\n').map(lastState).join('\n')).replace(/\n$/, '')
}

/** No regular expression: a program can write a megabyte of `\r`. */
function lastState(line: string): string {
  let end = line.length
  while (end > 0 && line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', Math.max(0, end - 1)) + 1, end)
}

/** Text of strangers: also without what hides from the person who reads along. */
export function visible(text: string): string {
  return harmless(text).replace(HIDDEN, '')
}

/** Output that comes in pieces, made harmless: an escape that a piece cuts in two is still none. */
export class Pieces {
  #rest = ''

  next(piece: string): string {
    const text = this.#rest + piece
    const begun = BEGUN.exec(text)?.index ?? (/[\r\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length)
    this.#rest = text.slice(begun)
    return harmless(text.slice(0, begun))
  }
}

/** The first `length` UTF-16 units, never half a character. */
export function head(text: string, length: number): string {
  const cut = text.slice(0, length)
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}

/** The last `length` UTF-16 units, never half a character. */
export function tail(text: string, length: number): string {
  if (text.length <= length) return text
  const cut = text.slice(text.length - length)
  return /^[\udc00-\udfff]/.test(cut) ? cut.slice(1) : cut
}

/** One line of at most `length` units around `at`. */
export function excerpt(line: string, length: number, at = 0): string {
  if (line.length <= length) return pictured(line)
  const start = Math.max(0, Math.min(at - Math.floor(length / 4), line.length - length))
  const end = start + length
  const text = tail(head(line, end), Math.min(length, end - start))
  return `${start > 0 ? '…' : ''}${pictured(text)}${end < line.length ? '…' : ''}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

export function bytes(size: number): string {
  if (size < 1024) return count(size, 'byte')
  const [value, unit] = size < 1024 * 1024 ? [size / 1024, 'KB'] : [size / 1024 / 1024, 'MB']
  return `${value.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`
}
