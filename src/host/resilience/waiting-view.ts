import type { MessageId } from '../../shared/conversation.ts'
import type { Waiting } from '../../resilience/waiter.ts'
import type { WaitingView } from '../../shared/protocol.ts'

/** As a page is told of it now. */
export function waitingView(message: MessageId, waiting: Waiting): WaitingView {
  return { message, ...leftOf(waiting) }
}

export function leftOf({ until: _, now: __, left, ...waiting }: Waiting): Omit<WaitingView, 'message'> {
  return { ...waiting, ...(left && { leftMs: left() }) }
}
