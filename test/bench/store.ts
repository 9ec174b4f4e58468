/** How the store grows: what opening, listing, searching and writing cost at more and more chats. In plain Node. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import { dayOf, daysAfter } from '../../src/shared/day.ts'
import type { Message } from '../../src/shared/message.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { writeRequests } from '../store/many-requests.ts'
import type { Samples } from './parts.ts'
import { turn } from './text.ts'

/** Chats of ten messages each. */
export const chatCounts = [100, 1_000, 10_000]
/** Records of requests that the usage page is made of. */
export const requestCount = 1_000_000
const messagesEach = 10
const longChat = 2_000
const runs = 9
/** A word that is in one chat of a hundred. */
const rare = (chat: number): string => `rare${chat % 100}`

export function measureStore(): Samples {
  const samples: Samples = {}
  const folder = mkdtempSync(path.join(tmpdir(), 'panelist-bench-'))
  const file = path.join(folder, 'panelist.db')
  const time = (figure: string, work: () => unknown, times = runs): void => {
    const each = (samples[figure] ??= [])
    for (let run = 0; run < times; run++) {
      const start = performance.now()
      work()
      each.push(performance.now() - start)
    }
  }
  let store = open(file)
  try {
    let chats = 0
    for (const count of chatCounts) {
      for (; chats < count; chats++) fill(store, chats, messagesEach)
      store.close()
      time(`store open ${count}`, () => open(file).close())
      store = open(file)
      time(`store list ${count}`, () => store.conversations.list())
      time(`store end ${count}`, () => store.conversations.list({ offset: count - 50 }))
      time(`store search ${count}`, () => store.conversations.list({ search: rare(7) }))
      time(`store common ${count}`, () => store.conversations.list({ search: 'question' }))
    }
    const leaf = fill(store, chats, longChat)
    const conversation = idOf(chats)
    time('store page', () => store.messages.page(conversation, { leaf, limit: 30 }))
    time('store branch', () => store.messages.branch(conversation, leaf))
    time('store tree', () => store.messages.tree(conversation))
    time('store append', () => append(store, conversation, leaf, { role: 'user', content: [textOf('one more')] }))
    const large = answer(`${'A sentence of an answer that is very long. '.repeat(24_000)} thimble`)
    let last = ''
    time('store 1 MB write', () => (last = append(store, conversation, leaf, large)), 5)
    time('store 1 MB read', () => store.messages.get(last))
    time('store 1 MB find', () => store.conversations.list({ search: 'thimble' }))
    store.close()
    // What they come to by day is counted when they are written.
    writeRequests(file, requestCount, Date.now())
    store = open(file)
    time('usage all', () => store.usage.report({}))
    time('usage month', () => store.usage.report({ from: daysAfter(dayOf(Date.now()), -29) }))
    time('usage today', () => store.usage.today())
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return samples
}

function open(file: string): Store {
  const { store, notices } = openStore({ path: file })
  if (notices.length > 0) throw new Error(notices.map(({ text }) => text).join(' '))
  return store
}

const idOf = (chat: number): string => `chat-${chat}`
const textOf = (text: string) => ({ type: 'text' as const, text })

function answer(text: string): Message {
  return {
    role: 'assistant',
    content: [textOf(text)],
    origin: { provider: 'anthropic', dialect: 'anthropic', model: 'bench' },
    stop: { kind: 'done' },
    usage: { input: 100, output: 100, cacheRead: 0, cacheWrite: 0 },
  }
}

let written = 0
function append(store: Store, conversation: string, parent: string | null, message: Message): string {
  const id = `message-${written++}`
  const stored: StoredMessage = { id, conversation, parent, createdAt: written, state: 'done', message }
  store.messages.append(stored)
  return id
}

/** Gives the end of its one branch. */
function fill(store: Store, chat: number, messages: number): string {
  const { id } = store.conversations.create({ id: idOf(chat), title: `Chat ${chat}` })
  let leaf: string | null = null
  for (let place = 0; place < messages; place += 2) {
    const { question, answer: text } = turn(chat * messagesEach + place)
    const asked = `A question: ${question} ${rare(chat)}`
    leaf = append(store, id, leaf, { role: 'user', content: [textOf(asked)] })
    leaf = append(store, id, leaf, answer(text))
  }
  store.conversations.setLeaf(id, leaf ?? undefined)
  return leaf ?? ''
}
