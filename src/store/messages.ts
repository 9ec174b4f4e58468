import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage, encodeContent } from './codec.ts'
import type { Context } from './context.ts'
import { foldJournal, settleFolded } from './fold.ts'
import type { Folded, JournalRow } from './fold.ts'
import { isDamage } from './sqlite.ts'
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
}

export function createMessageReader({ database, owners, report }: Context): MessageReader {
  const find = database.prepare('SELECT * FROM message WHERE id = ?')
  const journal = database.prepare('SELECT seq, events FROM stream_journal WHERE message_id = ? ORDER BY seq')

  const folded = (row: MessageRow): Folded | undefined => {
    const begun = decodeMessage(row)
    if (!begun) {
      report(`Message ${row.id} is damaged and was left out.`)
      return undefined
    }
    if (row.state !== 'streaming') return { message: begun, ended: true, torn: false }
    const result = foldJournal(begun, journal.all(row.id) as JournalRow[])
    if (result.torn) report(`The journal of message ${row.id} is damaged. What stands before the damage was kept.`)
    return result
  }

  return {
    row(id) {
      try {
        return find.get(id) as MessageRow | undefined
      } catch (error) {
        if (!isDamage(error)) throw error
        report(`Message ${id} could not be read: the database file is damaged.`)
        return undefined
      }
    },
    folded,
    message(row) {
      const result = folded(row)
      // What a dead window left is shown as what `recover` will make of it.
      if (result && row.state === 'streaming' && !owners.isAlive(row.owner)) return settleFolded(result)
      return result?.message
    },
  }
}

export function createMessages({ database }: Context, reader: MessageReader): Messages {
  const insert = database.prepare(
    `INSERT INTO message (id, conversation, parent_id, created_at, state, body, timing, cost)
     VALUES (:id, :conversation, :parent, :createdAt, :state, :body, :timing, :cost)`,
  )
  const update = database.prepare(
    'UPDATE message SET state = :state, body = :body, timing = :timing, cost = :cost WHERE id = :id',
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
    children: (conversation, parent) =>
      (children.all(conversation, parent) as MessageRow[]).flatMap((row) => reader.message(row) ?? []),
  }
}
