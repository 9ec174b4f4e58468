/** Anthropic's Messages. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { eventsOf, streamOf } from '../../llm/anthropic/provider-stream.ts'
import { frame } from '../scripted-server.ts'
import type { Call, Format, Reason, Said } from './format.ts'
import { counts, list, object, partText } from './format.ts'

const blocks = ({ thinking, text, calls = [] }: Said): JsonObject[] => [
  ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: 'c2lnbmVk' }]),
  ...(text === undefined ? [] : [{ type: 'text', text }]),
  ...calls.map(({ id, name, input }: Call) => ({ type: 'tool_use', id, name, input })),
]
const stream = (said: Said, stop: JsonObject = {}) =>
  streamOf(blocks(said), { stop_reason: said.calls ? 'tool_use' : 'end_turn', ...stop }, [2])
const upTo = (bytes: string, name: string) => bytes.slice(0, bytes.indexOf(`event: ${name}`))

const TYPES: Record<Reason, string> = {
  auth: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'invalid-request': 'invalid_request_error',
  'context-length': 'invalid_request_error',
  'rate-limit': 'rate_limit_error',
  quota: 'billing_error',
  unavailable: 'api_error',
}
const error = (type: string, message: string) => ({ type: 'error', error: { type, message } })
const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : list(value)
        .map((each) => each.text)
        .join('')
const contents = (body: JsonObject) => list(body.messages).flatMap(({ content }) => list(content))

export const anthropic: Format = {
  contentType: 'text/event-stream',
  model: 'claude-x',
  usage: counts(10, 42, { cacheRead: 5, cacheWrite: 3 }),
  answer: stream,
  part: upTo(stream({ text: partText }), 'content_block_stop'),
  garbage: 'event: content_block_delta\ndata: {"half\n\n',
  errorFrame: frame(error('api_error', 'It broke'), 'error'),
  long: (count) => {
    const bytes = stream({ text: '' })
    const deltas = eventsOf({ type: 'text', text: 'ab'.repeat(count) }, 0, [2]).slice(1, -1)
    const grown = deltas.map((event) => frame(event, String(event.type))).join('')
    return upTo(bytes, 'content_block_stop') + grown + bytes.slice(bytes.indexOf('event: content_block_stop'))
  },
  refusal: (_status, reason, message) =>
    error(
      TYPES[reason],
      reason === 'context-length' ? `prompt is too long: 9 tokens > 8 maximum. ${message}` : message,
    ),
  hints: () => [
    {
      what: 'the date at which a limit is full again',
      headers: {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': new Date(Date.now() + 30_000).toISOString(),
      },
      body: error('rate_limit_error', 'Slow down'),
      milliseconds: 30_000,
    },
  ],
  counted: (tokens) => ({ input_tokens: tokens }),
  stops: [
    [stream({ text: 'x' }), { kind: 'done', raw: 'end_turn' }],
    [stream({ text: 'x' }, { stop_reason: 'stop_sequence' }), { kind: 'done', raw: 'stop_sequence' }],
    [stream({ text: 'x' }, { stop_reason: 'max_tokens' }), { kind: 'limit', of: 'output', raw: 'max_tokens' }],
    [
      stream({ text: 'x' }, { stop_reason: 'model_context_window_exceeded' }),
      { kind: 'limit', of: 'context', raw: 'model_context_window_exceeded' },
    ],
    [stream({ text: 'x' }, { stop_reason: 'pause_turn' }), { kind: 'paused', raw: 'pause_turn' }],
    [stream({ calls: [{ id: 'c', name: 'n', input: {} }] }), { kind: 'tools', raw: 'tool_use' }],
    [
      stream({ text: 'x' }, { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'cyber' } }),
      { kind: 'refused', category: 'cyber', raw: 'refusal' },
    ],
  ],
  keyOf: ({ id }) => id,
  resultsIn: (body) =>
    contents(body)
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool_use_id: id, content }) => ({ call: String(id), text: text(content) })),
  imagesIn: (body) =>
    contents(body)
      .filter(({ type }) => type === 'image')
      .map(({ source }) => String(object(source).data)),
}
