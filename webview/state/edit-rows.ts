/** A change of a file as rows that are drawn: what goes, what comes, and a little of what stays around it. */
import { structuredPatch } from 'diff'
import type { FileEdit } from '../../src/shared/tool-state.ts'
import { visible } from './visible.ts'

/** `note`: about the lines above, no line itself. `gap`: lines that stay are left out. */
export type EditRow = {
  kind: 'same' | 'added' | 'removed' | 'note' | 'gap'
  text: string
  /** Line numbers from 1. */
  before?: number
  after?: number
}

export type EditRows = { rows: EditRow[]; added: number; removed: number }

/** Longer comparisons are given up, ms: then all goes and all comes. */
const PATIENCE = 500
const AROUND = 3
const KINDS: Record<string, EditRow['kind']> = { '+': 'added', '-': 'removed', ' ': 'same' }

export function editRows({ before = '', after = '' }: FileEdit): EditRows {
  const patch = structuredPatch('', '', before, after, '', '', { context: AROUND, timeout: PATIENCE })
  const hunks = patch?.hunks ?? [whole(before, after)]
  // Where both have the line ends of Windows they say nothing.
  const same = (before === '' || before.includes('\r\n')) && (after === '' || after.includes('\r\n'))
  const shown = (text: string): string => visible(same ? text.replace(/\r$/, '') : text)
  const rows: EditRow[] = []
  const count = { added: 0, removed: 0 }
  let last = 0
  for (const { oldStart, newStart, lines } of hunks) {
    if (oldStart > last + 1) rows.push({ kind: 'gap', text: '' })
    let [old, now] = [oldStart, newStart]
    for (const line of lines) {
      const kind = KINDS[line[0] ?? ''] ?? 'note'
      if (kind === 'note') {
        rows.push({ kind, text: 'No line end at the end of the file' })
        continue
      }
      const row: EditRow = { kind, text: shown(line.slice(1)) }
      if (kind !== 'added') row.before = old++
      if (kind !== 'removed') row.after = now++
      if (kind === 'added' || kind === 'removed') count[kind]++
      rows.push(row)
    }
    last = old - 1
  }
  return { rows, ...count }
}

function whole(before: string, after: string): { oldStart: number; newStart: number; lines: string[] } {
  const all = (sign: string, text: string): string[] =>
    text === ''
      ? []
      : text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => sign + line)
  return { oldStart: 1, newStart: 1, lines: [...all('-', before), ...all('+', after)] }
}
