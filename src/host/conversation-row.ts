/** The stored conversation of a panel. A new one gets its row with the first thing that must not be lost. */
import type { Conversation } from '../shared/conversation.ts'
import type { Session } from './session.ts'

export function create(session: Session, title: string): Conversation {
  const workspace = session.services.desk.workspace()
  return session.services
    .store()
    .conversations.create({ id: session.conversation, title, ...(workspace && { workspace }) })
}

export function storedOrNew(session: Session): Conversation {
  return session.stored() ?? create(session, '')
}
