/**
 * The answers that are being written now. One a conversation; every panel that shows the conversation hears of it, and
 * the answer goes on when no panel does.
 */
import type { ConversationId, Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import { settle } from '../shared/reduce.ts'
import { AnswerShelf } from './answer-shelf.ts'
import { requestFor } from './request.ts'
import type { Step, StepEvent, StepParts } from './step.ts'
import { Steps } from './step.ts'

export type AnswerEvent =
  | StepEvent
  /** Its title or its choice of model is another one. */
  | { type: 'changed' }
  | { type: 'deleted' }

export type AnswerParts = StepParts & {
  /** Told whether what was written could be stored. */
  stored(all: boolean): void
}

type Running = { step: Step; controller: AbortController; finished: Promise<unknown> }
type Listener = (event: AnswerEvent) => void

export class Answers {
  readonly #parts: AnswerParts
  readonly #shelf: AnswerShelf
  readonly #steps: Steps
  readonly #running = new Map<ConversationId, Running>()
  readonly #listeners = new Map<ConversationId, Set<Listener>>()

  constructor(parts: AnswerParts) {
    this.#parts = parts
    this.#shelf = new AnswerShelf({ ...parts, busy: () => this.#running.size > 0 })
    this.#steps = new Steps(parts, this.#shelf)
  }

  /** The answer that is being written in this conversation, as far as it is. */
  running(conversation: ConversationId): StoredMessage | undefined {
    const running = this.#running.get(conversation)
    return running && asItIs(running.step)
  }

  /** The message as it is known here, where the store is behind. */
  newest(message: StoredMessage): StoredMessage {
    const running = this.#running.get(message.conversation)
    if (running?.step.stored.id === message.id) return asItIs(running.step)
    return this.#shelf.newest(message.id) ?? message
  }

  get count(): number {
    return this.#running.size
  }

  /** Hears of everything that happens in a conversation from now on. Returns how to stop hearing. */
  listen(conversation: ConversationId, listener: Listener): () => void {
    const listeners = this.#listeners.get(conversation) ?? new Set()
    this.#listeners.set(conversation, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(conversation)
    }
  }

  tell(conversation: ConversationId, event: AnswerEvent): void {
    for (const listener of this.#listeners.get(conversation) ?? []) listener(event)
  }

  /**
   * Starts an answer below `parent`. Its row and the new end of the branch stand when this returns; undefined where an
   * answer is being written already.
   */
  start(conversation: Conversation, parent: MessageId | null): MessageId | undefined {
    const { id } = conversation
    if (this.#running.has(id)) return undefined
    const controller = new AbortController()
    const tell = (event: StepEvent): void => this.tell(id, event)
    const running: Running = {
      step: this.#steps.prepare(conversation, parent),
      controller,
      finished: Promise.resolve(),
    }
    this.#running.set(id, running)
    this.#steps.begin(running.step, tell)
    const onEnd = (): void => void this.#running.delete(id)
    const { store, settings } = this.#parts
    running.finished = this.#steps
      .run(
        conversation,
        running.step,
        (chosen) => {
          const { messages, blobs } = store()
          const branch = parent === null ? [] : messages.branch(id, parent)
          return requestFor(chosen, branch, { blobs, settings: settings() })
        },
        { tell, onEnd },
        controller.signal,
      )
      .then(() => this.#shelf.rest())
    return running.step.stored.id
  }

  /** Ends the answer of this conversation. The socket is closed before this returns to the event loop. */
  stop(conversation: ConversationId): void {
    this.#running.get(conversation)?.controller.abort()
  }

  /** For the end of the host: stops everything and waits until it is stored. */
  async stopAll(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort()
    await Promise.all([...this.#running.values()].map(({ finished }) => finished))
    this.#shelf.close()
  }
}

/** Its content as it has streamed so far. */
function asItIs({ stored, draft }: Step): StoredMessage {
  return { ...stored, message: settle(draft) }
}
