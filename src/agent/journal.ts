/** Milliseconds after which the first words are written: they are on their way to the page by then. */
const FIRST = 10

/**
 * Writes a growing answer to the store, at most `period` milliseconds behind the wire, so that a killed host loses no
 * more than that. Deltas are merged: one write holds what came since the last.
 */
import { mergeDeltas } from '../shared/merge.ts'
import type { StreamEvent } from '../shared/message.ts'

/** `drop`: what waits is written elsewhere. */
export type JournalWriter = { push(event: StreamEvent): void; flush(): void; drop(): void }

/**
 * A failed write is told to `onError` and tried again with the next, and the stream goes on: an answer on screen must not
 * die of a full disk.
 */
export function journalWriter(
  append: (events: StreamEvent[]) => void,
  onError: (error: unknown) => void,
  period = 150,
): JournalWriter {
  let waiting: StreamEvent[] = []
  let timer: NodeJS.Timeout | undefined
  let begun = false
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    const events = mergeDeltas(waiting)
    waiting = []
    try {
      append(events)
    } catch (error) {
      waiting = events
      onError(error)
    }
  }
  return {
    push(event) {
      waiting.push(event)
      timer ??= setTimeout(flush, begun ? period : Math.min(FIRST, period))
      begun = true
    },
    flush,
    drop() {
      clearTimeout(timer)
      timer = undefined
      waiting = []
    },
  }
}
