/** The bytes of the two fake providers: how an answer begins, grows and ends, and what a request says. */
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { isObject } from '../../src/shared/json.ts'

export type FakeKind = 'anthropic' | 'openai'
/** Tokens; `cached` is apart from `input`. */
export type FakeUsage = { input: number; output: number; cached: number }

export type FakeDialect = {
  /** What the base URL has behind the origin. */
  basePath: string
  models: JsonObject
  begin(model: string): JsonObject[]
  grow(text: string): JsonObject[]
  end(text: string, usage: FakeUsage, model: string): JsonObject[]
  error(type: string, message: string): JsonObject
  history(request: JsonObject): { role: string; text: string }[]
}

const claude = (id: string, name: string): JsonObject => ({
  type: 'model',
  id,
  display_name: name,
  created_at: '2025-10-01T00:00:00Z',
  max_input_tokens: 200_000,
  max_tokens: 64_000,
  lifecycle: 'active',
  capabilities: { image_input: { supported: true }, thinking: { supported: true } },
})

const anthropic: FakeDialect = {
  basePath: '',
  models: {
    data: [
      claude('claude-sonnet-4-5', 'Claude Sonnet 4.5'),
      claude('claude-opus-4-5', 'Claude Opus 4.5'),
      claude('claude-haiku-4-5', 'Claude Haiku 4.5'),
    ],
    has_more: false,
    first_id: 'claude-sonnet-4-5',
    last_id: 'claude-haiku-4-5',
  },
  begin: (model) => [
    {
      type: 'message_start',
      message: {
        id: 'msg_fake',
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ],
  grow: (text) => [{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }],
  end: (_, { input, output, cached }) => [
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { input_tokens: input, output_tokens: output, cache_read_input_tokens: cached },
    },
    { type: 'message_stop' },
  ],
  error: (type, message) => ({ type: 'error', error: { type, message } }),
  history: ({ messages }) => list(messages).map(({ role, content }) => ({ role: String(role), text: texts(content) })),
}

/** With limits and prices as compatible servers tell them: USD for one token. */
const gpt = (id: string): JsonObject => ({
  id,
  object: 'model',
  created: 1,
  owned_by: 'openai',
  context_length: 400_000,
  pricing: { prompt: '0.00000125', completion: '0.00001', input_cache_read: '0.000000125' },
})

const item = (text: string): JsonObject => ({
  id: 'msg_fake',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [part(text)],
})
const part = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [], logprobs: [] })
const place = { output_index: 0, item_id: 'msg_fake' }

const openai: FakeDialect = {
  basePath: '/v1',
  models: {
    object: 'list',
    data: ['gpt-5', 'gpt-5-mini', 'gpt-4.1'].map(gpt),
  },
  begin: (model) => [
    { type: 'response.created', response: { id: 'resp_fake', object: 'response', model, status: 'in_progress' } },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item(''), status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...place, content_index: 0, part: part('') },
  ],
  grow: (delta) => [{ type: 'response.output_text.delta', ...place, content_index: 0, delta }],
  end: (text, { input, output, cached }, model) => [
    { type: 'response.output_text.done', ...place, content_index: 0, text },
    { type: 'response.content_part.done', ...place, content_index: 0, part: part(text) },
    { type: 'response.output_item.done', output_index: 0, item: item(text) },
    {
      type: 'response.completed',
      response: {
        id: 'resp_fake',
        object: 'response',
        model,
        status: 'completed',
        output: [item(text)],
        usage: {
          input_tokens: input + cached,
          input_tokens_details: { cached_tokens: cached },
          output_tokens: output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: input + cached + output,
        },
      },
    },
  ],
  error: (type, message) => ({ error: { type, message, code: type, param: null } }),
  history: ({ input }) => list(input).map(({ role, content }) => ({ role: String(role), text: texts(content) })),
}

export const dialects: Record<FakeKind, FakeDialect> = { anthropic, openai }

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter((each) => isObject(each)) : []
}

function texts(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return list(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('')
}
