/**
 * The numbers by which the index knows messages: those of a conversation lie together, text after what tools gave, newer
 * after older.
 */
import type { ConversationId, StoredMessage } from '../shared/conversation.ts'
import type { DatabaseSync } from './sqlite.ts'

/** The number of a conversation stands above these bits of a `doc`. Below, what tools gave comes before all else. */
export const BITS = 24
const SPAN = 2 ** BITS
const TOOLS = 2 ** (BITS - 1)

/** The conversation's number in it. */
export const conversationIn = (doc: number): number => Math.floor(doc / SPAN)

/** Gives a message that has no number the next one of its conversation. */
export function createDocs(database: DatabaseSync): (message: StoredMessage) => number {
  const number = database.prepare('SELECT number FROM conversation WHERE id = ?')
  const setNumber = database.prepare(
    'UPDATE conversation SET number = (SELECT coalesce(max(number), 0) + 1 FROM conversation) WHERE id = ?',
  )
  const newest = database.prepare('SELECT max(doc) AS doc FROM message WHERE doc >= ? AND doc < ?')
  const numberOf = (conversation: ConversationId): number => {
    const row = number.get(conversation)
    if (typeof row?.number === 'number') return row.number
    setNumber.run(conversation)
    return Number(number.get(conversation)?.number)
  }
  return ({ conversation, message }) => {
    const start = numberOf(conversation) * SPAN + (message.role === 'tool' ? 0 : TOOLS)
    const last = newest.get(start, start + TOOLS)?.doc
    return typeof last === 'number' ? last + 1 : start
  }
}
