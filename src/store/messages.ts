import type { ConversationId } from '../shared/conversation.ts'
import type { Context } from './context.ts'
import type { Family } from './family.ts'
import type { MessageReader } from './message-reader.ts'
import type { MessageWriter } from './message-writer.ts'
import { createRemovals } from './removals.ts'
import type { Messages } from './store.ts'
import type { FindNode } from './tree.ts'
import { branchOf, pageOf } from './tree.ts'

export function createMessages(
  context: Context,
  reader: MessageReader,
  writer: MessageWriter,
  family: Family,
): Messages {
  const { database, index } = context
  const pin = database.prepare('UPDATE message SET pinned = ? WHERE id = ?')

  const within = (conversation: ConversationId): FindNode => {
    if (reader.isDeleted(conversation)) return () => undefined
    const way = reader.walk()
    return (id) => {
      const row = way.row(id)
      if (row?.conversation !== conversation) return undefined
      const message = row.removal === null ? way.message(row) : undefined
      return { id, parent: row.parent_id, ...(message && { message }) }
    }
  }

  return {
    append: (message) =>
      index.write(() => {
        reader.mustNotBeDeleted(message.conversation)
        writer.insert(message)
      }),
    update: (message) => index.write(() => writer.replace(message)),
    get(id) {
      const row = reader.row(id)
      return row && reader.isThere(row) ? reader.message(row) : undefined
    },
    page: (conversation, options) => pageOf(within(conversation), options),
    branch: (conversation, leaf) => branchOf(within(conversation), leaf),
    children: (conversation, parent) =>
      family.children(conversation, parent).flatMap((row) => reader.message(row) ?? []),
    siblings: family.siblings,
    leafOf: family.leafOf,
    tree: family.tree,
    ...createRemovals(context, reader, family),
    setPinned: (id, pinned) => void pin.run(pinned ? 1 : 0, id),
  }
}
