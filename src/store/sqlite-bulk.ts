import type { Bulk, RecordPage } from './bulk.ts'
import { settled, withSummaries } from './bulk.ts'
import type { MessageRow } from './codec.ts'
import type { Context } from './context.ts'
import { rowOf } from './conversation-codec.ts'
import type { MessageReader } from './message-reader.ts'
import type { MessageWriter } from './message-writer.ts'
import { recordFields, recordOf, recordValues, selectRecords } from './requests.ts'
import { transaction } from './sqlite.ts'
import type { Conversations, Summaries } from './store.ts'

export function createBulk(
  context: Context,
  reader: MessageReader,
  writer: MessageWriter,
  conversations: Conversations,
  summaries: Summaries,
): Bulk {
  const { database, reading, index, clock } = context
  const ids = database.prepare(
    `SELECT id FROM conversation AS listed WHERE deleted_at IS NULL
     AND EXISTS (SELECT 1 FROM message WHERE conversation = listed.id AND removal IS NULL) ORDER BY rowid`,
  )
  const messages = database.prepare('SELECT * FROM message WHERE conversation = ? AND removal IS NULL ORDER BY rowid')
  const taken = database.prepare(
    `SELECT EXISTS (SELECT 1 FROM conversation WHERE id = :id) OR EXISTS (SELECT 1 FROM message WHERE id = :id)
     OR EXISTS (SELECT 1 FROM summary WHERE id = :id) AS taken`,
  )
  const records = database.prepare(
    `SELECT rowid AS place, ${selectRecords} FROM request
     WHERE rowid > :from AND (:conversation IS NULL OR conversation = :conversation) ORDER BY rowid LIMIT :limit`,
  )
  const insertConversation = database.prepare(
    `INSERT INTO conversation (id, title, created_at, updated_at, workspace, choice, leaf, pinned, archived, agent,
       titled_by, deleted_at)
     VALUES (:id, :title, :createdAt, :updatedAt, :workspace, :choice, :leaf, :pinned, :archived, :agent, :titledBy, :now)`,
  )
  const reveal = database.prepare('UPDATE conversation SET deleted_at = NULL WHERE id = ?')
  const insertRecord = database.prepare(
    `INSERT OR IGNORE INTO request (${recordFields}) VALUES (${recordFields.replace(/\w+/g, '?')})`,
  )

  return {
    ids: () => reading.rows('Part of the list of chats', () => ids.iterate()).map((row) => String(row.id)),
    read(id) {
      const conversation = conversations.get(id)
      if (!conversation) return undefined
      const rows = reading.rows(`Part of conversation ${id}`, () => messages.iterate(id)) as MessageRow[]
      const whole = { conversation, messages: rows.flatMap((row) => reader.message(row) ?? []).map(settled) }
      return withSummaries(whole, summaries.list(id))
    },
    isTaken: (id) => reading.one('The list of chats', true, () => taken.get({ id })?.taken === 1),
    requests({ conversation = null, from = 0, limit }): RecordPage {
      const rows = reading.rows('Part of the request log', () => records.iterate({ conversation, from, limit }))
      const last = rows.length === limit ? rows.at(-1) : undefined
      return { records: rows.map(({ place: _, ...row }) => recordOf(row)), ...(last && { next: Number(last.place) }) }
    },
    // Until they are shown they are deleted ones, so that what is left of an import that was cut short is purged like these.
    insert: (wholes) =>
      index.write(() => {
        for (const { conversation, messages, summaries: own = [] } of wholes) {
          insertConversation.run({ ...rowOf(conversation), now: clock() })
          for (const message of messages) writer.insert(message)
          for (const summary of own) summaries.put(summary)
        }
      }),
    reveal: (ids, records) =>
      transaction(database, () => {
        for (const id of ids) reveal.run(id)
        for (const record of records) insertRecord.run(...recordValues(record))
      }),
    discard(ids) {
      conversations.delete(ids)
      conversations.purge(ids)
    },
  }
}
