/** Text of servers, which nobody has read yet, made fit to be shown and sent. */

const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
/** What hides or turns around what a person reads: overrides of direction, zero width, tags. */
const HIDDEN =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu

/** Without terminal escapes, control characters and halves of characters. Newlines and tabs stay. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(ESCAPES, '').replace(CONTROLS, '').toWellFormed()
}

/**
 * For names and descriptions: also without characters that nobody sees, so that who approves a tool has read what the
 * model reads.
 */
export function visible(text: string): string {
  return clean(text).replace(HIDDEN, '')
}

/** One line of at most `length` characters. */
export function oneLine(text: string, length = 200): string {
  const line = visible(text.length > 4 * length ? text.slice(0, 4 * length) : text)
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > length ? `${cutAt(line, length - 1)}…` : line
}

/** The first `length` UTF-16 units, never half a character. */
export function cutAt(text: string, length: number): string {
  const cut = text.slice(0, length)
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}

/** Words of others as the end of a sentence of ours. */
export function sentence(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`
}
