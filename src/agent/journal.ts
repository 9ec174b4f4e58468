/**
 * Writes a growing answer to the store, at most `period` milliseconds behind the wire, so that a killed host loses no
 * more than that. Deltas are merged: one write holds what came since the last.
 */
import { mergeDeltas } from '../shared/merge.ts'
import type { StreamEvent } from '../shared/message.ts'

/** Milliseconds after which words are written that come after a pause: they are on their way to the page by then. */
const SOON = 10

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
  let written = -Infinity
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    written = performance.now()
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
      timer ??= setTimeout(flush, Math.max(Math.min(SOON, period), written + period - performance.now()))
    },
    flush,
    drop() {
      clearTimeout(timer)
      timer = undefined
      waiting = []
    },
  }
}
