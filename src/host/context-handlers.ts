/** What a page asks about the window of its model: what takes how much, summaries, and what is always sent. */
import type { Conversation } from '../shared/conversation.ts'
import type { Handlers } from './handler.ts'
import type { Session } from './session.ts'
import type { ContextRequests } from '../shared/protocol.ts'

export const contextHandlers: Pick<Handlers, keyof ContextRequests> = {
  async context(session, draft) {
    return session.services.counting.look(session, session.conversation, draft)
  },

  async summaries(session) {
    const conversation = session.stored()
    const view = conversation && session.services.fitting.summaries.view(conversation)
    return view ? [view] : []
  },

  async summarise(session, { instead }) {
    await summariseNow(session, instead)
    return {}
  },

  async 'cancel-summary'(session) {
    session.services.fitting.summaries.cancel(session.conversation)
    return {}
  },

  async 'undo-summary'(session, { summary }) {
    session.services.fitting.summaries.undo(session.conversation, summary)
    return {}
  },

  async 'decide-fit'(session, { question, decision }) {
    if (!session.services.fitting.questions.decide(session.conversation, question, decision))
      throw new Error('This is no longer asked: the answer has ended.')
    return {}
  },

  async 'pin-message'(session, { message, pinned }) {
    const { answers, store } = session.services
    const { messages } = store()
    if (messages.get(message)?.conversation !== session.conversation)
      throw new Error('This message is no longer there.')
    messages.setPinned(message, pinned)
    const stored = messages.get(message)
    if (stored) answers.tell(session.conversation, { type: 'message', message: stored })
    return {}
  },
}

/** Throws a sentence for the person where it cannot be done now. */
export async function summariseNow(session: Session, instead?: string): Promise<void> {
  const { answers, fitting } = session.services
  if (answers.running(session.conversation)) throw new Error(BUSY)
  await fitting.summaries.compact(shown(session), instead, session.closed)
}

const BUSY = 'An answer is being written. Stop it first.'

function shown(session: Session): Conversation {
  const conversation = session.stored()
  if (!conversation) throw new Error('There is nothing to summarise yet.')
  return conversation
}
