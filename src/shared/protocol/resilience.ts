/** What an answer waits for before it is asked for (again), and a person's way to have that over sooner. */
import type { MessageId } from '../conversation.ts'
import type { Empty } from './empty.ts'

export type WaitingView = {
  /** The answer that waits. */
  message: MessageId
  /** What is waited for, for a person. */
  sentence: string
  /** Milliseconds from when this was told: the clocks of host and page may differ. Absent where nobody knows. */
  leftMs?: number
  /** Which one of how many repetitions comes next. */
  repetition?: number
  of?: number
  /** A person may have it at once. */
  skippable?: true
}

/** Undefined where the answer waits no longer. */
export type WaitingEvent = { type: 'waiting'; message: MessageId; waiting?: WaitingView }

/**
 * What a request beside the answers waits for. `what`: what is to come of it, for a person.
 */
export type SideWaitView = Omit<WaitingView, 'message'> & {
  id: string
  what: string
  kind: 'summary' | 'sample' | 'benchmark'
}

/** All that is waited for beside the answers, for this chat or for none. */
export type SideWaitsEvent = { type: 'side-waits'; waits: SideWaitView[] }

/**
 * Another model, or another key of it, answers for now, because the one that was chosen failed. Both as people call them.
 * `leftMs`: from when this was told until the first is asked again.
 */
export type StandIn = { by: string; first: string; leftMs: number }

export type ResilienceRequests = {
  /** Who was chosen is asked again from now on, whoever stands in. */
  'use-first': [Empty, Empty]
  /** As `retry-now`, for a request beside the answers. */
  'side-now': [{ id: string }, Empty]
  /** What waits is given up at once. */
  'side-stop': [{ id: string }, Empty]
  /** What this answer waits for is tried at once. Nothing happens where it waits no longer. */
  'retry-now': [{ message: MessageId }, Empty]
}
