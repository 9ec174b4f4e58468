/**
 * The JSON chunks of an event stream. The SDK's own reader drops an event that has any other line before its data,
 * loses a last event without a blank line after it, and wraps each event in a response of its own; hence this one.
 */
import type { JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'

/** What an event stream may hold beside data. */
const OTHER_FIELD = /^(:|(event|id|retry)(:|$))/

/**
 * The object each event carries, as its bytes come in. Throws SyntaxError for an event that carries none. What is left
 * without a blank line at the end counts only where it is whole, so that a cut stream is cut short and not garbage;
 * so does JSON outside of any event, which is how Google reports some errors in mid-stream.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<JsonObject> {
  let data: string[] = []
  let bare: string[] = []
  for await (const line of linesOf(body)) {
    if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
    else if (line !== '' && !OTHER_FIELD.test(line)) bare.push(line)
    if (line !== '') continue
    const text = data.join('\n')
    if (data.length === 0) yield* wholeChunksOf(bare)
    else if (text !== '[DONE]') yield* chunksOf(text)
    data = []
    bare = []
  }
  yield* wholeChunksOf(data.length > 0 ? data : bare)
}

function wholeChunksOf(lines: readonly string[]): JsonObject[] {
  const whole = parseJson(lines.join('\n'))
  return (Array.isArray(whole) ? whole : [whole]).filter(isObject)
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

/** Lines, ended by any of the three ends of line. A line may be megabytes long, so each byte is looked at once. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let line = ''
  let afterReturn = false
  for await (const bytes of body) {
    let text = decoder.decode(bytes, { stream: true })
    if (text === '') continue
    if (afterReturn && text.startsWith('\n')) text = text.slice(1)
    afterReturn = text.endsWith('\r')
    const [first = '', ...others] = text.split(/\r\n|\n|\r/)
    line += first
    for (const next of others) {
      yield line
      line = next
    }
  }
  if (line !== '') yield line
}
