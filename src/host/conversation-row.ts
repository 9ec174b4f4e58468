/** The stored conversation of a panel. A new one gets its row with the first thing that must not be lost. */
import type { Conversation, ConversationId } from '../shared/conversation.ts'
import type { Session } from './session.ts'

/** `id`: the one the panel shows, where absent. */
export function create(session: Session, title: string, id: ConversationId = session.conversation): Conversation {
  const workspace = session.services.desk.workspace()
  return session.services.store().conversations.create({ id, title, ...(workspace && { workspace }) })
}

/** `id`: the one the panel shows, where absent. */
export function storedOrNew(session: Session, id: ConversationId = session.conversation): Conversation {
  return session.services.store().conversations.get(id) ?? create(session, '', id)
}
