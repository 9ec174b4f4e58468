/** Takes messages away so that it can be undone. Nothing is moved: readings pass through what is marked as removed. */
import { randomUUID } from 'node:crypto'
import type { ConversationId, MessageId } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage } from './codec.ts'
import type { Context } from './context.ts'
import type { Family, Kin } from './family.ts'
import type { MessageReader } from './message-reader.ts'
import type { Messages } from './store.ts'

type RemovalRow = { conversation: string; leaf_before: string | null; leaf_after: string | null }

export function createRemovals(
  { database, clock, index }: Context,
  reader: MessageReader,
  family: Family,
): Pick<Messages, 'remove' | 'restoreRemoved'> {
  const leafOf = database.prepare('SELECT leaf FROM conversation WHERE id = ?')
  const setLeaf = database.prepare('UPDATE conversation SET leaf = ? WHERE id = ?')
  const mark = database.prepare('UPDATE message SET removal = ? WHERE id = ?')
  const insert = database.prepare('INSERT INTO removal VALUES (?, ?, ?, ?, ?)')
  const find = database.prepare('SELECT conversation, leaf_before, leaf_after FROM removal WHERE token = ?')
  const forget = database.prepare('DELETE FROM removal WHERE token = ?')
  const marked = database.prepare('SELECT * FROM message WHERE removal = ?')
  const unmark = database.prepare('UPDATE message SET removal = NULL, doc = ?, indexed = ? WHERE id = ?')

  const currentLeaf = (conversation: ConversationId): MessageId | null => {
    const leaf = leafOf.get(conversation)?.leaf
    return typeof leaf === 'string' ? leaf : null
  }
  const restore = (row: MessageRow): void => {
    const message = decodeMessage(row)
    const { doc, indexed } = message ? index.enter(message, row.doc) : row
    unmark.run(doc, indexed, row.id)
  }

  return {
    remove: (ids, what) =>
      index.write(() => {
        const asked = [ids].flat().flatMap((id) => reader.row(id) ?? [])
        const conversation = asked.find(reader.isThere)?.conversation
        if (conversation === undefined) return undefined
        const there = asked.filter((row) => row.conversation === conversation && reader.isThere(row))
        const gone = new Map<MessageId, Kin>()
        const takenWith = (row: MessageRow): Kin[] =>
          what === 'branch' ? [row, ...family.below(conversation, row.id)] : unitOf(family, reader, row)
        for (const one of there.flatMap(takenWith)) gone.set(one.id, one)
        const token = randomUUID()
        for (const { id } of gone.values()) mark.run(token, id)
        index.drop([...gone.values()].flatMap(({ doc }) => doc ?? []))
        const before = currentLeaf(conversation)
        const after = family.endNear(conversation, before)
        if (after !== before) setLeaf.run(after, conversation)
        insert.run(token, conversation, clock(), before, after)
        return { token, conversation, ...(after !== null && { leaf: after }) }
      }),
    restoreRemoved: (token) =>
      index.write(() => {
        const removal = find.get(token) as RemovalRow | undefined
        if (!removal) return false
        const { conversation, leaf_before: before, leaf_after: after } = removal
        for (const row of marked.all(token) as MessageRow[]) restore(row)
        forget.run(token)
        const current = currentLeaf(conversation)
        // Nothing is shown where all was removed: whatever comes back is shown then.
        if (current === null || (before !== after && current === after))
          setLeaf.run(family.endNear(conversation, before), conversation)
        return true
      }),
  }
}

/** An answer with the results of what it called, whichever of them is meant. */
function unitOf(family: Family, reader: MessageReader, row: MessageRow): Kin[] {
  const parent = roleOf(row) === 'tool' ? reader.nearest(row.parent_id) : null
  const asking = parent === null ? undefined : reader.row(parent)
  const head = asking && roleOf(asking) === 'assistant' ? asking : row
  if (roleOf(head) !== 'assistant') return [row]
  return [head, ...family.children(head.conversation, head.id).filter((child) => roleOf(child) === 'tool')]
}

function roleOf(row: MessageRow): string | undefined {
  return row.role ?? decodeMessage(row)?.message.role
}
