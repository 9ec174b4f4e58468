/** Removes for good the messages that were deleted together. */
import type { ConversationId, MessageId } from '../shared/conversation.ts'
import type { Context } from './context.ts'
import type { Family } from './family.ts'
import type { MessageReader } from './message-reader.ts'

export function createRemovalPurge({ database }: Pick<Context, 'database'>, reader: MessageReader, family: Family) {
  const orphans = database.prepare(
    `SELECT below.id, below.parent_id FROM message JOIN message AS below
     ON below.conversation = message.conversation AND below.parent_id = message.id
     WHERE message.removal = :token AND below.removal IS NOT :token`,
  )
  const move = database.prepare('UPDATE message SET parent_id = ? WHERE id = ?')
  const leafOf = database.prepare('SELECT leaf FROM conversation WHERE id = ?')
  const setLeaf = database.prepare('UPDATE conversation SET leaf = ? WHERE id = ?')
  const removeMessages = database.prepare('DELETE FROM message WHERE removal = ?')
  const forget = database.prepare('DELETE FROM removal WHERE token = ?')

  /** The nearest above that this removal does not take. */
  const above = (id: MessageId | null, token: string): MessageId | null => {
    const passed = new Set<MessageId>()
    let at = id
    while (at !== null && !passed.has(at)) {
      passed.add(at)
      const row = reader.row(at)
      if (row?.removal !== token) return at
      at = row.parent_id
    }
    return null
  }

  /** What hangs below them goes up to what stays. */
  return (token: string, conversation: ConversationId): void => {
    const leaf = leafOf.get(conversation)?.leaf
    if (typeof leaf === 'string') setLeaf.run(family.endNear(conversation, leaf), conversation)
    const survivors = orphans.all({ token }) as { id: string; parent_id: string | null }[]
    for (const { id, parent_id } of survivors) move.run(above(parent_id, token), id)
    removeMessages.run(token)
    forget.run(token)
  }
}
