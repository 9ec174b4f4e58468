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
import type { ReadyIterator } from './ready.ts'
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

/** What of its events is there already can be had without waiting, by `ready`. */
export function guard<Chunk>(
  guarded: Guarded<Chunk>,
  signal: AbortSignal,
): AsyncIterableIterator<StreamEvent, void> & Pick<ReadyIterator<StreamEvent>, 'ready'> {
  return new GuardedStream(guarded, signal)
}

const DONE = { done: true, value: undefined } as const

/** Not a generator: several steps of one for every token would cost more than the token. */
class GuardedStream<Chunk> implements AsyncIterableIterator<StreamEvent, void> {
  readonly #guarded: Guarded<Chunk>
  readonly #signal: AbortSignal
  readonly #draft: Draft
  #opened: Source<Chunk> | undefined
  /** What has been made of chunks and nobody has taken. */
  #events: StreamEvent[] = []
  #at = 0
  #started = false
  #heard = false
  #over = false

  constructor(guarded: Guarded<Chunk>, signal: AbortSignal) {
    this.#guarded = guarded
    this.#signal = signal
    this.#draft = newDraft(guarded.origin)
  }

  next(): Promise<IteratorResult<StreamEvent, void>> {
    const event = this.#take()
    return event ? Promise.resolve(event) : this.#read()
  }

  ready(): IteratorResult<StreamEvent, void> | undefined {
    for (;;) {
      const event = this.#take()
      if (event) return event
      try {
        const next = this.#opened?.ready()
        if (!next) return undefined
        this.#hear(next)
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  /** The consumer leaves early: the socket must not outlive the interest in it. */
  return(): Promise<IteratorResult<StreamEvent, void>> {
    this.#over = true
    this.#events = []
    this.#opened?.close()
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get #source(): Source<Chunk> {
    return (this.#opened ??= new Source(this.#guarded.open, this.#signal))
  }

  async #read(): Promise<IteratorResult<StreamEvent, void>> {
    for (;;) {
      try {
        const next = await this.#source.next()
        if (!this.#over) this.#hear(next)
      } catch (error) {
        if (!this.#over) this.#fail(error)
      }
      const event = this.#take()
      if (event) return event
    }
  }

  #take(): IteratorResult<StreamEvent, void> | undefined {
    const value = this.#events[this.#at]
    if (value) {
      this.#at++
      return { done: false, value }
    }
    return this.#over ? DONE : undefined
  }

  #hear(next: IteratorResult<Chunk, unknown>): void {
    this.#events = []
    this.#at = 0
    const { parser, context } = this.#guarded
    if (!next.done) {
      this.#heard = true
      const stop = this.#admit(parser.push(next.value))
      if (stop) this.#end(stop)
      return
    }
    this.#source.exhausted = true
    const stop = !this.#signal.aborted && parser.finish ? this.#admit(parser.finish()) : undefined
    this.#end(stop ?? (this.#signal.aborted ? aborted(this.#signal) : unfinished(this.#heard, context)))
  }

  /** The stop, where the events hold their end. */
  #admit(events: Iterable<StreamEvent>): Stop | undefined {
    for (const event of events) {
      if (event.type === 'end') return event.stop
      if (event.type === 'start' ? this.#started : isStray(this.#draft, event)) continue
      if (event.type !== 'start') this.#start()
      this.#started = true
      reduce(this.#draft, event)
      this.#events.push(event.type === 'start' ? start(this.#guarded, event.origin) : placed(this.#draft, event))
    }
    return undefined
  }

  #start(): void {
    if (!this.#started) this.#events.push(start(this.#guarded))
    this.#started = true
  }

  #fail(error: unknown): void {
    const { context } = this.#guarded
    const failed = (): Stop => ({ kind: 'failed', failure: failureFrom(error, context) })
    this.#end(this.#signal.aborted ? aborted(this.#signal) : failed())
  }

  #end(stop: Stop): void {
    this.#start()
    this.#events.push(...closing(this.#draft), { type: 'end', stop })
    this.#over = true
    if (stop.kind !== 'failed' && stop.kind !== 'aborted') this.#source.drain()
    this.#source.close()
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
  const requestId = exchange?.headers ? requestIdOf(exchange.headers, context.secrets) : undefined
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
  #iterator: ReadyIterator<Chunk> | undefined
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
    if (this.#signal.aborted) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve(DONE)
      // Once it is open, nothing but the source stands between a chunk and its reader: this runs for every token.
      if (this.#iterator) this.#iterator.next().then(resolve, reject)
      else this.#read().then(resolve, reject)
    })
  }

  /** What has come with the last read. Nothing, as long as it is not open. */
  ready(): IteratorResult<Chunk, unknown> | undefined {
    return this.#signal.aborted ? DONE : this.#iterator?.ready?.()
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
    this.#interrupt?.()
    this.#inner.abort()
    // Not awaited: an SDK may hold `return` back until its pending read ends.
    this.#iterator?.return?.().then(undefined, () => undefined)
  }
}
