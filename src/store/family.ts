/** Who stands beside and below a message. A removed one is passed through: what is below it belongs to what is above. */
import type { ConversationId, MessageId, TreeNode } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage } from './codec.ts'
import type { Context } from './context.ts'
import type { MessageReader } from './message-reader.ts'
import type { Traits } from './searchable.ts'
import { traitsOf } from './searchable.ts'
import type { Messages } from './store.ts'

export interface Family extends Pick<Messages, 'siblings' | 'leafOf' | 'tree'> {
  /** Rows that answer `parent` and are not removed, in the order they were written. */
  children(conversation: ConversationId, parent: MessageId | null): MessageRow[]
  /** All that is below `id`, or in the whole conversation, and is not removed; newest first. */
  below(conversation: ConversationId, id: MessageId | null): Kin[]
  /** The end of the newest branch there is: below `id` or, with null, of the whole conversation. */
  newestLeaf(conversation: ConversationId, id: MessageId | null): MessageId | undefined
  /** Where a branch is shown whose end was `leaf`: up to it, or to the newest leaf near it where it was removed. */
  endNear(conversation: ConversationId, leaf: MessageId | null): MessageId | null
}

export type Kin = Pick<MessageRow, 'id' | 'parent_id' | 'doc'>
type NodeRow = Pick<MessageRow, 'id' | 'parent_id' | 'created_at' | 'state' | 'role' | 'provider' | 'model' | 'preview'>

/**
 * Ids below a place, through those that are removed. CROSS keeps the planner from reading the whole conversation for each of
 * them.
 */
const BELOW = `
  WITH RECURSIVE below (id, removal) AS (
    SELECT id, removal FROM message WHERE conversation = :conversation AND parent_id IS :parent
    UNION
    SELECT message.id, message.removal FROM below CROSS JOIN message
    ON message.conversation = :conversation AND message.parent_id = below.id WHERE below.removal IS NOT NULL
  )`

export function createFamily({ database, reading }: Context, reader: MessageReader): Family {
  const children = database.prepare(
    `${BELOW} SELECT message.* FROM below JOIN message USING (id) WHERE below.removal IS NULL
     ORDER BY created_at, message.rowid`,
  )
  const ids = database.prepare(
    `${BELOW} SELECT id, parent_id, doc FROM below JOIN message USING (id) WHERE below.removal IS NULL
     ORDER BY created_at, message.rowid`,
  )
  // Newest first, so that the first that has nothing below it is the newest of these.
  const subtree = database.prepare(
    `WITH RECURSIVE below (id) AS (
       SELECT id FROM message WHERE conversation = :conversation AND parent_id IS :parent
       UNION
       SELECT message.id FROM below CROSS JOIN message ON message.conversation = :conversation AND message.parent_id = below.id
     )
     SELECT id, parent_id, doc FROM below JOIN message USING (id) WHERE removal IS NULL
     ORDER BY created_at DESC, message.rowid DESC`,
  )
  const nodes = database.prepare(
    `SELECT id, parent_id, created_at, state, role, provider, model, preview FROM message
     WHERE conversation = ? AND removal IS NULL ORDER BY created_at, rowid`,
  )

  const rowsOf = <Row>(conversation: ConversationId, read: () => Iterable<unknown>): Row[] =>
    reader.isDeleted(conversation) ? [] : (reading.rows(`Part of conversation ${conversation}`, read) as Row[])

  const below: Family['below'] = (conversation, id) =>
    rowsOf(conversation, () => subtree.iterate({ conversation, parent: id }))

  /** Among those that are there, who answers whom: only a parent that is not among them can be a removed one. */
  const parentAmong = (known: ReadonlySet<MessageId>, parent: MessageId | null): MessageId | null =>
    parent === null || known.has(parent) ? parent : reader.nearest(parent)

  const newestLeaf: Family['newestLeaf'] = (conversation, id) => {
    const rows = below(conversation, id)
    const known = new Set(rows.map((row) => row.id))
    const parents = new Set(rows.map((row) => parentAmong(known, row.parent_id)))
    return rows.find((row) => row.id !== id && !parents.has(row.id))?.id ?? id ?? undefined
  }

  return {
    children: (conversation, parent) => rowsOf(conversation, () => children.iterate({ conversation, parent })),
    below,
    newestLeaf,
    endNear(conversation, leaf) {
      const near = reader.nearest(leaf)
      return near === leaf ? leaf : (newestLeaf(conversation, near) ?? null)
    },
    siblings(id) {
      const row = reader.row(id)
      if (!row || !reader.isThere(row)) return []
      const parent = reader.nearest(row.parent_id)
      return rowsOf<Kin>(row.conversation, () => ids.iterate({ conversation: row.conversation, parent })).map(
        (one) => one.id,
      )
    },
    leafOf(id) {
      const row = reader.row(id)
      return row && reader.isThere(row) ? (newestLeaf(row.conversation, id) ?? id) : id
    },
    tree(conversation) {
      const rows = rowsOf<NodeRow>(conversation, () => nodes.iterate(conversation))
      const known = new Set(rows.map(({ id }) => id))
      return rows.flatMap((row) => {
        const traits = traitsIn(row) ?? traitsFrom(reader.row(row.id))
        const parent = parentAmong(known, row.parent_id)
        return traits ? [toNode(row, traits, parent !== null && known.has(parent) ? parent : null)] : []
      })
    },
  }
}

function toNode({ id, created_at, state }: NodeRow, traits: Traits, parent: MessageId | null): TreeNode {
  return { id, parent, createdAt: created_at, state, ...traits }
}

/** What was derived when the row was written. */
function traitsIn({ role, provider, model, preview }: NodeRow): Traits | undefined {
  if (role === null || preview === null) return undefined
  return { role, preview, ...(provider !== null && model !== null && { model: { provider, model } }) }
}

function traitsFrom(row: MessageRow | undefined): Traits | undefined {
  const message = row && decodeMessage(row)
  return message && traitsOf(message.message)
}
