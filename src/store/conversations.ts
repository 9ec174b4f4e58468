import { randomUUID } from 'node:crypto'
import type { Choice, Conversation } from '../shared/conversation.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Context } from './context.ts'
import { transaction } from './sqlite.ts'
import type { Conversations, NewConversation } from './store.ts'

type ConversationRow = {
  id: string
  title: string
  created_at: number
  updated_at: number
  workspace: string | null
  choice: string | null
  leaf: string | null
}

/** Most conversations a list holds where the caller does not say. */
export const LIST_LIMIT = 100

/** A new conversation as both stores make it. */
export function newConversation({ id, ...fields }: NewConversation, now: number): Conversation {
  return { id: id ?? randomUUID(), ...fields, createdAt: now, updatedAt: now }
}

/** SQLite's own LIKE knows upper and lower case of ASCII only, so titles are compared here. */
export function titleMatcher(search: string | undefined): (title: string) => boolean {
  const words = (search ?? '').toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return (title) => {
    const lower = title.toLocaleLowerCase()
    return words.every((word) => lower.includes(word))
  }
}

export function createConversations({ database, clock, report, reading }: Context): Conversations {
  const insert = database.prepare(
    `INSERT INTO conversation (id, title, created_at, updated_at, workspace, choice)
     VALUES (:id, :title, :now, :now, :workspace, :choice)`,
  )
  const find = database.prepare('SELECT * FROM conversation WHERE id = ?')
  // Rows of one moment keep the order they were made in.
  const listed = database.prepare(
    `SELECT id, title, created_at, updated_at, workspace FROM conversation AS listed
     WHERE EXISTS (SELECT 1 FROM message WHERE conversation = listed.id) AND (:workspace IS NULL OR workspace = :workspace)
     ORDER BY updated_at DESC, rowid DESC`,
  )
  const count = database.prepare('SELECT count(*) AS messages FROM message WHERE conversation = ?')
  const setTitle = database.prepare('UPDATE conversation SET title = ? WHERE id = ?')
  const setChoice = database.prepare('UPDATE conversation SET choice = ? WHERE id = ?')
  const setLeaf = database.prepare('UPDATE conversation SET leaf = ? WHERE id = ?')
  const touch = database.prepare('UPDATE conversation SET updated_at = ? WHERE id = ?')
  const remove = database.prepare('DELETE FROM conversation WHERE id = ?')
  const blobs = blobSweeper(database)
  const countOf = (id: string): number => reading.one(`Conversation ${id}`, 0, () => Number(count.get(id)?.messages))

  return {
    create(fields) {
      const conversation = newConversation(fields, clock())
      const { id, title, workspace = null, choice, createdAt: now } = conversation
      insert.run({ id, title, now, workspace, choice: choice ? JSON.stringify(choice) : null })
      return conversation
    },
    get(id) {
      const row = reading.one(`Conversation ${id}`, undefined, () => find.get(id)) as ConversationRow | undefined
      return row && toConversation(row, report)
    },
    list({ search, workspace = null, limit = LIST_LIMIT } = {}) {
      const matches = titleMatcher(search)
      const rows = reading.rows('Part of the list of chats', () => listed.iterate({ workspace })) as ConversationRow[]
      const shown = rows.filter((row) => matches(row.title)).slice(0, limit)
      return shown.map((row) => ({ ...toSummary(row), messages: countOf(row.id) }))
    },
    rename: (id, title) => void setTitle.run(title, id),
    setChoice: (id, choice) => void setChoice.run(choice ? JSON.stringify(choice) : null, id),
    setLeaf: (id, leaf) => void setLeaf.run(leaf ?? null, id),
    touch: (id) => void touch.run(clock(), id),
    delete: (id) =>
      transaction(database, () => {
        const candidates = blobs.namedIn(id)
        remove.run(id)
        blobs.sweep(candidates)
      }),
  }
}

/** Deletes the attachments that only a deleted conversation named. Reads every message, but only where there were any. */
function blobSweeper(database: Context['database']) {
  const named = database.prepare(
    `SELECT hash FROM blob WHERE EXISTS (SELECT 1 FROM message WHERE conversation = ? AND instr(body, hash))`,
  )
  const sweep = database.prepare(
    'DELETE FROM blob WHERE hash = :hash AND NOT EXISTS (SELECT 1 FROM message WHERE instr(body, :hash))',
  )
  return {
    namedIn: (conversation: string) => named.all(conversation).map((row) => String(row.hash)),
    sweep: (hashes: string[]) => hashes.forEach((hash) => sweep.run({ hash })),
  }
}

function toSummary(row: ConversationRow) {
  return {
    id: row.id,
    title: row.title,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.workspace !== null && { workspace: row.workspace }),
  }
}

function toConversation(row: ConversationRow, report: Context['report']): Conversation {
  const choice = row.choice === null ? undefined : parseJson(row.choice)
  if (row.choice !== null && !isObject(choice)) report(`The model chosen in conversation ${row.id} could not be read.`)
  return {
    ...toSummary(row),
    ...(isObject(choice) && { choice: choice as unknown as Choice }),
    ...(row.leaf !== null && { leaf: row.leaf }),
  }
}
