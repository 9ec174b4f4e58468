/**
 * What is written of the answers under way. A database that cannot be written now is no reason to keep an answer from the
 * person: what could not be stored is kept, shown from here, and tried again with every heartbeat.
 */
import type { ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Store } from '../store/store.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'

/**
 * `begun`: its row is in the store. `follows`: it is shown only where what it follows is. `apart`: it is one of several that
 * stand side by side, and the branch ends before them.
 */
export type Shelved = { begun: boolean; stored: StoredMessage; follows?: boolean; apart?: boolean }

export type ShelfParts = {
  store: () => Store
  log: Log
  /** Told whether all that was finished could be stored. */
  stored(all: boolean): void
  /** True while something is being written: the heart must beat. */
  busy(): boolean
}

const HEARTBEAT = 5_000

export class AnswerShelf {
  readonly #parts: ShelfParts
  readonly #unsaved = new Map<MessageId, Shelved>()
  #heartbeat: NodeJS.Timeout | undefined

  constructor(parts: ShelfParts) {
    this.#parts = parts
  }

  /** As it is known here, where the store is behind. */
  newest(id: MessageId): StoredMessage | undefined {
    return this.#unsaved.get(id)?.stored
  }

  /** True where the end of the shown branch was elsewhere. */
  begin(answer: Shelved): boolean {
    let moved = false
    answer.begun = this.attempt('an answer', () => {
      moved = !answer.follows && !answer.apart && !this.#isShown(answer.stored.conversation, answer.stored.parent)
      this.#insert(answer)
    })
    this.#heartbeat ??= setInterval(() => this.#beat(), HEARTBEAT)
    return moved
  }

  save(answer: Shelved): void {
    const { stored } = answer
    const saved = this.attempt('an answer', () => {
      if (!answer.begun) this.#insert(answer)
      answer.begun = true
      const { journal, messages } = this.#parts.store()
      if (stored.message.role === 'assistant') journal.finish(stored)
      else messages.update(stored)
    })
    if (saved) this.#unsaved.delete(stored.id)
    else this.#unsaved.set(stored.id, answer)
    this.#parts.stored(this.#unsaved.size === 0)
  }

  /** True where it worked; what went wrong goes to the log. */
  attempt(what: string, write: () => void): boolean {
    try {
      write()
      return true
    } catch (error) {
      this.#parts.log.error(`${what} could not be stored: ${describe(error)}`)
      return false
    }
  }

  /** Stops beating where nothing is left to write. */
  rest(): void {
    if (this.#parts.busy() || this.#unsaved.size > 0) return
    clearInterval(this.#heartbeat)
    this.#heartbeat = undefined
  }

  /** For the end of the host: tries once more. */
  close(): void {
    this.#saveAgain()
    clearInterval(this.#heartbeat)
  }

  /** A turn goes on in its own branch, also where a person has gone to another one meanwhile. */
  #insert({ stored, follows, apart }: Shelved): void {
    const { journal, messages, conversations } = this.#parts.store()
    const shown = !apart && (!follows || this.#isShown(stored.conversation, stored.parent))
    if (stored.message.role === 'assistant') journal.begin(stored)
    else messages.append(stored)
    if (shown) conversations.setLeaf(stored.conversation, stored.id)
  }

  /** The shown branch ends with this message. */
  #isShown(conversation: ConversationId, message: MessageId | null): boolean {
    return (this.#parts.store().conversations.get(conversation)?.leaf ?? null) === message
  }

  #saveAgain(): void {
    for (const answer of [...this.#unsaved.values()]) this.save(answer)
  }

  #beat(): void {
    this.attempt('a heartbeat', () => this.#parts.store().heartbeat())
    this.#saveAgain()
    this.rest()
  }
}
