/** One message of the transcript: as the host told it, or as a draft while it is being written. */
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import { reduce, resume, settle, type Draft } from '../../src/shared/reduce.ts'
import type { BlockView, MessageContentView, MessageView, StreamEventView } from '../../src/shared/view.ts'

type Settled = Omit<Extract<PanelEvent, { type: 'settled' }>, 'type' | 'id'>

export class Entry {
  readonly id: string
  stored: MessageView = $state.raw()!
  #draft: Draft | undefined = $state()

  constructor(message: MessageView) {
    this.id = message.id
    this.replace(message)
  }

  get message(): MessageContentView {
    return this.#draft ?? this.stored.message
  }

  get role(): 'user' | 'assistant' | 'tool' {
    return this.stored.message.role
  }

  get content(): readonly BlockView[] {
    return this.message.content
  }

  get live(): boolean {
    return this.stored.state === 'streaming'
  }

  /** True while the block at `place` may still grow. */
  isOpen(place: number): boolean {
    return this.#draft?.open.includes(place) ?? false
  }

  replace(message: MessageView): void {
    this.stored = message
    const content = message.message as AssistantMessage
    this.#draft =
      message.state === 'streaming' && content.role === 'assistant' ? resume(structuredClone(content)) : undefined
  }

  grow(events: readonly StreamEventView[]): void {
    if (!this.#draft) return
    for (const event of events) reduce(this.#draft, event)
  }

  /** Lets go of the draft's proxies: a finished message is plain data again. */
  settle({ state, timing, cost, keyProfile, paidBy, guidance }: Settled): void {
    const message = this.#draft ? settle($state.snapshot(this.#draft as unknown) as Draft) : this.stored.message
    this.stored = {
      ...this.stored,
      message,
      state,
      ...(timing && { timing }),
      ...(cost !== undefined && { cost }),
      ...(keyProfile !== undefined && { keyProfile }),
      ...(paidBy && { paidBy }),
      ...(guidance && { guidance }),
    }
    this.#draft = undefined
  }
}
