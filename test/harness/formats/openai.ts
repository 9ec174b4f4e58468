/** OpenAI's two formats. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { chatDeltas, chatFrames, namedFrames, responseEvents } from '../openai-arbitraries.ts'
import { frame } from '../scripted-server.ts'
import type { Format, Hint, Reason, Said } from './format.ts'
import { counts, dataOf, list, object, partText } from './format.ts'

const CODES: Record<Reason, JsonObject> = {
  auth: { code: 'invalid_api_key' },
  permission: {},
  'not-found': { code: 'model_not_found' },
  'invalid-request': { type: 'invalid_request_error' },
  'context-length': { code: 'context_length_exceeded' },
  'rate-limit': { code: 'rate_limit_exceeded' },
  quota: { code: 'insufficient_quota' },
  unavailable: {},
}
const refusal = (_status: number, reason: Reason, message: string) => ({ error: { message, ...CODES[reason] } })
const slow = (message: string, more: JsonObject = {}) => ({ error: { message, code: 'rate_limit_exceeded', ...more } })

const hints = (): Hint[] => [
  { what: 'milliseconds', headers: { 'retry-after-ms': '1500' }, body: slow('Slow down'), milliseconds: 1500 },
  {
    what: 'how long until a limit is full again',
    headers: {
      'x-ratelimit-remaining-requests': '12',
      'x-ratelimit-reset-requests': '2h0m0s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0.5s',
    },
    body: slow('Slow down'),
    milliseconds: 360_500,
  },
  { what: 'its own sentence', body: slow('Limit reached. Please try again in 1.898s. Visit us.'), milliseconds: 1898 },
  {
    what: 'what the provider behind it says',
    body: slow('Rate limit exceeded', {
      code: 429,
      metadata: { headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': String(Date.now() + 30_000) } },
    }),
    milliseconds: 30_000,
  },
]

const items = ({ thinking, text, calls = [] }: Said): JsonObject[] => [
  ...(thinking === undefined
    ? []
    : [{ id: 'rs', type: 'reasoning', summary: [{ type: 'summary_text', text: thinking }], encrypted_content: 'abc' }]),
  ...(text === undefined ? [] : [message({ type: 'output_text', text, annotations: [], logprobs: [] })]),
  ...calls.map(({ id, name, input }) => ({
    id: `fc_${id}`,
    type: 'function_call',
    call_id: id,
    name,
    arguments: JSON.stringify(input),
    status: 'completed',
  })),
]
const message = (part: JsonObject): JsonObject => ({
  id: 'msg',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [part],
})
const used = { input_tokens: 9, output_tokens: 7, input_tokens_details: { cached_tokens: 4 } }
/** Events of these items; the last says this of the response. */
const events = (output: JsonObject[], end: JsonObject = {}): string => {
  const all = responseEvents(output, 2)
  const last = all.at(-1) as JsonObject & { response: JsonObject }
  const response: JsonObject = { ...last.response, usage: used, ...end }
  return namedFrames([...all.slice(0, -1), { type: `response.${String(response.status)}`, response }])
}
const incomplete = (reason: string) =>
  events(items({ text: 'x' }), { status: 'incomplete', incomplete_details: { reason } })

export const openaiResponses: Format = {
  contentType: 'text/event-stream',
  model: 'gpt-test',
  usage: counts(5, 7, { cacheRead: 4 }),
  answer: (said) => events(items(said)),
  part: namedFrames(responseEvents(items({ text: partText }), 2).slice(0, -3)),
  garbage: 'data: {"half\n\n',
  errorFrame: frame({ type: 'error', code: 'server_error', message: 'It broke', param: null }, 'error'),
  long: (count) => events(items({ text: 'ab'.repeat(count) })),
  refusal,
  hints,
  counted: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  stops: [
    [events(items({ text: 'x' })), { kind: 'done', raw: 'completed' }],
    [events(items({ calls: [{ id: 'c', name: 'n', input: {} }] })), { kind: 'tools', raw: 'completed' }],
    [incomplete('max_output_tokens'), { kind: 'limit', of: 'output', raw: 'max_output_tokens' }],
    [incomplete('content_filter'), { kind: 'refused', category: 'content_filter', raw: 'content_filter' }],
    [events([message({ type: 'refusal', refusal: 'No.' })]), { kind: 'refused', why: 'No.', raw: 'completed' }],
  ],
  keyOf: ({ id }) => id,
  resultsIn: (body) =>
    list(body.input)
      .filter(({ type }) => type === 'function_call_output')
      .map(({ call_id: id, output }) => ({ call: String(id), text: String(output) })),
  imagesIn: (body) =>
    list(body.input)
      .flatMap(({ content }) => list(content))
      .filter(({ type }) => type === 'input_image')
      .map(({ image_url: url }) => dataOf(url)),
}

const chat = ({ thinking, text, calls }: Said, finish = calls ? 'tool_calls' : 'stop'): string => {
  const answer: JsonObject = {
    content: text ?? null,
    ...(thinking !== undefined && { reasoning: thinking }),
    ...(calls && {
      tool_calls: calls.map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      })),
    }),
  }
  return chatFrames(chatDeltas(answer, 2), finish)
}

export const openaiChat: Format = {
  contentType: 'text/event-stream',
  model: 'gpt-test',
  usage: counts(5, 7),
  answer: chat,
  part: chat({ text: partText }).split('\n\n').slice(0, -4).join('\n\n') + '\n\n',
  garbage: 'data: {"half\n\n',
  errorFrame: frame({ error: { code: 502, message: 'It broke' }, choices: [] }),
  long: (count) => chat({ text: 'ab'.repeat(count) }),
  refusal,
  hints,
  stops: [
    [chat({ text: 'x' }), { kind: 'done', raw: 'stop' }],
    [chat({ text: 'x' }, 'length'), { kind: 'limit', of: 'output', raw: 'length' }],
    [chat({ text: 'x' }, 'model_length'), { kind: 'limit', of: 'context', raw: 'model_length' }],
    [chat({ text: 'x' }, 'content_filter'), { kind: 'refused', category: 'content_filter', raw: 'content_filter' }],
    [chat({ calls: [{ id: 'c', name: 'n', input: {} }] }), { kind: 'tools', raw: 'tool_calls' }],
    [chat({ calls: [{ id: 'c', name: 'n', input: {} }] }, 'stop'), { kind: 'tools', raw: 'stop' }],
    [chatFrames([{ refusal: 'No.' }], 'stop'), { kind: 'refused', why: 'No.', raw: 'stop' }],
  ],
  keyOf: ({ id }) => id,
  resultsIn: (body) =>
    list(body.messages)
      .filter(({ role }) => role === 'tool')
      .map(({ tool_call_id: id, content }) => ({ call: String(id), text: String(content) })),
  imagesIn: (body) =>
    list(body.messages)
      .flatMap(({ content }) => list(content))
      .filter(({ type }) => type === 'image_url')
      .map(({ image_url: image }) => dataOf(object(image).url)),
}
