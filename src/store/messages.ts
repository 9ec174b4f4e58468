import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage, encodeContent } from './codec.ts'
import type { Context } from './context.ts'
import { foldJournal, settleFolded } from './fold.ts'
import type { Folded, JournalRow } from './fold.ts'
import type { Messages } from './store.ts'
import type { FindNode } from './tree.ts'
import { branchOf, pageOf } from './tree.ts'

/** Message rows as messages, and the reading half of the journal. */
export interface MessageReader {
  row(id: MessageId): MessageRow | undefined
  /** Undefined where the row is damaged, which is reported. */
  message(row: MessageRow): StoredMessage | undefined
  /** A row's message with its journal, whatever its state. */
  folded(row: MessageRow): Folded | undefined
  /** The window that streams this row is alive. Where that cannot be read it counts as alive: nothing of it is touched. */
  isStreamed(row: MessageRow): boolean
}

export function createMessageReader({ database, owners, report, reading }: Context): MessageReader {
  const find = database.prepare('SELECT * FROM message WHERE id = ?')
  const journal = database.prepare('SELECT seq, events FROM stream_journal WHERE message_id = ? ORDER BY seq')

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
    folded,
    isStreamed,
    message(row) {
      const result = folded(row)
      // What a dead window left is shown as what `recover` will make of it.
      if (result && row.state === 'streaming' && !isStreamed(row)) return settleFolded(result)
      return result?.message
    },
  }
}

export function createMessages({ database, reading }: Context, reader: MessageReader): Messages {
  const insert = database.prepare(
    `INSERT INTO message (id, conversation, parent_id, created_at, state, body, timing, cost, key_profile)
     VALUES (:id, :conversation, :parent, :createdAt, :state, :body, :timing, :cost, :keyProfile)`,
  )
  const update = database.prepare(
    `UPDATE message SET state = :state, body = :body, timing = :timing, cost = :cost, key_profile = :keyProfile
     WHERE id = :id`,
  )
  const children = database.prepare(
    'SELECT * FROM message WHERE conversation = ? AND parent_id IS ? ORDER BY created_at, rowid',
  )

  const within = (conversation: ConversationId): FindNode => {
    return (id) => {
      const row = reader.row(id)
      if (row?.conversation !== conversation) return undefined
      const message = reader.message(row)
      return { id, parent: row.parent_id, ...(message && { message }) }
    }
  }

  return {
    append(message) {
      const { conversation, parent, createdAt } = message
      insert.run({ ...encodeContent(message), conversation, parent, createdAt })
    },
    update: (message) => void update.run(encodeContent(message)),
    get(id) {
      const row = reader.row(id)
      return row && reader.message(row)
    },
    page: (conversation, options) => pageOf(within(conversation), options),
    branch: (conversation, leaf) => branchOf(within(conversation), leaf),
    children(conversation, parent) {
      const rows = reading.rows(`Part of conversation ${conversation}`, () => children.iterate(conversation, parent))
      return (rows as MessageRow[]).flatMap((row) => reader.message(row) ?? [])
    },
  }
}
