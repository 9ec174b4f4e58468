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
    if (this.of(conversation).length === 0 && messages.length === 0) return
    this.#all = withChat(this.#read(), conversation, messages)
    // Other windows keep those of other chats there: what of them this one read may have gone out long ago.
    void this.#memory?.update(KEY, withChat(this.#stored(), conversation, messages))
  }

  drop(conversation: ConversationId, id: string): void {
    const left = this.of(conversation).filter((message) => message.id !== id)
    this.keep(conversation, left)
  }

  #read(): All {
    return (this.#all ??= this.#stored())
  }

  #stored(): All {
    const stored = this.#memory?.get(KEY)
    const chats = isObject(stored) ? Object.entries(stored).filter(([, messages]) => Array.isArray(messages)) : []
    return Object.fromEntries(chats) as All
  }
}

/** `messages`: of this chat from now on. */
function withChat(all: All, conversation: ConversationId, messages: QueuedMessage[]): All {
  const { [conversation]: _, ...others } = all
  const kept = Object.entries(others).slice(1 - MOST)
  return Object.fromEntries(messages.length > 0 ? [...kept, [conversation, messages]] : kept)
}
