/**
 * Gathers what a panel is told into numbered batches. The first words after a pause go out at once, together with the
 * start of their answer: the page draws what comes first at once and what follows with the next frame. Words after them
 * are gathered for `period` milliseconds. What is no stream is rare and never waits.
 */
import { mergeDeltas } from '../shared/merge.ts'
import type { StreamEvent } from '../shared/message.ts'
import type { Batch, PanelEvent } from '../shared/protocol.ts'
import { outlivesSnapshot } from '../shared/protocol.ts'
import type { CallEvent } from '../shared/tool-state.ts'
import type { StreamEventView } from '../shared/view.ts'
import { unsealEvent } from '../shared/view.ts'

export class Batcher {
  readonly #post: (batch: Batch) => void
  readonly #period: number
  #epoch = ''
  #seq = 0
  #waiting: PanelEvent[] = []
  #cancel: (() => void) | undefined
  /** When the batch that waits goes out. */
  #due = Infinity
  #restUntil = 0

  constructor(post: (batch: Batch) => void, period = 33) {
    this.#post = post
    this.#period = period
  }

  /** Starts over after a snapshot: what waited is part of the snapshot and must not be told again. */
  restart(epoch: string): void {
    const still = this.#waiting.filter(outlivesSnapshot)
    this.stop()
    this.#epoch = epoch
    this.#seq = 0
    this.#restUntil = 0
    for (const event of still) this.push(event)
  }

  get listening(): boolean {
    return this.#epoch !== ''
  }

  /** Before the first `restart` nobody listens, and events are dropped: the snapshot will hold them. */
  push(event: PanelEvent): void {
    if (this.#epoch === '') return
    this.#waiting.push(event)
    this.#schedule(0)
  }

  pushStream(id: string, event: StreamEvent): void {
    if (this.#epoch === '') return
    const last = this.#waiting.at(-1)
    const view = unsealEvent(event)
    if (last?.type === 'stream' && last.id === id) last.events.push(view)
    else this.#waiting.push({ type: 'stream', id, events: [view] })
    if (event.type === 'end') return this.#schedule(0)
    this.#schedule(event.type === 'block-delta' ? this.#restUntil : performance.now() + this.#period)
  }

  /** Live output of one call is joined and waits as words do; what becomes of a call does not wait. */
  pushCall(id: string, event: CallEvent): void {
    if (this.#epoch === '') return
    if (event.type === 'state') return this.push({ type: 'call', id, event })
    const last = this.#waiting.at(-1)
    const joins = last?.type === 'call' && last.event.type === 'output' && last.event.callId === event.callId
    if (joins && last.event.type === 'output') last.event = { ...last.event, text: last.event.text + event.text }
    else this.#waiting.push({ type: 'call', id, event })
    this.#schedule(this.#restUntil)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#due = Infinity
    this.#waiting = []
    this.#epoch = ''
  }

  #schedule(due: number): void {
    if (due >= this.#due) return
    this.#cancel?.()
    this.#due = due
    const wait = due - performance.now()
    // Even an immediate batch waits for the rest of the socket read that brought its first event.
    this.#cancel = wait > 0 ? later(() => this.#flush(), wait) : soon(() => this.#flush())
  }

  #flush(): void {
    this.#cancel = undefined
    this.#due = Infinity
    const events = this.#waiting.map(compact)
    this.#waiting = []
    if (events.some(grows)) this.#restUntil = performance.now() + this.#period
    this.#post({ epoch: this.#epoch, seq: ++this.#seq, events })
  }
}

function later(act: () => void, ms: number): () => void {
  const timer = setTimeout(act, ms)
  return () => clearTimeout(timer)
}

function soon(act: () => void): () => void {
  const immediate = setImmediate(act)
  return () => clearImmediate(immediate)
}

function grows(event: PanelEvent): boolean {
  if (event.type === 'call') return event.event.type === 'output'
  return event.type === 'stream' && event.events.some(({ type }) => type === 'block-delta')
}

function compact(event: PanelEvent): PanelEvent {
  return event.type === 'stream' ? { ...event, events: mergeDeltas<StreamEventView>(event.events) } : event
}
