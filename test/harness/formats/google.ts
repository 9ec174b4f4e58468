/** Google's streamGenerateContent. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { answerOf, bytesOf, chunkOf, streamed, usageMetadata } from '../google-answers.ts'
import { frame } from '../scripted-server.ts'
import type { Format, Reason, Said } from './format.ts'
import { counts, list, object, partText } from './format.ts'

const parts = ({ thinking, text, calls = [] }: Said): JsonObject[] => [
  ...(thinking === undefined ? [] : [{ text: thinking, thought: true }]),
  ...(text === undefined ? [] : [{ text }]),
  ...calls.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } })),
]
const stream = (said: Said, finish = 'STOP') => answerOf(streamed(parts(said), 2), finish)

const WORDS: Record<Reason, string> = {
  auth: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  'not-found': 'NOT_FOUND',
  'invalid-request': 'INVALID_ARGUMENT',
  'context-length': 'INVALID_ARGUMENT',
  'rate-limit': 'RESOURCE_EXHAUSTED',
  quota: 'RESOURCE_EXHAUSTED',
  unavailable: 'INTERNAL',
}
const partsIn = (body: JsonObject) => list(body.contents).flatMap((content) => list(content.parts))

export const google: Format = {
  contentType: 'text/event-stream',
  model: 'gemini-x',
  usage: counts(10, 5),
  answer: stream,
  part: bytesOf(streamed([{ text: partText }], 2).map((part) => chunkOf([part]))),
  garbage: 'data: {"half\n\n',
  errorFrame: frame({ error: { code: 500, message: 'It broke', status: 'INTERNAL' } }),
  long: (count) => {
    const chunk = bytesOf([chunkOf([{ text: 'ab' }])])
    return chunk.repeat(count) + bytesOf([{ ...chunkOf([], { finishReason: 'STOP' }), usageMetadata }])
  },
  refusal: (status, reason, message) => {
    const said: Partial<Record<Reason, string>> = {
      'context-length': `The input token count (9) exceeds the maximum number of tokens allowed (8). ${message}`,
      quota: `You exceeded your current quota. ${message}`,
    }
    return { error: { code: status, message: said[reason] ?? message, status: WORDS[reason] } }
  },
  hints: () => {
    const type = 'type.googleapis.com/google.rpc.RetryInfo'
    const error = { code: 429, message: 'Resource exhausted.', status: 'RESOURCE_EXHAUSTED' }
    return [
      {
        what: 'RetryInfo',
        body: { error: { ...error, details: [{ '@type': type, retryDelay: '34.07s' }] } },
        milliseconds: 34_070,
      },
      {
        what: 'its own sentence',
        body: { error: { ...error, message: 'Resource exhausted. Please retry in 12.5s.' } },
        milliseconds: 12_500,
      },
    ]
  },
  counted: (tokens) => ({ totalTokens: tokens }),
  stops: [
    [stream({ text: 'x' }), { kind: 'done', raw: 'STOP' }],
    [stream({ text: 'x' }, 'MAX_TOKENS'), { kind: 'limit', of: 'output', raw: 'MAX_TOKENS' }],
    [stream({ text: 'x' }, 'SAFETY'), { kind: 'refused', category: 'SAFETY', raw: 'SAFETY' }],
    [stream({ text: 'x' }, 'RECITATION'), { kind: 'refused', category: 'RECITATION', raw: 'RECITATION' }],
    [stream({ calls: [{ id: 'c', name: 'n', input: {} }] }), { kind: 'tools', raw: 'STOP' }],
    [
      frame({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata }),
      { kind: 'refused', category: 'PROHIBITED_CONTENT', raw: 'PROHIBITED_CONTENT' },
    ],
  ],
  keyOf: ({ name }) => name,
  resultsIn: (body) =>
    partsIn(body)
      .filter(({ functionResponse: result }) => result !== undefined)
      .map(({ functionResponse: result }) => {
        const { output, error } = object(object(result).response)
        return { call: String(object(result).name), text: String(output ?? error) }
      }),
  imagesIn: (body) =>
    partsIn(body)
      .filter(({ inlineData: held }) => held !== undefined)
      .map(({ inlineData: held }) => String(object(held).data)),
}
