/** How the rows of the map lie, what stands in them, and what a key does to them. */
import { plain } from '../../src/shared/find-text.ts'
import type { MapRow } from './tree-map.ts'

/** The height of every row, in pixels. */
export const ROW = 26
/** Rows are drawn this far beyond what can be seen, in pixels. */
const BUFFER = 200
/** Deeper branches are not set in further. */
const DEEPEST = 8

/** Pixels from the left edge. */
export const indentOf = ({ level }: MapRow): number => 8 + Math.min(level, DEEPEST) * 14

/** The places of the first row that is drawn and of the first behind the drawn ones. `height`: of what is seen, pixels. */
export function drawnRows(scrollTop: number, height: number): { first: number; end: number } {
  const first = Math.max(0, Math.floor((scrollTop - BUFFER) / ROW))
  return { first, end: Math.ceil((scrollTop + height + BUFFER) / ROW) }
}

/** Where the map begins: at this message, or at the end of the shown branch where it is no row. */
export function startAt(rows: readonly MapRow[], message: string | undefined): number {
  const at = rows.findIndex(({ node }) => node.id === message)
  return at >= 0
    ? at
    : Math.max(
        0,
        rows.findLastIndex(({ shown }) => shown),
      )
}

/**
 * What folding (or, with `wanted`, unfolding) does at this place: the branch that stands there does, else the key leads to
 * the fork that it hangs from, where there is one.
 */
export function foldAt(
  rows: readonly MapRow[],
  at: number,
  wanted: boolean,
): { id: string } | { to: number } | undefined {
  const row = rows[at]
  if (row?.branch && row.branch.open !== wanted) return { id: row.node.id }
  const to = wanted ? -1 : rows.slice(0, at).findLastIndex(({ level }) => level < (row?.level ?? 0))
  return to >= 0 ? { to } : undefined
}

export const whoOf = ({ node }: MapRow): string => (node.role === 'user' ? 'You' : (node.model?.model ?? 'Answer'))

export function wordsOf({ node }: MapRow): string {
  const without = node.role === 'user' ? 'Files' : node.state === 'streaming' ? 'Being written' : 'Calls of tools'
  return plain(node.preview) || without
}

/** How much there is, for a person. */
export function countOf(rows: readonly MapRow[]): string {
  const branches = rows.filter(({ branch }) => branch).length
  const messages = `${rows.length} ${rows.length === 1 ? 'message' : 'messages'}`
  return branches > 0 ? `${messages}, ${branches} other ${branches === 1 ? 'branch' : 'branches'}` : messages
}
