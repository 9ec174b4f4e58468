/**
 * Server-sent events, read by the block. The SDKs' own readers take several async steps for every event, which is most
 * of what a fast answer costs the host, and skip lines they do not know.
 */
import { parseJson } from '../shared/json.ts'

/** `event` is empty where the frame names none. */
export type ServerSentEvent = { event: string; data: string }

/** The events of a body, one at a time, without an async step between those of one read. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array> | null): AsyncGenerator<ServerSentEvent> {
  if (!body) return
  const reader = new EventReader()
  for await (const bytes of body) yield* reader.push(bytes)
  yield* reader.end()
}

/** Bytes in, events out. */
export class EventReader {
  readonly #decoder = new TextDecoder()
  #line = ''
  #afterReturn = false
  #event = ''
  #data: string[] = []

  push(bytes: Uint8Array): ServerSentEvent[] {
    let text = this.#decoder.decode(bytes, { stream: true })
    // A line feed that belongs to the carriage return of the read before.
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1)
    if (text === '') return []
    this.#afterReturn = text.endsWith('\r')
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
      if (this.#data.length > 0) events.push({ event: this.#event, data: this.#data.join('\n') })
      this.#event = ''
      this.#data = []
    } else if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5))
    else if (line.startsWith('event:')) this.#event = line.slice(line[6] === ' ' ? 7 : 6)
  }
}
