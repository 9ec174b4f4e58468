/**
 * Writes a growing answer to the store, at most `period` milliseconds behind the wire, so that a killed host loses no
 * more than that. Deltas are merged: one write holds what came since the last.
 */
import type { Deltas } from '../shared/merge.ts'
import { mergeDeltas } from '../shared/merge.ts'

/** Milliseconds after which words are written that come after a pause: they are on their way to the page by then. */
const SOON = 10

/** Milliseconds after which is tried again what could not be written, where nothing follows that it could go with. */
const AGAIN = 500

export type JournalWriter<Event> = {
  push(event: Event): void
  /** Written at once, with all that waits. */
  record(event: Event): void
  flush(): void
  /** What waits is written elsewhere. */
  drop(): void
}

/**
 * `append` gives false where it has taken the events but could not write them yet. A failed write is told to `onError`, once
 * until one works, and the stream goes on: an answer on screen must not die of a full disk. Both are tried again with what
 * follows, or after a while.
 */
export function journalWriter<Event extends Deltas>(
  append: (events: Event[]) => boolean,
  onError: (error: unknown) => void,
  period = 150,
): JournalWriter<Event> {
  let waiting: Event[] = []
  let timer: NodeJS.Timeout | undefined
  let retry: NodeJS.Timeout | undefined
  let flushed = -Infinity
  let owed = false
  let failing = false

  const rest = (): void => {
    clearTimeout(timer)
    clearTimeout(retry)
    timer = undefined
  }
  const write = (): void => {
    rest()
    const events = mergeDeltas(waiting)
    waiting = []
    try {
      owed = !append(events)
      failing = false
    } catch (error) {
      waiting = events
      if (!failing) onError(error)
      failing = true
    }
    if (owed || failing) retry = setTimeout(flush, AGAIN)
  }
  const flush = (): void => {
    if (waiting.length === 0 && !owed) return rest()
    flushed = performance.now()
    write()
  }
  return {
    push(event) {
      waiting.push(event)
      timer ??= setTimeout(flush, Math.max(Math.min(SOON, period), flushed + period - performance.now()))
    },
    record(event) {
      waiting.push(event)
      write()
    },
    flush,
    drop() {
      rest()
      waiting = []
      owed = false
    },
  }
}
