import { randomUUID } from 'node:crypto'
import type { Choice, Conversation, ConversationSummary, TitledBy } from '../shared/conversation.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Context } from './context.ts'
import type { Family } from './family.ts'
import { createListing } from './listing.ts'
import type { MessageReader } from './message-reader.ts'
import { createPurge } from './purge.ts'
import { transaction } from './sqlite.ts'
import type { Conversations, NewConversation } from './store.ts'

export type ConversationRow = {
  id: string
  title: string
  created_at: number
  updated_at: number
  workspace: string | null
  choice: string | null
  leaf: string | null
  pinned: number
  archived: number
  agent: string | null
  titled_by: TitledBy | null
  deleted_at: number | null
  number: number | null
}

/** Most conversations a list holds where the caller does not say. */
export const LIST_LIMIT = 100

/** A new conversation as both stores make it. */
export function newConversation({ id, ...fields }: NewConversation, now: number): Conversation {
  return { id: id ?? randomUUID(), createdAt: now, updatedAt: now, ...fields }
}

export function createConversations(context: Context, reader: MessageReader, family: Family): Conversations {
  const { database, clock, report, reading } = context
  const insert = database.prepare(
    `INSERT INTO conversation (id, title, created_at, updated_at, workspace, choice, leaf, pinned, archived, agent, titled_by)
     VALUES (:id, :title, :createdAt, :updatedAt, :workspace, :choice, :leaf, :pinned, :archived, :agent, :titledBy)`,
  )
  const find = database.prepare('SELECT * FROM conversation WHERE id = ? AND deleted_at IS NULL')
  const setChoice = database.prepare('UPDATE conversation SET choice = ? WHERE id = ?')
  const setLeaf = database.prepare('UPDATE conversation SET leaf = ? WHERE id = ?')
  const touch = database.prepare('UPDATE conversation SET updated_at = ? WHERE id = ?')
  const remove = database.prepare('UPDATE conversation SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL')
  const restore = database.prepare('UPDATE conversation SET deleted_at = NULL WHERE id = ?')
  const update = database.prepare(
    `UPDATE conversation SET title = coalesce(:title, title), titled_by = coalesce(:titledBy, titled_by),
       pinned = coalesce(:pinned, pinned), archived = coalesce(:archived, archived),
       agent = CASE WHEN :setsAgent THEN :agent ELSE agent END,
       workspace = CASE WHEN :setsWorkspace THEN :workspace ELSE workspace END
     WHERE id = :id`,
  )
  const flag = (value: boolean | undefined): number | null => (value === undefined ? null : value ? 1 : 0)

  return {
    create(fields) {
      const conversation = newConversation(fields, clock())
      insert.run(rowOf(conversation))
      return conversation
    },
    get(id) {
      const row = reading.one(`Conversation ${id}`, undefined, () => find.get(id)) as ConversationRow | undefined
      return row && toConversation({ ...row, leaf: family.endNear(id, row.leaf) }, report)
    },
    ...createListing(context),
    update: (id, { title, titledBy, pinned, archived, agent, workspace }) =>
      void update.run({
        id,
        title: title ?? null,
        titledBy: titledBy ?? null,
        pinned: flag(pinned),
        archived: flag(archived),
        setsAgent: agent === undefined ? 0 : 1,
        agent: agent ?? null,
        setsWorkspace: workspace === undefined ? 0 : 1,
        workspace: workspace ?? null,
      }),
    setChoice: (id, choice) => void setChoice.run(choice ? JSON.stringify(choice) : null, id),
    setLeaf: (id, leaf) => void setLeaf.run(leaf ?? null, id),
    touch: (id) => void touch.run(clock(), id),
    delete: (ids) => transaction(database, () => [ids].flat().forEach((id) => remove.run(clock(), id))),
    restore: (ids) => transaction(database, () => [ids].flat().forEach((id) => restore.run(id))),
    purge: createPurge(context, reader, family),
  }
}

/** The columns of a conversation, as named parameters. */
export function rowOf({ pinned, archived, choice, ...conversation }: Conversation) {
  return {
    id: conversation.id,
    title: conversation.title,
    createdAt: conversation.createdAt,
    updatedAt: conversation.updatedAt,
    workspace: conversation.workspace ?? null,
    choice: choice ? JSON.stringify(choice) : null,
    leaf: conversation.leaf ?? null,
    pinned: pinned ? 1 : 0,
    archived: archived ? 1 : 0,
    agent: conversation.agent ?? null,
    titledBy: conversation.titledBy ?? null,
  }
}

/** What the row alone tells of a summary. */
export function toSummary(
  row: Omit<ConversationRow, 'choice' | 'leaf' | 'deleted_at'>,
): Omit<ConversationSummary, 'messages' | 'models'> {
  return {
    id: row.id,
    title: row.title,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.titled_by !== null && { titledBy: row.titled_by }),
    ...(row.workspace !== null && { workspace: row.workspace }),
    ...(row.pinned === 1 && { pinned: true }),
    ...(row.archived === 1 && { archived: true }),
    ...(row.agent !== null && { agent: row.agent }),
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
