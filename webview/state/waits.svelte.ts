/** What answers wait for before they are asked for again. */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { WaitingView } from '../../src/shared/protocol.ts'

/** `until`: epoch milliseconds by the clock of this page. */
export type Wait = Omit<WaitingView, 'leftMs'> & { until?: number }

export class WaitStore {
  #waits: Readonly<Record<MessageId, Wait | undefined>> = $state.raw({})

  of(message: MessageId): Wait | undefined {
    return this.#waits[message]
  }

  hear({ message, waiting }: { message: MessageId; waiting?: WaitingView }): void {
    const wait: Wait | undefined = waiting && { ...waiting }
    if (waiting?.leftMs !== undefined) wait!.until = Date.now() + waiting.leftMs
    this.#waits = { ...this.#waits, [message]: wait }
  }

  reset(): void {
    this.#waits = {}
  }
}

/** What a screen reader hears of it, once: the seconds that pass are for the eye. */
export function waitWords(waiting: WaitingView | undefined): string {
  if (!waiting) return ''
  const { sentence, leftMs, repetition, of } = waiting
  if (repetition === undefined) return sentence
  return `${sentence} Trying again in ${Math.ceil((leftMs ?? 0) / 1000)} seconds, ${repetition} of ${of}.`
}
