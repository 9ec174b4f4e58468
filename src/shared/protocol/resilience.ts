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

export type ResilienceRequests = {
  /** What this answer waits for is tried at once. Nothing happens where it waits no longer. */
  'retry-now': [{ message: MessageId }, Empty]
}
