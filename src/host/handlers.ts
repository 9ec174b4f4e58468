/** What each request of a page does. */
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Part } from '../shared/message.ts'
import type { RequestBody } from '../shared/protocol.ts'
import { unseal } from '../shared/view.ts'
import { load, save } from './attachments.ts'
import { choosing } from './choosing.ts'
import { create } from './conversation-row.ts'
import { compareHandlers } from './compare-handlers.ts'
import type { Handlers } from './handler.ts'
import { BUSY, put } from './send.ts'
import type { Session } from './session.ts'
import { agentHandlers } from './agent-handlers.ts'
import { benchmarkHandlers } from './benchmark-handlers.ts'
import { contextHandlers } from './context-handlers.ts'
import { editorHandlers } from './editor-handlers.ts'
import { fileHandlers } from './file-handlers.ts'
import { historyHandlers } from './history-handlers.ts'
import { moneyHandlers } from './money-handlers.ts'
import { pageHandlers } from './page-handlers.ts'
import { resourceHandlers } from './resource-handlers.ts'
import { questionHandlers } from './question-handlers.ts'
import { sideWaitHandlers } from './side-wait-handlers.ts'
import { suggestHandlers } from './suggest-handlers.ts'
import { toolHandlers } from './tool-handlers.ts'
import { transferHandlers } from './transfer-handlers.ts'
import { treeHandlers } from './tree-handlers.ts'

export const handlers: Handlers = {
  async ready(session, { conversation }) {
    // A page that came anew shows its log, or does not, by its own word.
    session.logFeed.close()
    if (conversation) session.restore(conversation)
    return session.snapshot()
  },

  async open(session, { conversation }) {
    session.switchTo(conversation)
    return session.snapshot()
  },

  async new(session, { keepChoice }) {
    startNew(session, keepChoice)
    return session.snapshot()
  },

  async send(session, body) {
    return sending(session, body, (conversation) => send(session, conversation, body))
  },

  async queue(session, body) {
    const { content } = body
    // Where the turn ended while this was on its way, it is an ordinary message now.
    await sending(
      session,
      body,
      async (conversation) => queue(session, conversation, content) || send(session, conversation, { content }),
    )
    return {}
  },

  async unqueue(session, { id }) {
    const taken = session.services.answers.unqueue(session.conversation, id)
    if (!taken) throw new Error('This message has gone out already.')
    await session.told()
    return { content: unseal(load({ role: 'user', content: taken.content }, session.services.store().blobs)).content }
  },

  async decide(session, { callId, decision }) {
    const asked = session.services.answers.decide(session.conversation, callId, decision)
    if (!asked) throw new Error('This is no longer asked: the call has ended.')
    return {}
  },

  async stop(session) {
    session.services.answers.stop(session.conversation)
    return {}
  },

  async 'retry-now'(session, { message }) {
    session.services.answers.retryNow(session.conversation, message)
    return {}
  },

  async retry(session, { message }) {
    const { conversation, stored } = answer(session, message)
    if (session.services.answers.start(conversation, stored.parent) === undefined) throw new Error(BUSY)
    return {}
  },

  async continue(session, { message }) {
    const { conversation, stored } = answer(session, message)
    if (session.services.answers.start(conversation, stored.id) === undefined) throw new Error(BUSY)
    return {}
  },

  async older(session, { before, through }) {
    return session.page(before, through)
  },

  async models(session, { refresh }) {
    const { models, likes, usage } = session.services
    const groups = await models.groups(refresh)
    return { groups, favourites: likes.favourites, recent: likes.recent, own: usage.experience() }
  },

  ...choosing,
  ...toolHandlers,
  ...questionHandlers,
  ...sideWaitHandlers,
  ...resourceHandlers,
  ...historyHandlers,
  ...fileHandlers,
  ...suggestHandlers,
  ...pageHandlers,
  ...editorHandlers,
  ...transferHandlers,
  ...treeHandlers,
  ...compareHandlers,
  ...benchmarkHandlers,
  ...contextHandlers,
  ...moneyHandlers,
  ...agentHandlers,

  async favourite(session, { provider, model, on }) {
    await session.services.likes.mark({ provider, model }, on)
    return {}
  },

  async discover(session) {
    return session.services.firstRun.find()
  },

  async adopt(session, { provider }) {
    await session.services.firstRun.take(provider)
    session.services.answers.tell(session.conversation, { type: 'changed' })
    await session.told()
    return {}
  },
}

/** Messages of a conversation go in the order they were sent, from whichever panel, and into the one it showed then. */
function sending<T>(
  { services, conversation: shown }: Session,
  { conversation = shown }: { conversation?: ConversationId },
  work: (conversation: ConversationId) => Promise<T>,
): Promise<T> {
  return services.answers.sending.run(conversation, () => work(conversation))
}

async function send(
  session: Session,
  id: ConversationId,
  { content, parent }: RequestBody<'send'>,
): Promise<{ message: MessageId }> {
  const { services } = session
  if (parent === undefined && session.isUndecided(id)) throw new Error('Choose the answer to go on with first.')
  const { conversation, message, moved } = await put(session, id, content, parent)
  services.answers.tell(conversation.id, moved ? { type: 'branch' } : { type: 'message', message })
  services.answers.start(conversation, message.id)
  services.chatsChanged()
  return { message: message.id }
}

/** False where no turn runs for which it could wait. */
function queue({ services }: Session, conversation: ConversationId, content: RequestBody<'queue'>['content']): boolean {
  const parts = content.map((part) => save(part as Part, services.store().blobs))
  if (parts.length === 0) throw new Error('There is nothing to send.')
  return services.answers.queue(conversation, parts)
}

/** A new conversation in this panel, for the same model and agent, where these were chosen for the old one, and forbidden the same. */
export function startNew(session: Session, keepChoice: boolean): void {
  const { choice, agent, neverSendTo } = (keepChoice && session.stored()) || {}
  session.switchTo()
  if (!choice && agent === undefined && !neverSendTo) return
  const { conversations } = session.services.store()
  const { id } = create(session, '')
  if (choice) conversations.setChoice(id, choice)
  if (agent !== undefined) conversations.update(id, { agent })
  if (neverSendTo) conversations.update(id, { neverSendTo })
}

function answer(session: Session, id: MessageId): { conversation: Conversation; stored: StoredMessage } {
  const conversation = session.stored()
  const stored = session.services.store().messages.get(id)
  if (!conversation || stored?.conversation !== conversation.id) throw new Error('This message is no longer there.')
  return { conversation, stored }
}
