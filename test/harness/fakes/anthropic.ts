/** Anthropic's Messages. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { anthropic as format } from '../formats/anthropic.ts'
import { frame } from '../scripted-server.ts'
import type { Fake, FakeFormat } from './fake.ts'
import { COUNTED, list, modelInBody, pathOf, roleAndText, whenGet } from './fake.ts'

const named = (events: JsonObject[]): string => events.map((event) => frame(event, String(event.type))).join('')
const delta = (index: number, type: string, more: JsonObject): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta: { type, ...more },
})

export const messages: FakeFormat = {
  contentType: format.contentType,
  answer(model) {
    let open: 'thinking' | 'text' | undefined
    let index = -1
    const begin = (): JsonObject[] => {
      const usage = { input_tokens: 10, output_tokens: 1 }
      const about = { id: 'msg_fake', type: 'message', role: 'assistant', stop_reason: null, stop_sequence: null }
      return index < 0 ? [{ type: 'message_start', message: { ...about, model, content: [], usage } }] : []
    }
    const close = (): JsonObject[] => [
      ...(open === 'thinking' ? [delta(index, 'signature_delta', { signature: 'c2lnbmVk' })] : []),
      ...(open ? [{ type: 'content_block_stop', index }] : []),
    ]
    const grow = (type: 'thinking' | 'text', text: string): string => {
      if (open === type) return named([delta(index, `${type}_delta`, { [type]: text })])
      const before = [...begin(), ...close()]
      open = type
      const block = { type, [type]: '', ...(type === 'thinking' && { signature: '' }) }
      const start = { type: 'content_block_start', index: ++index, content_block: block }
      return named([...before, start, delta(index, `${type}_delta`, { [type]: text })])
    }
    return {
      think: (text) => grow('thinking', text),
      say: (text) => grow('text', text),
      count: ({ input, output, cached }) =>
        named([
          ...begin(),
          {
            type: 'message_delta',
            delta: { stop_reason: null, stop_sequence: null },
            usage: { input_tokens: input, output_tokens: output, cache_read_input_tokens: cached },
          },
        ]),
      end: ({ input, output, cached }) =>
        named([
          ...begin(),
          ...close(),
          {
            type: 'message_delta',
            delta: { stop_reason: 'end_turn', stop_sequence: null },
            usage: { input_tokens: input, output_tokens: output, cache_read_input_tokens: cached },
          },
          { type: 'message_stop' },
        ]),
    }
  },
  error: (type, message) => ({ type: 'error', error: { type, message } }),
  modelOf: modelInBody,
  history: (body) => list(body.messages).map(roleAndText),
}

export const claude = (id: string, name: string): JsonObject => ({
  type: 'model',
  id,
  display_name: name,
  created_at: '2025-10-01T00:00:00Z',
  max_input_tokens: 200_000,
  max_tokens: 64_000,
  lifecycle: 'active',
  capabilities: { image_input: { supported: true }, thinking: { supported: true } },
})

const models = {
  data: [
    claude('claude-sonnet-4-5', 'Claude Sonnet 4.5'),
    claude('claude-opus-4-5', 'Claude Opus 4.5'),
    claude('claude-haiku-4-5', 'Claude Haiku 4.5'),
  ],
  has_more: false,
  first_id: 'claude-sonnet-4-5',
  last_id: 'claude-haiku-4-5',
}

export const anthropic: Fake = {
  ...messages,
  basePath: '',
  keyHeader: 'x-api-key',
  reply: (request) =>
    pathOf(request) === '/v1/messages/count_tokens' ? format.counted!(COUNTED) : whenGet(request, '/v1/models', models),
}
