/** Between rows and values of conversations. */
import { randomUUID } from 'node:crypto'
import type { Choice, Conversation, ConversationSummary, TitledBy } from '../shared/conversation.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Context } from './context.ts'
import type { NewConversation } from './store.ts'

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

/** The columns of a conversation, as named parameters. */
export function rowOf({ pinned, archived, choice, neverSendTo, ...conversation }: Conversation) {
  return {
    id: conversation.id,
    title: conversation.title,
    createdAt: conversation.createdAt,
    updatedAt: conversation.updatedAt,
    workspace: conversation.workspace ?? null,
    choice: writeChoice(choice, neverSendTo),
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

/** The column holds what is chosen and, beside it, what is forbidden: that stays where nothing is chosen. */
export function writeChoice(choice: Choice | undefined, neverSendTo: readonly string[] = []): string | null {
  const forbids = neverSendTo.length > 0
  return choice || forbids ? JSON.stringify({ ...choice, ...(forbids && { neverSendTo }) }) : null
}

export function readChoice(column: string | null): Pick<Conversation, 'choice' | 'neverSendTo'> {
  const read = column === null ? undefined : parseJson(column)
  if (!isObject(read)) return {}
  const { neverSendTo, ...choice } = read
  const forbidden = Array.isArray(neverSendTo) ? neverSendTo.filter((id) => typeof id === 'string') : []
  return {
    ...(Object.keys(choice).length > 0 && { choice: choice as unknown as Choice }),
    ...(forbidden.length > 0 && { neverSendTo: forbidden }),
  }
}

export function toConversation(row: ConversationRow, report: Context['report']): Conversation {
  if (row.choice !== null && !isObject(parseJson(row.choice)))
    report(`The model chosen in conversation ${row.id} could not be read.`)
  return {
    ...toSummary(row),
    ...readChoice(row.choice),
    ...(row.leaf !== null && { leaf: row.leaf }),
  }
}
