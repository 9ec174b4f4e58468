/** The JSON chunks of an answer. An event may hold one or a list of them, and a server that does not stream a document. */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import { eventsOf } from '../sse.ts'

/** The objects that the events carry, as their bytes come in. Throws SyntaxError for an event that carries none. */
export function readEvents(body: ReadableStream<Uint8Array> | null): AsyncIterable<JsonObject[]> {
  return eventsOf(body, ({ data }) => (data === '[DONE]' ? undefined : chunksOf(data)))
}

/** The chunks in a JSON document: one, or a list of them. Throws SyntaxError for anything else. */
export function chunksOf(text: string): JsonObject[] {
  const whole: unknown = JSON.parse(text)
  return Array.isArray(whole) ? whole.map(chunkOf) : [chunkOf(whole)]
}

function chunkOf(value: unknown): JsonObject {
  if (!isObject(value)) throw new SyntaxError(`Expected a chunk, got ${JSON.stringify(value)?.slice(0, 100)}`)
  return value
}
