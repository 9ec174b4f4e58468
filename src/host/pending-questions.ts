/** What a person is asked before a request goes out. Of several of one conversation one after another is asked. */
import { randomUUID } from 'node:crypto'
import type { ConversationId } from '../shared/conversation.ts'

type Open<Question, Decision> = { question: Question; settle(decision: Decision): void }

export class PendingQuestions<Question extends { id: string }, Decision> {
  readonly #changed: (conversation: ConversationId) => void
  readonly #withdrawn: Decision
  readonly #open = new Map<ConversationId, Open<Question, Decision>[]>()

  /** `withdrawn`: what a question that is taken back counts as answered with. */
  constructor(changed: (conversation: ConversationId) => void, withdrawn: Decision) {
    this.#changed = changed
    this.#withdrawn = withdrawn
  }

  /** The one that is asked now. */
  of(conversation: ConversationId): Question | undefined {
    return this.#open.get(conversation)?.[0]?.question
  }

  /** A signal that is aborted takes the question back. */
  ask(conversation: ConversationId, facts: Omit<Question, 'id'>, signal: AbortSignal): Promise<Decision> {
    if (signal.aborted) return Promise.resolve(this.#withdrawn)
    return new Promise((resolve) => {
      const leave = (): void => settle(this.#withdrawn)
      const settle = (decision: Decision): void => {
        this.#remove(conversation, open)
        signal.removeEventListener('abort', leave)
        this.#changed(conversation)
        resolve(decision)
      }
      const open = { question: { id: randomUUID(), ...facts } as Question, settle }
      this.#open.set(conversation, [...(this.#open.get(conversation) ?? []), open])
      signal.addEventListener('abort', leave, { once: true })
      this.#changed(conversation)
    })
  }

  /** False where this is no longer asked. */
  decide(conversation: ConversationId, question: string, decision: Decision): boolean {
    const open = this.#open.get(conversation)?.find((one) => one.question.id === question)
    open?.settle(decision)
    return open !== undefined
  }

  #remove(conversation: ConversationId, open: Open<Question, Decision>): void {
    const rest = (this.#open.get(conversation) ?? []).filter((one) => one !== open)
    if (rest.length > 0) this.#open.set(conversation, rest)
    else this.#open.delete(conversation)
  }
}
