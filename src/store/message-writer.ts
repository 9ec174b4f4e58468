/** The rows of messages, written with what is derived from them. Each call stands in a transaction of `Index.write`. */
import type { MessageId, StoredMessage } from '../shared/conversation.ts'
import { encodeContent } from './codec.ts'
import type { Context } from './context.ts'

export interface MessageWriter {
  /** Throws where the id exists or the conversation does not. `owner`: the window that streams it. */
  insert(message: StoredMessage, owner?: string): void
  /** Its content; a message keeps its place in the tree. No such message: nothing happens. */
  replace(message: StoredMessage): void
}

type Place = { conversation: string; doc: number | null; removal: string | null }

export function createMessageWriter({ database, index }: Pick<Context, 'database' | 'index'>): MessageWriter {
  const insert = database.prepare(
    `INSERT INTO message (id, conversation, parent_id, created_at, state, owner, body, timing, cost, key_profile, paid_by, pinned,
       fitted, guidance, role, provider, model, preview, doc, indexed)
     VALUES (:id, :conversation, :parent, :createdAt, :state, :owner, :body, :timing, :cost, :keyProfile, :paidBy, :pinned,
       :fitted, :guidance, :role, :provider, :model, :preview, :doc, :indexed)`,
  )
  const replace = database.prepare(
    `UPDATE message SET state = :state, owner = CASE WHEN :state = 'streaming' THEN owner END, body = :body, timing = :timing, cost = :cost,
       key_profile = :keyProfile, paid_by = :paidBy, fitted = :fitted, guidance = :guidance, role = :role, provider = :provider,
       model = :model, preview = :preview, doc = :doc, indexed = :indexed
     WHERE id = :id`,
  )
  const place = database.prepare('SELECT conversation, doc, removal FROM message WHERE id = ?')
  const known = (id: MessageId) => place.get(id) as Place | undefined

  return {
    insert(message, owner) {
      const { id, conversation, parent, createdAt, pinned } = message
      if (known(id)) throw new Error(`Message ${id} exists.`)
      const content = { ...encodeContent(message), ...index.enter(message, null) }
      insert.run({ ...content, conversation, parent, createdAt, owner: owner ?? null, pinned: pinned ? 1 : 0 })
    },
    replace(message) {
      const there = known(message.id)
      if (!there) return
      const derived = index.enter({ ...message, conversation: there.conversation }, there.doc)
      if (there.removal !== null && derived.doc !== null) index.drop([derived.doc])
      replace.run({ ...encodeContent(message), ...derived })
    },
  }
}
