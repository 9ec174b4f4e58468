/**
 * Server-sent events, read by the block. The SDKs' own readers take several async steps for every event, which is most
 * of what a fast answer costs the host, and skip lines they do not know. JSON outside of any event counts as the data
 * of one: Google and gateways report errors in mid-stream that way.
 */
import { parseJson } from '../shared/json.ts'
import type { ReadyIterator } from './ready.ts'
import { byteSourceOf } from './watched-body.ts'

/** `event` is empty where the frame names none. */
export type ServerSentEvent = { event: string; data: string }

/**
 * What `parse` makes of each event of a body; undefined leaves an event out. Not a generator, because it runs for every
 * token: the events of one read are handed out without waiting in between.
 */
export function eventsOf<Chunk>(
  body: ReadableStream<Uint8Array> | null,
  parse: (event: ServerSentEvent) => Chunk | undefined,
): AsyncIterableIterator<Chunk, void> & Pick<ReadyIterator<Chunk>, 'ready'> {
  const reader = new EventReader()
  const source = body ? byteSourceOf(body) : undefined
  let waiting: ServerSentEvent[] = []
  let at = 0
  let ended = source === undefined
  const done = { done: true as const, value: undefined }
  const ready = (): IteratorResult<Chunk, void> | undefined => {
    while (at < waiting.length) {
      const value = parse(waiting[at++]!)
      if (value !== undefined) return { done: false, value }
    }
    return ended ? done : undefined
  }
  const read = async (): Promise<IteratorResult<Chunk, void>> => {
    for (;;) {
      const { value } = await source!.read()
      ended ||= value === undefined
      waiting = value ? reader.push(value) : reader.end()
      at = 0
      const next = ready()
      if (next) return next
    }
  }
  return {
    ready,
    next() {
      try {
        const next = ready()
        return next ? Promise.resolve(next) : read()
      } catch (error) {
        return Promise.reject(error as Error)
      }
    },
    async return() {
      waiting = []
      if (!ended) await source?.cancel()
      ended = true
      return done
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

/** What an event stream may hold beside data and names. */
const OTHER_FIELD = /^(:|(event|data|id|retry)(:|$))/

/** Bytes in, events out. */
export class EventReader {
  readonly #decoder = new TextDecoder()
  #line = ''
  #afterReturn = false
  #event = ''
  #data: string[] = []
  #bare: string[] = []

  push(bytes: Uint8Array): ServerSentEvent[] {
    const read = this.#decoder.decode(bytes, { stream: true })
    if (read === '') return []
    // A line feed that belongs to the carriage return of the read before.
    const text = this.#afterReturn && read.startsWith('\n') ? read.slice(1) : read
    this.#afterReturn = read.endsWith('\r')
    const events: ServerSentEvent[] = []
    const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n')
    for (let at = 0; at < lines.length - 1; at++) {
      this.#take(this.#line + lines[at]!, events)
      this.#line = ''
    }
    this.#line += lines.at(-1)!
    return events
  }

  /** What was left without a blank line after it counts only where it is whole: a cut stream is cut short, not garbage. */
  end(): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    this.#take(this.#line, events)
    this.#take('', events)
    return events.filter(({ data }) => data === '[DONE]' || parseJson(data) !== undefined)
  }

  #take(line: string, events: ServerSentEvent[]): void {
    if (line === '') {
      const data = this.#data.length > 0 ? this.#data.join('\n') : wholeJson(this.#bare)
      if (data !== undefined) events.push({ event: this.#event, data })
      this.#event = ''
      this.#data = []
      this.#bare = []
    } else if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5))
    else if (line.startsWith('event:')) this.#event = line.slice(line[6] === ' ' ? 7 : 6)
    else if (!OTHER_FIELD.test(line)) this.#bare.push(line)
  }
}

/** Lines that are a JSON object or list together, as one text. */
function wholeJson(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined
  const text = lines.join('\n')
  const value = parseJson(text)
  return typeof value === 'object' && value !== null ? text : undefined
}
