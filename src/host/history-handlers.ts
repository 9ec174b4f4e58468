/** The list of conversations, as the page asks for it and changes it. */
import type { ConversationId } from '../shared/conversation.ts'
import { create } from './conversation-row.ts'
import type { Handlers } from './handler.ts'
import type { Session } from './session.ts'

type Names = 'history' | 'history-facets' | 'rename' | 'pin-chats' | 'archive-chats' | 'delete-chats' | 'restore-chats'

/** Conversations of one answer, at most: a page holds far fewer in sight. */
const MOST = 20_000
const USUAL = 100

export const historyHandlers: Pick<Handlers, Names> = {
  async history(session, { offset, limit, ...filters }) {
    const wanted = Math.max(1, Math.min(limit ?? USUAL, MOST))
    const { conversations } = session.services.store()
    const list = conversations.list({ ...filters, limit: wanted + 1, ...(offset !== undefined && { offset }) })
    return { conversations: list.slice(0, wanted), more: list.length > wanted }
  },

  async 'history-facets'(session) {
    const { store, desk } = session.services
    const here = desk.workspace()
    return { ...store().conversations.facets(), ...(here !== undefined && { here }) }
  },

  async rename(session, { conversation, title }) {
    const name = title.trim()
    if (name === '') throw new Error('A title needs at least one letter.')
    // A new chat gets its row by its name, so that the name is not lost before the first message.
    if (conversation === session.conversation && !session.stored()) create(session, name)
    session.services.store().conversations.update(conversation, { title: name, titledBy: 'person' })
    changed(session, [conversation])
    await session.told()
    return {}
  },

  async 'pin-chats'(session, { conversations, on }) {
    for (const id of conversations) session.services.store().conversations.update(id, { pinned: on })
    changed(session, conversations)
    return {}
  },

  async 'archive-chats'(session, { conversations, on }) {
    for (const id of conversations) session.services.store().conversations.update(id, { archived: on })
    changed(session, conversations)
    return {}
  },

  async 'delete-chats'(session, { conversations }) {
    const { answers, fitting, store, keptFiles, tools } = session.services
    for (const id of conversations) {
      answers.stop(id)
      fitting.summaries.cancel(id)
    }
    store().conversations.delete(conversations)
    for (const id of conversations) {
      keptFiles.keep(id, [])
      tools.approvals.forget(id)
      answers.tell(id, { type: 'deleted' })
    }
    session.services.chatsChanged()
    return {}
  },

  async 'restore-chats'(session, { conversations }) {
    session.services.store().conversations.restore(conversations)
    session.services.chatsChanged()
    return {}
  },
}

function changed(session: Session, conversations: readonly ConversationId[]): void {
  for (const id of conversations) session.services.answers.tell(id, { type: 'changed' })
  session.services.chatsChanged()
}
