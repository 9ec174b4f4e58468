/**
 * Ends a silent stream. No SDK has an idle timer, so this is the only thing between a dead connection and a spinner that
 * turns for ever. Times are in milliseconds, 0 means no limit of ours: a connection without a single byte for
 * `LONGEST_SILENCE_MS` is ended by Node's fetch in any case. Longer limits help where the server sends pings, which are
 * no events.
 */
import type { ReadyIterator } from '../llm/ready.ts'
import { readyOf } from '../llm/ready.ts'
import type { Failure } from '../shared/failure.ts'
import { FailureError } from '../shared/failure.ts'
import { mergeDeltas } from '../shared/merge.ts'
import type { Block, StreamEvent } from '../shared/message.ts'
import { LONGEST_TIMER } from './clock.ts'

export { LONGEST_SILENCE_MS } from '../llm/transport.ts'

export type Timeouts = {
  /** From the start until the request is on a connection to the server. Enforced by `connectTimer`. */
  connect: number
  /** From the start to the first text, thinking or tool argument. */
  firstToken: number
  /** Between any two events after that. */
  idle: number
  /** For the whole answer, or what of that is left for this request. */
  total: number
  /** For the whole answer, where `total` is what is left of it. */
  whole?: number
}

/** A local model on a slow machine may load and think for minutes before its first token; a dead peer should not take longer. */
export const defaultTimeouts: Timeouts = { connect: 20_000, firstToken: 290_000, idle: 200_000, total: 0 }

/** How long a stream that was told to stop may take to end by itself before it is left behind. */
const GRACE = 1_000

/**
 * Passes a stream on, and aborts it with a `timeout` failure as the signal's reason when a limit is met. Keeps the
 * contract of `StreamEvent` also for a source that ignores the abort: what had come is kept and the stream ends.
 *
 * Words of one block that came together are passed on together: the cost of an answer is that of its reads, not of its
 * words. Nothing waits for more.
 */
export async function* withTimeouts(
  open: (signal: AbortSignal) => AsyncIterable<StreamEvent>,
  timeouts: Timeouts,
  outer: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const controller = new AbortController()
  const signal = AbortSignal.any([outer, controller.signal])
  const limit = (name: LimitName, ms: number, told = ms): Timer =>
    startTimer(ms, () => controller.abort(timeoutError(name, told)))
  const total = limit('total', timeouts.total, timeouts.whole)
  let silence = limit('firstToken', timeouts.firstToken)
  let answering = false
  const open_ = new OpenBlocks()
  const source = new Abandonable(open(signal)[Symbol.asyncIterator](), signal)
  try {
    for (;;) {
      const next = await source.next()
      if (next === undefined) return yield* open_.endAll(signal)
      if (next.done) return
      const events = mergeDeltas([next.value, ...source.ready()])
      if (answering) silence.restart()
      else if (events.some(isContent)) {
        answering = true
        silence.stop()
        silence = limit('idle', timeouts.idle)
      }
      for (const event of events) {
        open_.see(event)
        yield event
      }
    }
  } finally {
    total.stop()
    silence.stop()
    source.close()
  }
}

type LimitName = 'connect' | 'firstToken' | 'idle' | 'total'

/** The failure of a limit that was met, to be the reason of an abort. */
export function timeoutError(name: LimitName, ms: number): FailureError {
  const seconds = Math.round(ms / 100) / 10
  const what: Record<LimitName, string> = {
    connect: `No connection to the provider within ${seconds} s. Check the endpoint, your network and your proxy`,
    firstToken: `The model sent nothing for ${seconds} s. It may be overloaded or still loading`,
    idle: `The answer stopped arriving: nothing came for ${seconds} s`,
    total: `The answer took longer than the ${seconds} s that are allowed for a whole answer`,
  }
  const failure: Failure = { code: 'timeout', message: `${what[name]}. Try again, or raise panelist.timeouts.${name}.` }
  return new FailureError(failure)
}

function isContent(event: StreamEvent): boolean {
  if (event.type === 'block-delta') return event.text !== ''
  if (event.type !== 'block-start') return false
  const { block } = event
  if (block.type === 'text' || block.type === 'thinking') return block.text !== ''
  return true
}

type Timer = { restart(): void; stop(): void }

/** More than a timer can wait for is no limit. */
function startTimer(ms: number, act: () => void): Timer {
  if (ms <= 0 || ms > LONGEST_TIMER) return { restart() {}, stop() {} }
  const handle = setTimeout(act, ms)
  return { restart: () => void handle.refresh(), stop: () => clearTimeout(handle) }
}

/** A source that is left behind, `next` giving undefined, when it does not end within the grace after an abort. */
class Abandonable {
  readonly #source: ReadyIterator<StreamEvent>
  readonly #signal: AbortSignal
  #grace: NodeJS.Timeout | undefined
  #abandoned = false
  /** Settles the read that is under way. One function and no `Promise.race`, which would keep every read alive. */
  #leave: ((nothing: undefined) => void) | undefined

  constructor(source: ReadyIterator<StreamEvent>, signal: AbortSignal) {
    this.#source = source
    this.#signal = signal
    if (signal.aborted) this.#onAbort()
    else signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  readonly #onAbort = (): void => {
    this.#grace = setTimeout(() => {
      this.#abandoned = true
      this.#leave?.(undefined)
    }, GRACE)
  }

  next(): Promise<IteratorResult<StreamEvent> | undefined> {
    if (this.#abandoned) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#leave = resolve
      this.#source.next().then(resolve, reject)
    })
  }

  /** What came together with the last one read. */
  ready(): StreamEvent[] {
    return this.#abandoned ? [] : readyOf(this.#source)
  }

  close(): void {
    clearTimeout(this.#grace)
    this.#signal.removeEventListener('abort', this.#onAbort)
    void this.#source.return?.(undefined).catch(() => undefined)
  }
}

/** The blocks that have started and not ended, with what has come of them. */
class OpenBlocks {
  readonly #blocks = new Map<number, Block>()

  see(event: StreamEvent): void {
    if (event.type === 'block-start' || event.type === 'block-replace')
      this.#blocks.set(event.index, { ...event.block })
    else if (event.type === 'block-end') this.#blocks.delete(event.index)
    else if (event.type === 'block-delta') this.#grow(event.index, event.text)
  }

  *endAll(signal: AbortSignal): Generator<StreamEvent> {
    for (const [index, block] of this.#blocks) yield { type: 'block-end', index, block }
    const reason: unknown = signal.reason
    if (reason instanceof FailureError) yield { type: 'end', stop: { kind: 'failed', failure: reason.failure } }
    else yield { type: 'end', stop: { kind: 'aborted' } }
  }

  #grow(index: number, text: string): void {
    const block = this.#blocks.get(index)
    if (block?.type === 'text' || block?.type === 'thinking') block.text += text
    else if (block?.type === 'tool-call') block.json += text
  }
}
