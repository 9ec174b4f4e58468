/** Messages that were typed for a turn and have not gone out: kept also when the window closes, reloads or crashes. */
import type { ConversationId } from '../shared/conversation.ts'
import { isObject } from '../shared/json.ts'
import type { QueuedMessage } from '../shared/protocol.ts'
import type { Memory } from './choice.ts'

const KEY = 'panelist.queued'
/** Chats whose messages are kept, the newest last. */
const MOST = 50

type All = Record<ConversationId, QueuedMessage[]>

export class Queued {
  readonly #memory: Memory | undefined
  #all: All | undefined

  /** Without a memory they last as long as the window. */
  constructor(memory: Memory | undefined) {
    this.#memory = memory
  }

  of(conversation: ConversationId): QueuedMessage[] {
    return this.#read()[conversation] ?? []
  }

  keep(conversation: ConversationId, messages: QueuedMessage[]): void {
    const { [conversation]: before = [], ...others } = this.#read()
    if (before.length === 0 && messages.length === 0) return
    const kept = Object.entries(others).slice(1 - MOST)
    this.#all = Object.fromEntries(messages.length > 0 ? [...kept, [conversation, messages]] : kept)
    void this.#memory?.update(KEY, this.#all)
  }

  drop(conversation: ConversationId, id: string): void {
    const left = this.of(conversation).filter((message) => message.id !== id)
    this.keep(conversation, left)
  }

  #read(): All {
    if (this.#all) return this.#all
    const stored = this.#memory?.get(KEY)
    const chats = isObject(stored) ? Object.entries(stored).filter(([, messages]) => Array.isArray(messages)) : []
    return (this.#all = Object.fromEntries(chats) as All)
  }
}
