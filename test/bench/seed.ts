/** Fills a profile's database with long conversations, through the store's own door, before VS Code starts. */
import path from 'node:path'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import type { Message } from '../../src/shared/message.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { turn } from './text.ts'

/** Its last answer ends with this. */
export const endOf = (messages: number): string => `END${messages}Z`
/** The id of the conversation with so many messages. */
export const conversationOf = (messages: number): string => `bench-${messages}`

/** Makes a conversation for each of these numbers of messages (even ones) in the profile at `folder`. */
export function seed(folder: string, sizes: readonly number[]): void {
  inProfile(folder, (store) => sizes.forEach((messages) => fill(store, messages)))
}

/** Makes so many chats of two messages, the last one the newest. `titles`: what some of them are called, by their number. */
export function seedChats(folder: string, count: number, titles: Record<number, string>): void {
  inProfile(folder, (store) => {
    for (let chat = 0; chat < count; chat++) {
      const { id } = store.conversations.create({ title: titles[chat] ?? `Chat number ${chat}` })
      const { question, answer } = turn(chat % 500)
      const row = { conversation: id, createdAt: Date.now(), state: 'done' as const }
      const asked: StoredMessage = { ...row, id: `${id}-0`, parent: null, message: user(question) }
      store.messages.append(asked)
      store.messages.append({ ...row, id: `${id}-1`, parent: asked.id, message: assistant(answer) })
      store.conversations.setLeaf(id, `${id}-1`)
    }
  })
}

function inProfile(folder: string, write: (store: Store) => void): void {
  const file = path.join(folder, 'data', 'User', 'globalStorage', 'panelist.panelist', 'panelist.db')
  const { store, notices } = openStore({ path: file })
  if (notices.length > 0) throw new Error(notices.map(({ text }) => text).join(' '))
  write(store)
  store.close()
}

function fill(store: Store, messages: number): void {
  const conversation = conversationOf(messages)
  store.conversations.create({ id: conversation, title: `${messages} messages` })
  let parent: string | null = null
  const append = (place: number, message: Message): void => {
    const id = `${conversation}-${place}`
    const stored: StoredMessage = { id, conversation, parent, createdAt: Date.now(), state: 'done', message }
    store.messages.append(stored)
    parent = id
  }
  for (let place = 0; place < messages; place += 2) {
    const { question, answer } = turn(place / 2)
    const text = place + 2 === messages ? `${answer}\n\n${endOf(messages)}` : answer
    append(place, user(question))
    append(place + 1, assistant(text))
  }
  store.conversations.setLeaf(conversation, parent ?? undefined)
}

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })

const assistant = (text: string): Message => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  origin: { provider: 'anthropic', dialect: 'anthropic', model: 'bench' },
  stop: { kind: 'done' },
  usage: { input: 100, output: 100, cacheRead: 0, cacheWrite: 0 },
})
