/** Answers of servers that nobody vouched for: no more of them is read than they may have to say. */
import type { Json } from '../shared/json.ts'
import { parseJson } from '../shared/json.ts'

const MOST_BYTES = 1024 * 1024

/** The body as JSON; undefined where it is none, or longer than `mostBytes`. Throws where the connection breaks. */
export async function boundedJson(response: Response, mostBytes = MOST_BYTES): Promise<Json | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    // Leaving the loop cancels the body, which closes the connection.
    if (length > mostBytes) return undefined
    chunks.push(chunk)
  }
  return parseJson(Buffer.concat(chunks).toString('utf8'))
}
