import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage } from './codec.ts'
import type { Context } from './context.ts'
import { foldJournal, settleFolded } from './fold.ts'
import type { Folded, JournalRow } from './fold.ts'

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
  /** `id`, or the nearest above it that is not removed. */
  nearest(id: MessageId | null): MessageId | null
  /** A row's message with its journal, whatever its state. */
  folded(row: MessageRow): Folded | undefined
  /** The window that streams this row is alive. Where that cannot be read it counts as alive: nothing of it is touched. */
  isStreamed(row: MessageRow): boolean
}

export function createMessageReader({ database, owners, report, reading }: Context): MessageReader {
  const find = database.prepare('SELECT * FROM message WHERE id = ?')
  const journal = database.prepare('SELECT seq, events FROM stream_journal WHERE message_id = ? ORDER BY seq')

  const deleted = database.prepare('SELECT 1 FROM conversation WHERE id = ? AND deleted_at IS NOT NULL')
  const hidden = database.prepare('SELECT parent_id FROM message WHERE id = ? AND removal IS NOT NULL')

  const isDeleted = (id: ConversationId): boolean =>
    reading.one(`Conversation ${id}`, false, () => deleted.get(id) !== undefined)

  const nearest = (id: MessageId | null): MessageId | null => {
    const passed = new Set<MessageId>()
    let at = id
    // Damaged parents may form a circle.
    while (at !== null && !passed.has(at)) {
      passed.add(at)
      const row = reading.one(`Message ${at}`, undefined, () => hidden.get(at))
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

  return {
    row: (id) => reading.one(`Message ${id}`, undefined, () => find.get(id)) as MessageRow | undefined,
    isDeleted,
    mustNotBeDeleted(id) {
      if (isDeleted(id)) throw new Error(`Conversation ${id} is deleted.`)
    },
    isThere: (row) => row.removal === null && !isDeleted(row.conversation),
    nearest,
    folded,
    isStreamed,
    message(row) {
      const result = folded(row)
      if (!result) return undefined
      // What a dead window left is shown as what `recover` will make of it.
      const message = row.state === 'streaming' && !isStreamed(row) ? settleFolded(result) : result.message
      return { ...message, parent: nearest(message.parent) }
    },
  }
}
