import type { Conversation, StoredMessage } from '../shared/conversation.ts'
import type { Bulk, RecordPage } from './bulk.ts'
import { settled } from './bulk.ts'
import type { MessageRow } from './codec.ts'
import { encodeContent } from './codec.ts'
import type { Context } from './context.ts'
import type { MessageReader } from './messages.ts'
import { recordFields, recordOf, recordValues, selectRecords } from './requests.ts'
import { transaction } from './sqlite.ts'
import type { Conversations } from './store.ts'

export function createBulk(context: Context, reader: MessageReader, conversations: Conversations): Bulk {
  const { database, reading } = context
  const ids = database.prepare(
    'SELECT id FROM conversation AS listed WHERE EXISTS (SELECT 1 FROM message WHERE conversation = listed.id) ORDER BY rowid',
  )
  const messages = database.prepare('SELECT * FROM message WHERE conversation = ? ORDER BY rowid')
  const taken = database.prepare(
    'SELECT EXISTS (SELECT 1 FROM conversation WHERE id = :id) OR EXISTS (SELECT 1 FROM message WHERE id = :id) AS taken',
  )
  const records = database.prepare(
    `SELECT rowid AS place, ${selectRecords} FROM request
     WHERE rowid > :from AND (:conversation IS NULL OR conversation = :conversation) ORDER BY rowid LIMIT :limit`,
  )
  const insertConversation = database.prepare(
    `INSERT INTO conversation (id, title, created_at, updated_at, workspace, choice, leaf)
     VALUES (:id, :title, :createdAt, :updatedAt, :workspace, :choice, :leaf)`,
  )
  const insertMessage = database.prepare(
    `INSERT INTO message (id, conversation, parent_id, created_at, state, body, timing, cost, key_profile)
     VALUES (:id, :conversation, :parent, :createdAt, :state, :body, :timing, :cost, :keyProfile)`,
  )
  const insertRecord = database.prepare(
    `INSERT OR IGNORE INTO request (${recordFields}) VALUES (${recordFields.replace(/\w+/g, '?')})`,
  )

  return {
    ids: () => reading.rows('Part of the list of chats', () => ids.iterate()).map((row) => String(row.id)),
    read(id) {
      const conversation = conversations.get(id)
      if (!conversation) return undefined
      const rows = reading.rows(`Part of conversation ${id}`, () => messages.iterate(id)) as MessageRow[]
      return { conversation, messages: rows.flatMap((row) => reader.message(row) ?? []).map(settled) }
    },
    isTaken: (id) => reading.one('The list of chats', true, () => taken.get({ id })?.taken === 1),
    requests({ conversation = null, from = 0, limit }): RecordPage {
      const rows = reading.rows('Part of the request log', () => records.iterate({ conversation, from, limit }))
      const last = rows.length === limit ? rows.at(-1) : undefined
      return { records: rows.map(({ place: _, ...row }) => recordOf(row)), ...(last && { next: Number(last.place) }) }
    },
    insert: (wholes) =>
      transaction(database, () => {
        for (const { conversation, messages } of wholes) {
          insertConversation.run(conversationRow(conversation))
          for (const message of messages) insertMessage.run(messageRow(message))
        }
      }),
    reveal: (_, records) =>
      transaction(database, () => {
        for (const record of records) insertRecord.run(...recordValues(record))
      }),
    discard: (ids) => ids.forEach((id) => conversations.delete(id)),
  }
}

function conversationRow({ id, title, createdAt, updatedAt, workspace, choice, leaf }: Conversation) {
  return {
    id,
    title,
    createdAt,
    updatedAt,
    workspace: workspace ?? null,
    choice: choice ? JSON.stringify(choice) : null,
    leaf: leaf ?? null,
  }
}

function messageRow(message: StoredMessage) {
  const { conversation, parent, createdAt } = message
  return { ...encodeContent(message), conversation, parent, createdAt }
}
