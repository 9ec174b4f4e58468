/** What each request of a page does. */
import { randomUUID } from 'node:crypto'
import type { Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Part } from '../shared/message.ts'
import { textOf } from '../shared/message.ts'
import { unseal } from '../shared/view.ts'
import { load, save } from './attachments.ts'
import { choosing } from './choosing.ts'
import { create } from './conversation-row.ts'
import type { Handlers } from './handler.ts'
import { refuse } from './refusal.ts'
import type { Session } from './session.ts'
import { agentHandlers } from './agent-handlers.ts'
import { contextHandlers } from './context-handlers.ts'
import { editorHandlers } from './editor-handlers.ts'
import { fileHandlers } from './file-handlers.ts'
import { historyHandlers } from './history-handlers.ts'
import { pageHandlers } from './page-handlers.ts'
import { questionHandlers } from './question-handlers.ts'
import { suggestHandlers } from './suggest-handlers.ts'
import { toolHandlers } from './tool-handlers.ts'
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

  async send(session, { content, parent }) {
    const { services } = session
    const store = services.store()
    await refuse(session, content as Part[], parent)
    const parts = content.map((part) => save(part as Part, store.blobs))
    if (parts.length === 0) throw new Error('There is nothing to send.')
    if (services.answers.running(session.conversation)) throw new Error(BUSY)
    const known = session.stored()
    const conversation = known ?? create(session, titleOf(parts))
    if (known?.title === '') store.conversations.update(conversation.id, { title: titleOf(parts), titledBy: 'words' })
    const message: StoredMessage = {
      id: randomUUID(),
      conversation: conversation.id,
      parent: parent === undefined ? (conversation.leaf ?? null) : parent,
      createdAt: Date.now(),
      state: 'done',
      message: { role: 'user', content: parts },
    }
    store.messages.append(message)
    store.conversations.setLeaf(conversation.id, message.id)
    store.conversations.touch(conversation.id)
    // An edited message stands beside the one it replaces, so the shown branch is another one.
    const moved = message.parent !== (conversation.leaf ?? null)
    services.answers.tell(conversation.id, moved ? { type: 'branch' } : { type: 'message', message })
    services.answers.start(conversation, message.id)
    services.chatsChanged()
    return { message: message.id }
  },

  async queue(session, { content }) {
    const { services } = session
    const parts = content.map((part) => save(part as Part, services.store().blobs))
    if (parts.length === 0) throw new Error('There is nothing to send.')
    if (services.answers.queue(session.conversation, parts)) return {}
    // The turn ended while this was on its way: it is an ordinary message now.
    await handlers.send(session, { content })
    return {}
  },

  async unqueue(session, { id }) {
    const taken = session.services.answers.unqueue(session.conversation, id)
    if (!taken) throw new Error('This message has gone out already.')
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
    const { models, likes } = session.services
    const groups = await models.groups(refresh)
    return { groups, favourites: likes.favourites, recent: likes.recent }
  },

  ...choosing,
  ...toolHandlers,
  ...questionHandlers,
  ...historyHandlers,
  ...fileHandlers,
  ...suggestHandlers,
  ...pageHandlers,
  ...editorHandlers,
  ...treeHandlers,
  ...contextHandlers,
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
    return {}
  },
}

const BUSY = 'An answer is being written. Stop it first.'

/** A new conversation in this panel, for the same model where that was chosen for the old one. */
export function startNew(session: Session, keepChoice: boolean): void {
  const choice = keepChoice ? session.stored()?.choice : undefined
  session.switchTo()
  if (choice) session.services.store().conversations.setChoice(create(session, '').id, choice)
}

function answer(session: Session, id: MessageId): { conversation: Conversation; stored: StoredMessage } {
  const conversation = session.stored()
  const stored = session.services.store().messages.get(id)
  if (!conversation || stored?.conversation !== conversation.id) throw new Error('This message is no longer there.')
  return { conversation, stored }
}

const TITLE_LENGTH = 60

/** The first words of the first message. */
function titleOf(parts: readonly Part[]): string {
  const words = textOf(parts).replace(/\s+/g, ' ').trim()
  if (words === '') return parts.find((part) => part.type === 'file')?.name ?? 'New chat'
  if (words.length <= TITLE_LENGTH) return words
  const cut = words.slice(0, TITLE_LENGTH)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), TITLE_LENGTH / 2))}…`
}
