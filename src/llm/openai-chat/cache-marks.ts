/** Marks for the cache, as gateways take them for the makers whose models cache only what is marked. */
import type { JsonObject } from '../../shared/json.ts'
import { objectsIn } from './reasoning.ts'

const CACHE = { type: 'ephemeral' }

/**
 * The messages with marks at the system prompt and at the ends of the last two turns of what is not the model's: words
 * of the person, or the results of a step. The newest writes the cache; the one before is where the request before this
 * one wrote, so that it is found even when a long step lies between. Each text is a part of its own with a mark or
 * without, because only what is the same to the letter is found again.
 */
export function withCacheMarks(messages: JsonObject[]): JsonObject[] {
  const ends = messages.flatMap((message, at) => (isInput(message) && !isInput(messages[at + 1]) ? [at] : [])).slice(-2)
  return messages.map((message, at) => {
    if (message.role !== 'system' && !isInput(message)) return message
    const parts = inParts(message)
    return message.role === 'system' || ends.includes(at) ? marked(parts) : parts
  })
}

function isInput(message: JsonObject | undefined): boolean {
  return message?.role === 'user' || message?.role === 'tool'
}

function inParts(message: JsonObject): JsonObject {
  const { content } = message
  return typeof content === 'string' ? { ...message, content: [{ type: 'text', text: content }] } : message
}

function marked(message: JsonObject): JsonObject {
  const parts = objectsIn(message.content)
  // An empty text takes no mark.
  const last = parts.findLastIndex((part) => part.type === 'text' && part.text !== '')
  if (last < 0) return message
  return { ...message, content: parts.map((part, at) => (at === last ? { ...part, cache_control: CACHE } : part)) }
}
