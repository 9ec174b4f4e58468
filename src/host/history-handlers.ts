/** The list of conversations, as the page asks for it and changes it. */
import { create } from './conversation-row.ts'
import type { Handlers } from './handler.ts'

export const historyHandlers: Pick<Handlers, 'history' | 'rename' | 'delete'> = {
  async history(session, { search }) {
    return session.services.store().conversations.list({ limit: 200, ...(search && { search }) })
  },

  async rename(session, { conversation, title }) {
    const name = title.trim()
    if (name === '') throw new Error('A title needs at least one letter.')
    // A new chat gets its row by its name, so that the name is not lost before the first message.
    if (conversation === session.conversation && !session.stored()) create(session, name)
    else session.services.store().conversations.rename(conversation, name)
    session.services.answers.tell(conversation, { type: 'changed' })
    return {}
  },

  async delete(session, { conversation }) {
    session.services.answers.stop(conversation)
    session.services.store().conversations.delete(conversation)
    session.services.keptFiles.keep(conversation, [])
    session.services.tools.approvals.forget(conversation)
    session.services.answers.tell(conversation, { type: 'deleted' })
    return {}
  },
}
