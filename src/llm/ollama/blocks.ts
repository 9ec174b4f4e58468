/**
 * Parts of an Ollama message as blocks, and the blocks of an answer as one message again. A message has one text, one
 * thinking and a list of calls, so that is what an answer folds back into.
 */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { AssistantMessage, Block, File, ToolCall } from '../../shared/message.ts'
import { missing } from '../openai/media.ts'
import { residueOf, restore } from '../residue.ts'

/** A call, which always comes whole. Only newer servers give it an id; results are matched by one, so it gets ours. */
export function callBlock(raw: JsonObject): ToolCall {
  const made = isObject(raw.function) ? raw.function : {}
  const input = made.arguments ?? {}
  const call: ToolCall = {
    type: 'tool-call',
    id: typeof raw.id === 'string' && raw.id !== '' ? raw.id : `call_${globalThis.crypto.randomUUID()}`,
    name: typeof made.name === 'string' ? made.name : '',
    ranBy: 'host',
    json: JSON.stringify(input),
    input,
  }
  const wire = residueOf(raw, rawCall(call))
  return wire === undefined ? call : { ...call, wire }
}

/** A call as it is sent: with arguments that are an object, the only ones the server reads. */
export function writeCall(call: ToolCall): JsonObject {
  return restore(rawCall(call), call.wire) as JsonObject
}

function rawCall({ id, name, input }: ToolCall): JsonObject {
  return { id, function: { name, arguments: isObject(input) ? input : { input: input ?? null } } }
}

/** The first characters of each kind of image in base64: the server does not name the kind. */
const KINDS: [string, string][] = [
  ['iVBOR', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
  ['R0lGOD', 'image/gif'],
]

/** An image that the model made. */
export function imageBlock(data: string): File {
  const mediaType = KINDS.find(([start]) => data.startsWith(start))?.[1] ?? 'image/png'
  return { type: 'file', media: { mediaType, data } }
}

/** The message that says what this answer said, or undefined where nothing of it can be said again. */
export function writeAnswer({ content, origin }: AssistantMessage): JsonObject | undefined {
  const own = origin.dialect === 'ollama'
  const said = content.flatMap((block) => spoken(block, own))
  const thinking = content.flatMap((block) => (block.type === 'thinking' ? [block.text] : [])).join('')
  const calls = content.filter((block): block is ToolCall => block.type === 'tool-call' && block.input !== undefined)
  const images = own ? content.flatMap((block) => (block.type === 'file' ? (block.media.data ?? []) : [])) : []
  if (said.length + thinking.length + calls.length + images.length === 0) return undefined
  return {
    role: 'assistant',
    // Another dialect's stretches of text stood apart; ours were one string.
    content: said.join(own ? '' : '\n\n'),
    ...(thinking !== '' && { thinking }),
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && { tool_calls: calls.map(writeCall) }),
  }
}

function spoken(block: Block, own: boolean): string[] {
  if (block.type === 'text') return [block.text]
  return block.type === 'file' && !(own && block.media.data !== undefined) ? [missing(block)] : []
}
