/** Questions that wait in a chat that nobody sees: the person is told by the editor, once each. */
import type { ConversationId } from '../../shared/conversation.ts'
import { budgetWords } from '../../shared/money-words.ts'
import type { BudgetQuestion } from '../../shared/protocol.ts'

export type UnseenParts = {
  /** A panel shows it to the person. */
  isSeen(conversation: ConversationId): boolean
  /** True where the person wants to see the chat. */
  tell(words: string): Promise<boolean>
  show(conversation: ConversationId): void
}

export class UnseenQuestions {
  readonly #parts: UnseenParts
  readonly #question: (conversation: ConversationId) => BudgetQuestion | undefined
  readonly #title: (conversation: ConversationId) => string | undefined
  /** The questions that are open, by chat, and whether the person was told. */
  readonly #open = new Map<ConversationId, { id: string; told: boolean }>()

  constructor(
    parts: UnseenParts,
    question: (conversation: ConversationId) => BudgetQuestion | undefined,
    title: (conversation: ConversationId) => string | undefined,
  ) {
    this.#parts = parts
    this.#question = question
    this.#title = title
  }

  /** What is asked there is something else now. */
  changed(conversation: ConversationId): void {
    const question = this.#question(conversation)
    if (!question) return void this.#open.delete(conversation)
    if (this.#open.get(conversation)?.id !== question.id) this.#open.set(conversation, { id: question.id, told: false })
    this.#look(conversation)
  }

  /** What the person sees is something else now. */
  look(): void {
    for (const conversation of this.#open.keys()) this.#look(conversation)
  }

  #look(conversation: ConversationId): void {
    const open = this.#open.get(conversation)
    const question = this.#question(conversation)
    if (!open || !question || open.told || this.#parts.isSeen(conversation)) return
    open.told = true
    const title = this.#title(conversation)
    const words = `${title ? `“${title}” waits` : 'A chat waits'} for you. ${budgetWords(question)}`
    void this.#parts.tell(words).then((wanted) => {
      if (wanted) this.#parts.show(conversation)
    })
  }
}
