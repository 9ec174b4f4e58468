/**
 * Holds every dialect to the contract of `StreamEvent`: `start` first, every started block ended, exactly one `end`,
 * last, and nothing thrown. A dialect only says what one raw chunk means.
 */
import { isObject, parseJson } from '../shared/json.ts'
import type { Block, Origin, Stop, StreamEvent } from '../shared/message.ts'
import type { Draft } from '../shared/reduce.ts'
import { newDraft, reduce } from '../shared/reduce.ts'
import type { FailureContext } from './failures.ts'
import { abortFailure, failureFrom, requestIdOf } from './failures.ts'
import { redact } from './redact.ts'
import { sentence } from './sentences.ts'

/** The state of one stream's parse. Both may throw; what they yielded before that stands. */
export type Parser<Chunk> = {
  /** May yield `start` first, with the model the provider reports, and `end` once its terminal event is in. */
  push(chunk: Chunk): Iterable<StreamEvent>
  /** Called when the source ended without `end`: for formats whose end is the end of the stream. */
  finish?(): Iterable<StreamEvent>
}

export type Guarded<Chunk> = {
  /** The model as requested; a parser's own `start` wins. */
  origin: Origin
  parser: Parser<Chunk>
  /** Sends the request. May throw. The signal also fires when the consumer leaves early. */
  open(signal: AbortSignal): AsyncIterable<Chunk> | Promise<AsyncIterable<Chunk>>
  context: FailureContext
  /** True once the request has gone out with the beginning of its answer (see `prefill.ts`). */
  prefilled?(): boolean
}

/** How long a finished stream may take to close by itself, so that its connection can be used again. Milliseconds. */
const DRAIN_MS = 1000

export async function* guard<Chunk>(guarded: Guarded<Chunk>, signal: AbortSignal): AsyncGenerator<StreamEvent, void> {
  const draft = newDraft(guarded.origin)
  const source = new Source(guarded.open, signal)
  let started = false
  let heard = false
  let stop: Stop | undefined

  function* admit(events: Iterable<StreamEvent>): Generator<StreamEvent> {
    for (const event of events) {
      if (event.type === 'end') {
        stop = event.stop
        return
      }
      if (event.type === 'start' ? started : isStray(draft, event)) continue
      if (!started && event.type !== 'start') yield start(guarded)
      started = true
      reduce(draft, event)
      yield event.type === 'start' ? start(guarded, event.origin) : placed(draft, event)
    }
  }

  try {
    try {
      while (!stop) {
        const next = await source.next()
        if (next.done) {
          source.exhausted = true
          break
        }
        heard = true
        yield* admit(guarded.parser.push(next.value))
      }
      if (!stop && !signal.aborted && guarded.parser.finish) yield* admit(guarded.parser.finish())
      stop ??= signal.aborted ? aborted(signal) : unfinished(heard, guarded.context)
    } catch (error) {
      stop = signal.aborted ? aborted(signal) : { kind: 'failed', failure: failureFrom(error, guarded.context) }
    }
    if (!started) yield start(guarded)
    for (const event of closing(draft)) yield event
    if (stop.kind !== 'failed' && stop.kind !== 'aborted') source.drain()
    yield { type: 'end', stop }
  } finally {
    // Reached also when the consumer leaves the loop early: the socket must not outlive the interest in it.
    source.close()
  }
}

function start(guarded: Pick<Guarded<unknown>, 'origin' | 'prefilled'>, origin = guarded.origin): StreamEvent {
  return { type: 'start', origin, ...(guarded.prefilled?.() && { prefilled: true }) }
}

function aborted(signal: AbortSignal): Stop {
  const failure = abortFailure(signal)
  return failure ? { kind: 'failed', failure } : { kind: 'aborted' }
}

/** The stop of a stream that ended without its terminal event. */
function unfinished(heard: boolean, context: FailureContext): Stop {
  const { exchange } = context
  const requestId = exchange?.headers ? requestIdOf(exchange.headers) : undefined
  const about = requestId ? { requestId } : {}
  // SDKs skip lines they cannot read, so a whole body of garbage looks like an empty stream.
  if (!heard && exchange && exchange.bytes > 0) {
    const detail = redact(exchange.head, context.secrets)
    const message = sentence('not-a-stream', context)
    return { kind: 'failed', failure: { code: 'malformed', message, ...about, detail } }
  }
  return { kind: 'failed', failure: { code: 'truncated', message: sentence('truncated', context), ...about } }
}

/** The event with its block's place in the message for an index, whatever numbers the provider uses. */
function placed(draft: Draft, event: StreamEvent): StreamEvent {
  if (!('index' in event)) return event
  const place = draft.slots[event.index] ?? event.index
  return place === event.index ? event : { ...event, index: place }
}

/** An event for a block that is not open, or that opens one twice. It would change nothing, so nobody gets it. */
function isStray(draft: Draft, event: StreamEvent): boolean {
  switch (event.type) {
    case 'block-start':
      return draft.slots[event.index] !== undefined
    case 'block-delta':
    case 'block-replace':
    case 'block-end':
      return !draft.open.includes(event.index)
    default:
      return false
  }
}

/** A `block-end` for every block that is still open, with what it has. */
function* closing(draft: Draft): Generator<StreamEvent> {
  for (const index of [...draft.open]) {
    const block = draft.content[draft.slots[index] ?? -1]
    if (!block) continue
    const event: StreamEvent = { type: 'block-end', index, block: cutShort(block) }
    reduce(draft, event)
    yield placed(draft, event)
  }
}

/** A copy of a block as it stands. Half an argument list has no `input`, so such a call can never run. */
function cutShort(block: Block): Block {
  if (block.type !== 'tool-call') return { ...block }
  const { input: _, ...call } = block
  const input = parseJson(block.json)
  return input !== undefined && isObject(input) ? { ...call, input } : call
}

/** The raw chunks, opened on the first read. A read ends at once when the signal aborts, whatever the SDK does. */
class Source<Chunk> {
  readonly #open: Guarded<Chunk>['open']
  readonly #signal: AbortSignal
  readonly #inner = new AbortController()
  #iterator: AsyncIterator<Chunk> | undefined
  #interrupt: (() => void) | undefined
  /** Set by the reader that saw its end. */
  exhausted = false
  #draining = false

  constructor(open: Guarded<Chunk>['open'], signal: AbortSignal) {
    this.#open = open
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort, { once: true })
    if (signal.aborted) this.#onAbort()
  }

  readonly #onAbort = (): void => {
    this.#inner.abort(this.#signal.reason)
    this.#interrupt?.()
  }

  next(): Promise<IteratorResult<Chunk, unknown>> {
    if (this.#signal.aborted) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve({ done: true, value: undefined })
      // Once it is open, nothing but the source stands between a chunk and its reader: this runs for every token.
      if (this.#iterator) this.#iterator.next().then(resolve, reject)
      else this.#read().then(resolve, reject)
    })
  }

  async #read(): Promise<IteratorResult<Chunk, unknown>> {
    this.#iterator ??= (await this.#open(this.#inner.signal))[Symbol.asyncIterator]()
    return this.#iterator.next()
  }

  /** After the terminal event: lets the response end by itself, so that the connection returns to the pool. */
  drain(): void {
    if (this.exhausted || this.#inner.signal.aborted) return
    this.#draining = true
    const timer = setTimeout(() => this.#inner.abort(), DRAIN_MS)
    timer.unref()
    const rest = async () => {
      while (!(await this.#read()).done);
    }
    rest()
      .catch(() => this.#inner.abort())
      .finally(() => clearTimeout(timer))
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    if (this.#draining) return
    this.#inner.abort()
    // Not awaited: an SDK may hold `return` back until its pending read ends.
    this.#iterator?.return?.().then(undefined, () => undefined)
  }
}
