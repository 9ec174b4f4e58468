/** A tool call as its card says it. */
import { textOf, type Part } from '../../src/shared/message.ts'
import type { CallFailure, CallState } from '../../src/shared/tool-state.ts'
import { stateWords } from '../../src/shared/tool-state.ts'
import type { BlockView } from '../../src/shared/view.ts'
import { pretty } from '../format.ts'

export type CallBlock = Extract<BlockView, { type: 'tool-call' }>
export type ResultBlock = Pick<Extract<BlockView, { type: 'tool-result' }>, 'output' | 'failed' | 'end'>

/** Where a call stands. `writing`: its arguments still come. `unknown`: nobody tells, and nothing runs. */
export type Standing = CallState | { kind: 'writing' } | { kind: 'unknown' }

export type Known = {
  /** Its arguments still come. */
  live: boolean
  /** As the host told it. */
  state: CallState | undefined
  result: ResultBlock | undefined
  /** Its turn runs, and this is the answer whose calls it runs. */
  running: boolean
}

export function standingOf({ live, state, result, running }: Known): Standing {
  if (live) return { kind: 'writing' }
  if (state) return state
  // Before a call runs a result stands in the history that says it was interrupted.
  if (running) return { kind: 'waiting' }
  if (!result) return { kind: 'unknown' }
  const { why = 'tool', summary = '', durationMs = 0, ...more } = result.end ?? {}
  const facts = { summary, durationMs, ...more }
  return result.failed ? { kind: 'failed', why, ...facts } : { kind: 'done', ...facts }
}

const FAILED: Partial<Record<CallFailure, string>> = {
  denied: 'circle-slash',
  stopped: 'debug-stop',
  interrupted: 'debug-disconnect',
  timeout: 'watch',
}

export function iconOf(standing: Standing): string {
  switch (standing.kind) {
    case 'writing':
    case 'running':
      return 'loading'
    case 'waiting':
      return 'circle-outline'
    case 'asking':
      return 'question'
    case 'done':
      return 'check'
    case 'failed':
      return FAILED[standing.why] ?? 'error'
    case 'unknown':
      return 'tools'
  }
}

export function wordsOf(standing: Standing): string {
  if (standing.kind === 'writing') return 'Preparing'
  return standing.kind === 'unknown' ? 'No result' : stateWords(standing)
}

/** Longer reasons are in the result, in characters. */
const REASON = 240
const GLANCE = 200

/** What the person knows without being told in a sentence, or said themselves. */
const OWN: ReadonlySet<string> = new Set<CallFailure>(['denied', 'stopped'])

/** Why it failed: the first sentence of its result says so. What follows tells the model what to do. */
export function reasonOf(standing: Standing, result: ResultBlock | undefined): string {
  if (standing.kind !== 'failed') return ''
  if (OWN.has(standing.why)) return standing.said ? `You said: ${standing.said}` : ''
  const text = textOf((result?.output ?? []) as Part[]).trim()
  const line = text.split(/(?<=[.!?])\s|\n/, 1)[0] ?? ''
  return line.length > REASON ? `${line.slice(0, REASON)}…` : line
}

/** What a call was given, in a line: the values alone, because the tool says what they are. */
export function glanceOf({ input, json }: CallBlock): string {
  if (typeof input !== 'object' || input === null) return pretty(json)
  const values = Object.values(input).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return values.join(', ').slice(0, GLANCE).replace(/\s+/g, ' ')
}

export type Piece = { text: string; href?: string }

const ADDRESS = /https?:\/\/[^\s<>"'`()[\]{}⟨⟩]+[^\s<>"'`()[\]{}⟨⟩.,;:!?]/g
const MOST_LINKS = 200

/** A text cut where addresses stand in it, so that each can be shown and opened. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(ADDRESS)) {
    if (pieces.length > 2 * MOST_LINKS) break
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) })
    pieces.push({ text: match[0], href: match[0] })
    from = match.index + match[0].length
  }
  if (from < text.length) pieces.push({ text: text.slice(from) })
  return pieces
}
