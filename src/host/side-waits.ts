/** What requests beside answers wait for, as far as a person waits for them: told to the pages, which can have it over. */
import { randomUUID } from 'node:crypto'
import type { Waiting } from '../resilience/waiter.ts'
import type { ConversationId } from '../shared/conversation.ts'
import type { SideWaitView } from '../shared/protocol.ts'
import { leftOf } from './resilience/waiting-view.ts'
import type { SideReader } from './side-request.ts'

/** `what` is to come of it. `conversation`: the only one whose pages are told; absent for all. `stop` gives it up. */
export type SideWaiter = Pick<SideWaitView, 'what' | 'kind'> & { conversation?: ConversationId; stop(): void }

type Open = { waiter: SideWaiter; waiting: Waiting; now(): void }

export class SideWaits {
  readonly #open = new Map<string, Open>()
  readonly #listeners = new Set<() => void>()

  /** What `askApart` is to tell of its waits. Nothing is left of it once it waits no longer. */
  of(waiter: SideWaiter): NonNullable<SideReader['waits']> {
    const id = randomUUID()
    return (waiting, now) => {
      if (waiting) this.#open.set(id, { waiter, waiting, now })
      else if (!this.#open.delete(id)) return
      for (const listener of [...this.#listeners]) listener()
    }
  }

  /** As the pages of this conversation are told of them now, the oldest first. */
  views(conversation: ConversationId): SideWaitView[] {
    return [...this.#open].flatMap(([id, { waiter, waiting }]) => {
      const { what, kind, conversation: only } = waiter
      return only === undefined || only === conversation ? [{ id, what, kind, ...leftOf(waiting) }] : []
    })
  }

  /** Returns how to stop hearing. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Nothing happens where it waits no longer. */
  now(id: string): void {
    this.#open.get(id)?.now()
  }

  stop(id: string): void {
    this.#open.get(id)?.waiter.stop()
  }
}
