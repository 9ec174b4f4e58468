/** What a person is asked before a request that is too long. Of several of one conversation one after another is asked. */
import { randomUUID } from 'node:crypto'
import type { ConversationId } from '../../shared/conversation.ts'
import type { FitDecision, FitQuestion } from '../../shared/protocol.ts'

type Open = { question: FitQuestion; settle(decision: FitDecision): void }

export class FitQuestions {
  readonly #changed: (conversation: ConversationId) => void
  readonly #open = new Map<ConversationId, Open[]>()

  constructor(changed: (conversation: ConversationId) => void) {
    this.#changed = changed
  }

  /** The one that is asked now. */
  of(conversation: ConversationId): FitQuestion | undefined {
    return this.#open.get(conversation)?.[0]?.question
  }

  /** A signal that is aborted takes the question back: nothing is sent then. */
  ask(conversation: ConversationId, facts: Omit<FitQuestion, 'id'>, signal: AbortSignal): Promise<FitDecision> {
    if (signal.aborted) return Promise.resolve('stop')
    return new Promise((resolve) => {
      const leave = (): void => settle('stop')
      const settle = (decision: FitDecision): void => {
        this.#remove(conversation, open)
        signal.removeEventListener('abort', leave)
        this.#changed(conversation)
        resolve(decision)
      }
      const open = { question: { id: randomUUID(), ...facts }, settle }
      this.#open.set(conversation, [...(this.#open.get(conversation) ?? []), open])
      signal.addEventListener('abort', leave, { once: true })
      this.#changed(conversation)
    })
  }

  /** False where this is no longer asked. */
  decide(conversation: ConversationId, question: string, decision: FitDecision): boolean {
    const open = this.#open.get(conversation)?.find((one) => one.question.id === question)
    open?.settle(decision)
    return open !== undefined
  }

  #remove(conversation: ConversationId, open: Open): void {
    const rest = (this.#open.get(conversation) ?? []).filter((one) => one !== open)
    if (rest.length > 0) this.#open.set(conversation, rest)
    else this.#open.delete(conversation)
  }
}
