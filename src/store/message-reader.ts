import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage } from './codec.ts'
import type { Context } from './context.ts'
import { foldJournal, settleFolded } from './fold.ts'
import type { Folded, JournalRow } from './fold.ts'
import { isUnreadable } from './sqlite.ts'

/** The parent of a message that was removed; undefined for one that was not. */
type Removed = (id: MessageId) => { parent_id: unknown } | undefined

/** Message rows as messages, and the reading half of the journal. */
export interface MessageReader {
  /** Whatever was removed or deleted. */
  row(id: MessageId): MessageRow | undefined
  /** Neither removed, nor of a conversation that is deleted. */
  isThere(row: MessageRow): boolean
  isDeleted(conversation: ConversationId): boolean
  /** Throws for a conversation that is deleted: nothing may be added to it. */
  mustNotBeDeleted(conversation: ConversationId): void
  /** Undefined where the row is damaged, which is reported. Its parent is the nearest that is not removed. */
  message(row: MessageRow): StoredMessage | undefined
  /** The same two for a way up a branch: each row of it is read once, many at a time. For as long as nothing is written. */
  walk(): Pick<MessageReader, 'row' | 'message'>
  /** `id`, or the nearest above it that is not removed. */
  nearest(id: MessageId | null): MessageId | null
  /** A row's message with its journal, whatever its state. */
  folded(row: MessageRow): Folded | undefined
  /** The window that streams this row is alive. Where that cannot be read it counts as alive: nothing of it is touched. */
  isStreamed(row: MessageRow): boolean
}

export function createMessageReader({ database, owners, report, reading }: Context): MessageReader {
  const find = database.prepare('SELECT * FROM message WHERE id = ?')
  // A page of a branch and the one above it. UNION ends where damaged parents form a circle.
  const upwards = database.prepare(
    `WITH RECURSIVE up (id, parent_id) AS (
       SELECT id, parent_id FROM message WHERE id = ?
       UNION SELECT message.id, message.parent_id FROM up JOIN message ON message.id = up.parent_id
       LIMIT 32
     )
     SELECT message.* FROM up JOIN message ON message.id = up.id`,
  )
  const journal = database.prepare('SELECT seq, events FROM stream_journal WHERE message_id = ? ORDER BY seq')

  const deleted = database.prepare('SELECT 1 FROM conversation WHERE id = ? AND deleted_at IS NOT NULL')
  const hidden = database.prepare('SELECT parent_id FROM message WHERE id = ? AND removal IS NOT NULL')

  const isDeleted = (id: ConversationId): boolean =>
    reading.one(`Conversation ${id}`, false, () => deleted.get(id) !== undefined)

  const row = (id: MessageId) => reading.one(`Message ${id}`, undefined, () => find.get(id)) as MessageRow | undefined

  const removed: Removed = (id) => reading.one(`Message ${id}`, undefined, () => hidden.get(id)) as ReturnType<Removed>

  const nearest = (id: MessageId | null, find = removed): MessageId | null => {
    const passed = new Set<MessageId>()
    let at = id
    // Damaged parents may form a circle.
    while (at !== null && !passed.has(at)) {
      passed.add(at)
      const row = find(at)
      if (!row) return at
      at = typeof row.parent_id === 'string' ? row.parent_id : null
    }
    return null
  }

  const folded = (row: MessageRow): Folded | undefined => {
    const begun = decodeMessage(row)
    if (!begun) {
      report(`Message ${row.id} is damaged and was left out.`)
      return undefined
    }
    if (row.state !== 'streaming') return { message: begun, ended: true, torn: false }
    const rows = reading.rows(`The journal of message ${row.id}`, () => journal.iterate(row.id)) as JournalRow[]
    const result = foldJournal(begun, rows)
    if (result.torn) report(`The journal of message ${row.id} is damaged. What stands before the damage was kept.`)
    return result
  }

  const isStreamed = ({ id, state, owner }: MessageRow): boolean =>
    state === 'streaming' && reading.one(`The window of message ${id}`, true, () => owners.isAlive(owner))

  const message = (row: MessageRow, find?: Removed): StoredMessage | undefined => {
    const result = folded(row)
    if (!result) return undefined
    // What a dead window left is shown as what `recover` will make of it.
    const message = row.state === 'streaming' && !isStreamed(row) ? settleFolded(result) : result.message
    return { ...message, parent: nearest(message.parent, find) }
  }

  return {
    row,
    walk() {
      const known = new Map<MessageId, MessageRow>()
      const rowOf = (id: MessageId): MessageRow | undefined => {
        if (known.has(id)) return known.get(id)
        try {
          for (const each of upwards.iterate(id) as Iterable<MessageRow>) known.set(each.id, each)
        } catch (error) {
          // What stands behind damage is read by itself, and then told of.
          if (!isUnreadable(error)) throw error
        }
        return known.get(id) ?? row(id)
      }
      return {
        row: rowOf,
        message: (row) =>
          message(row, (id) => {
            const parent = rowOf(id)
            return parent && parent.removal !== null ? parent : undefined
          }),
      }
    },
    isDeleted,
    mustNotBeDeleted(id) {
      if (isDeleted(id)) throw new Error(`Conversation ${id} is deleted.`)
    },
    isThere: (row) => row.removal === null && !isDeleted(row.conversation),
    nearest: (id) => nearest(id),
    folded,
    isStreamed,
    message: (row) => message(row),
  }
}
