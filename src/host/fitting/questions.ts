/** What a person is asked before a request that is too long: one question a conversation. */
import { randomUUID } from 'node:crypto'
import type { ConversationId } from '../../shared/conversation.ts'
import type { FitDecision, FitQuestion } from '../../shared/protocol.ts'

type Open = { question: FitQuestion; settle(decision: FitDecision): void }

export class FitQuestions {
  readonly #changed: (conversation: ConversationId) => void
  readonly #open = new Map<ConversationId, Open>()

  constructor(changed: (conversation: ConversationId) => void) {
    this.#changed = changed
  }

  of(conversation: ConversationId): FitQuestion | undefined {
    return this.#open.get(conversation)?.question
  }

  /** A signal that is aborted takes the question back: nothing is sent then. */
  ask(conversation: ConversationId, facts: Omit<FitQuestion, 'id'>, signal: AbortSignal): Promise<FitDecision> {
    this.#open.get(conversation)?.settle('stop')
    return new Promise((resolve) => {
      const question = { id: randomUUID(), ...facts }
      const settle = (decision: FitDecision): void => {
        if (this.#open.get(conversation)?.question === question) this.#open.delete(conversation)
        signal.removeEventListener('abort', leave)
        this.#changed(conversation)
        resolve(decision)
      }
      const leave = (): void => settle('stop')
      this.#open.set(conversation, { question, settle })
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      this.#changed(conversation)
    })
  }

  /** False where this is no longer asked. */
  decide(conversation: ConversationId, question: string, decision: FitDecision): boolean {
    const open = this.#open.get(conversation)
    if (open?.question.id !== question) return false
    open.settle(decision)
    return true
  }
}
