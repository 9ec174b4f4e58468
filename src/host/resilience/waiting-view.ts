import type { MessageId } from '../../shared/conversation.ts'
import type { Waiting } from '../../resilience/waiter.ts'
import type { WaitingView } from '../../shared/protocol.ts'

/** As a page is told of it now. */
export function waitingView(message: MessageId, { until, now: _, ...waiting }: Waiting): WaitingView {
  return { message, ...waiting, ...(until !== undefined && { leftMs: Math.max(0, until - Date.now()) }) }
}
