/** Anthropic's side of the wire, for tests: content blocks as the stream that carries them. */
import type { Json, JsonObject } from '../../../src/shared/json.ts'
import { isObject } from '../../../src/shared/json.ts'
import { frame } from '../../harness/scripted-server.ts'

/** How long each delta is, in characters; the sizes repeat. */
export type Sizes = readonly number[]

export const usage = { input_tokens: 10, cache_creation_input_tokens: 3, cache_read_input_tokens: 5, output_tokens: 1 }

/** A whole answer with this content, as server-sent events. */
export function streamOf(content: readonly JsonObject[], stop: JsonObject = {}, sizes: Sizes = [7]): string {
  const events: JsonObject[] = [
    {
      type: 'message_start',
      message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x', content: [], usage },
    },
    { type: 'ping' },
    ...content.flatMap((block, index) => eventsOf(block, index, sizes)),
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null, ...stop },
      usage: { output_tokens: 42 },
    },
    { type: 'message_stop' },
  ]
  return events.map((event) => frame(event, String(event.type))).join('')
}

/** The events of one block: what streams as deltas is empty at its start. */
export function eventsOf(block: JsonObject, index: number, sizes: Sizes): JsonObject[] {
  const { start, deltas } = taken(block, sizes)
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function taken(block: JsonObject, sizes: Sizes): { start: JsonObject; deltas: JsonObject[] } {
  switch (block.type) {
    case 'text': {
      const citations = Array.isArray(block.citations) ? block.citations : []
      const start = { ...block, text: '', ...(citations.length > 0 ? { citations: [] } : {}) }
      const cited = citations.map((citation) => ({ type: 'citations_delta', citation }))
      return { start, deltas: [...pieces(block.text, 'text_delta', 'text', sizes), ...cited] }
    }
    case 'thinking': {
      const signed = { type: 'signature_delta', signature: block.signature ?? '' }
      const start = { ...block, thinking: '', signature: '' }
      return { start, deltas: [...pieces(block.thinking, 'thinking_delta', 'thinking', sizes), signed] }
    }
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use': {
      const empty = isObject(block.input) && Object.keys(block.input).length === 0
      const json = empty ? '' : JSON.stringify(block.input)
      return { start: { ...block, input: {} }, deltas: pieces(json, 'input_json_delta', 'partial_json', sizes) }
    }
    default:
      return { start: block, deltas: [] }
  }
}

function pieces(text: Json | undefined, type: string, field: string, sizes: Sizes): JsonObject[] {
  const whole = typeof text === 'string' ? text : ''
  const deltas: JsonObject[] = []
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1)
    deltas.push({ type, [field]: whole.slice(at, at + size) })
    at += size
  }
  return deltas
}
