/** `@chat:words`: an earlier chat as text. A long one goes along by its end. */
import type { ConversationId } from '../../shared/conversation.ts'
import type { Message } from '../../shared/message.ts'
import { textOf } from '../../shared/message.ts'
import { asContext, filesTaken } from '../context/item.ts'
import type { Asker, Offer, SuggestionSource } from './source.ts'
import { isTopic, wordsOf } from './topics.ts'

const TOPIC = 'chat'
/** Fewer letters fit half of the chats. */
const ENOUGH = 3
const FEW = 3
const MANY = 60
/** UTF-16 units, some 10,000 tokens. */
const MOST = 40_000

export const conversationSource: SuggestionSource = {
  name: TOPIC,
  trigger: '@',
  async offers(query, { session }) {
    const asked = isTopic(query, TOPIC)
    const words = wordsOf(query)
    if (!asked && (words.length < ENOUGH || query.includes(':'))) return []
    const store = session.services.store()
    const letters = words.toLowerCase()
    const titled = store.conversations
      .list({ limit: 200 })
      .filter(({ title }) => title.toLowerCase().replace(/\s/g, '').includes(letters))
    // What was said counts as well, where chats are asked for.
    const said = asked && letters.length >= ENOUGH ? store.conversations.list({ search: words, limit: MANY }) : []
    const found = [...new Map([...titled, ...said].map((one) => [one.id, one])).values()].filter(
      ({ id }) => id !== session.conversation,
    )
    return found.slice(0, asked ? MANY : FEW).map(({ id, title, updatedAt }): Offer => ({
      key: id,
      label: title || 'Chat',
      detail: new Date(updatedAt).toLocaleDateString(),
      icon: 'comment-discussion',
      group: 'Earlier chats',
      score: asked ? 0.9 : 0.4,
    }))
  },
  async take(key, { session }) {
    const conversation = session.services.store().conversations.get(key)
    if (!conversation) throw new Error('This chat is no longer there.')
    const { text, cut } = wordsOfChat(session, key)
    const facts = {
      label: conversation.title || 'Chat',
      ...(cut && { detail: 'its end' }),
      icon: 'comment-discussion',
      ref: `@${TOPIC}:${key}`,
    }
    return filesTaken(asContext(`Earlier chat “${conversation.title}”${cut ? ' (its end)' : ''}`, text, facts))
  },
}

/** What was said, without thinking, tools and files. */
function wordsOfChat(session: Asker, id: ConversationId): { text: string; cut: boolean } {
  const store = session.services.store()
  const leaf = store.conversations.get(id)?.leaf
  if (leaf === undefined) throw new Error('There is nothing in this chat.')
  const all = store.messages.branch(id, leaf).flatMap(({ message }) => said(message))
  const kept: string[] = []
  let room = MOST
  for (const one of all.toReversed()) {
    if (one.length > room && kept.length > 0) break
    kept.unshift(one.slice(0, MOST))
    room -= one.length
  }
  return { text: kept.join('\n\n'), cut: kept.length < all.length }
}

function said(message: Message): string[] {
  const words = message.role === 'tool' ? '' : textOf(message.content).trim()
  if (words === '') return []
  return [`## ${message.role === 'user' ? 'User' : 'Assistant'}\n\n${words}`]
}
