/** The list of conversations as rows of known heights, so that only those in sight are drawn. */
import type { ConversationId, ConversationSummary } from '../../src/shared/conversation.ts'
import { day } from '../format.ts'

/** Pixels. */
export const HEIGHTS = { group: 28, chat: 46 } as const

type Placed = { key: string; top: number; height: number }
export type GroupRow = Placed & { type: 'group'; label: string }
/** `place`: among the conversations, from 0. */
export type ChatRow = Placed & { type: 'chat'; conversation: ConversationSummary; place: number }
export type HistoryRow = GroupRow | ChatRow

/** Pinned ones first, then by day, in the order they came. */
export function rowsOf(conversations: readonly ConversationSummary[], now = Date.now()): HistoryRow[] {
  const rows: HistoryRow[] = []
  let top = 0
  let group: string | undefined
  const push = (row: { type: 'group'; label: string } | { type: 'chat'; conversation: ConversationSummary }): void => {
    const height = HEIGHTS[row.type]
    if (row.type === 'group') rows.push({ ...row, key: `group ${row.label}`, top, height })
    else rows.push({ ...row, key: row.conversation.id, top, height, place: places++ })
    top += height
  }
  let places = 0
  for (const conversation of conversations) {
    const label = conversation.pinned ? 'Pinned' : day(conversation.updatedAt, now)
    if (label !== group) push({ type: 'group', label })
    group = label
    push({ type: 'chat', conversation })
  }
  return rows
}

export const isChat = (row: HistoryRow): row is ChatRow => row.type === 'chat'

/** All from one to the other, both included, in the order of the list. */
export function between(
  conversations: readonly ConversationSummary[],
  from: ConversationId,
  to: ConversationId,
): ConversationId[] {
  const places = [from, to].map((id) => conversations.findIndex((one) => one.id === id))
  if (places.includes(-1)) return [to]
  const [first = 0, last = 0] = places.toSorted((a, b) => a - b)
  return conversations.slice(first, last + 1).map(({ id }) => id)
}

/** The text in pieces, each marked or not. Marks are `[from, to]` in UTF-16 units. */
export function piecesOf(
  text: string,
  marks: readonly (readonly [number, number])[],
): { text: string; marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = []
  let at = 0
  for (const [from, to] of marks) {
    if (from < at || to > text.length || to <= from) continue
    if (from > at) pieces.push({ text: text.slice(at, from), marked: false })
    pieces.push({ text: text.slice(from, to), marked: true })
    at = to
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marked: false })
  return pieces
}

/** The last part of a folder's URI, as people call it. */
export function folderName(uri: string): string {
  const path = decodeURIComponent(URL.parse(uri)?.pathname ?? uri).replace(/\/+$/, '')
  return path.slice(path.lastIndexOf('/') + 1) || uri
}

/** Those of the list that are not among these. */
export function without(list: readonly ConversationSummary[], ids: readonly ConversationId[]): ConversationSummary[] {
  const gone = new Set(ids)
  return list.filter(({ id }) => !gone.has(id))
}

/** One page after the other; what moved up from the next page meanwhile is in both. */
export function joined(
  list: readonly ConversationSummary[],
  next: readonly ConversationSummary[],
): ConversationSummary[] {
  return [
    ...list,
    ...without(
      next,
      list.map(({ id }) => id),
    ),
  ]
}

const DAY_MS = 24 * 3600 * 1000

/** The beginning (epoch milliseconds) of as many days as these, today among them. */
export function sinceDays(days: number, now = Date.now()): number {
  return new Date(now).setHours(0, 0, 0, 0) - (days - 1) * DAY_MS
}
