/**
 * Command lines that can be told apart for certain. Approvals of commands are compared by their words, so a line that a
 * shell might read in any other way than as these words has none: nothing remembered covers it.
 */
import { parse } from 'shell-quote'

/** `other`: a shell whose syntax we do not know. */
export type ShellKind = 'posix' | 'powershell' | 'cmd' | 'other'

/** The kind of shell behind a path or a name of its program. */
export function shellKindOf(program: string): ShellKind {
  const name = (program.split(/[\\/]/).at(-1) ?? '').toLowerCase().replace(/\.exe$/, '')
  if (/^(sh|bash|zsh|dash|ksh|ash)$/.test(name)) return 'posix'
  if (name === 'pwsh' || name === 'powershell') return 'powershell'
  return name === 'cmd' ? 'cmd' : 'other'
}

/**
 * The words of a line that is one plain command, or undefined for every line with anything else in it: operators,
 * substitutions, variables, redirections, patterns, escapes, comments, assignments, several lines.
 */
export function plainCommand(line: string, shell: ShellKind): string[] | undefined {
  if (shell === 'other' || line.length > LONGEST) return undefined
  const words = shell === 'posix' ? posixWords(line) : bareWords(line)
  const program = words?.[0]
  if (!words || program === undefined || program === '') return undefined
  // `NAME=value program` runs the program differently, and `NAME=value` alone changes what the next line means.
  return program.includes('=') ? undefined : words
}

const LONGEST = 4_000

/** What every POSIX shell leaves as it is outside of quotes. */
const BARE = /[\p{L}\p{N}_\-./:=,@+]/u
/** In single quotes everything stands for itself; in double quotes all but these and controls. */
const LIVE_IN_DOUBLE = /[$`\\!]/
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
/** Direction overrides, zero width, tags: the line that is shown would not be the line that runs. */
const UNSEEN = /[\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u

/** True where a person who reads the line does not see what runs. Several lines are seen. */
export function hidesSomething(line: string): boolean {
  return [...line.replace(/[\n\t]/g, '')].some((sign) => UNSEEN.test(sign) || CONTROL.test(sign))
}

/** Two readers must agree on the words: this one, which refuses what it does not know, and a parser of shell lines. */
function posixWords(line: string): string[] | undefined {
  const scanned = scan(line)
  if (!scanned) return undefined
  // `=program` is a path to zsh.
  if (scanned.some(({ text, quoted }) => !quoted && text.startsWith('='))) return undefined
  const parsed = parse(line)
  const same = parsed.length === scanned.length && parsed.every((word, at) => word === scanned[at]?.text)
  return same ? scanned.map(({ text }) => text) : undefined
}

type Word = { text: string; quoted: boolean }

function scan(line: string): Word[] | undefined {
  const words: Word[] = []
  let word: Word | undefined
  let quote: string | undefined
  for (const sign of line) {
    if (UNSEEN.test(sign) || (CONTROL.test(sign) && sign !== '\t')) return undefined
    if (quote !== undefined) {
      if (sign === quote) quote = undefined
      else if (quote === '"' && LIVE_IN_DOUBLE.test(sign)) return undefined
      else if (word) word.text += sign
    } else if (sign === ' ' || sign === '\t') {
      if (word) words.push(word)
      word = undefined
    } else if (sign === "'" || sign === '"') {
      word ??= { text: '', quoted: true }
      word.quoted = true
      quote = sign
    } else if (BARE.test(sign)) {
      word ??= { text: '', quoted: false }
      word.text += sign
    } else return undefined
  }
  if (quote !== undefined) return undefined
  if (word) words.push(word)
  return words
}

/** For shells with quoting rules of their own: letters, digits and the signs that none of them reads anything into. */
function bareWords(line: string): string[] | undefined {
  if (!/^[A-Za-z0-9_\-./\\:= \t]*$/.test(line)) return undefined
  const words = line.split(/[ \t]+/).filter((word) => word !== '')
  // cmd parts words at `=` as well.
  return words.some((word) => word.startsWith('=')) ? undefined : words
}
