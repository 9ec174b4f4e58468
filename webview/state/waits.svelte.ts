/** What answers wait for before they are asked for again. */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { SideWaitView, WaitingView } from '../../src/shared/protocol.ts'
import { lasting } from '../format.ts'

/** `until`: epoch milliseconds by the clock of this page. */
export type Wait = Omit<WaitingView, 'leftMs'> & { until?: number }
export type SideWait = Omit<SideWaitView, 'leftMs'> & { until?: number }

export function timed<View extends { leftMs?: number }>({
  leftMs,
  ...view
}: View): Omit<View, 'leftMs'> & { until?: number } {
  return { ...view, ...(leftMs !== undefined && { until: Date.now() + leftMs }) }
}

export class WaitStore {
  #waits: Readonly<Record<MessageId, Wait | undefined>> = $state.raw({})

  of(message: MessageId): Wait | undefined {
    return this.#waits[message]
  }

  hear({ message, waiting }: { message: MessageId; waiting?: WaitingView }): void {
    this.#waits = { ...this.#waits, [message]: waiting && timed(waiting) }
  }

  reset(): void {
    this.#waits = {}
  }
}

/** What a screen reader hears of it, once: the seconds that pass are for the eye. */
export function waitWords(waiting: Omit<WaitingView, 'message'> | undefined): string {
  if (!waiting) return ''
  const { sentence, leftMs, repetition, of } = waiting
  if (repetition === undefined) return sentence
  const left = Math.ceil((leftMs ?? 0) / 1000)
  return `${sentence} Trying again in ${left < 60 ? `${left} seconds` : lasting(left)}, ${repetition} of ${of}.`
}
