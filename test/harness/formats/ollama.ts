/** Ollama's own chat. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { pieces } from '../openai-arbitraries.ts'
import type { Format, Said } from './format.ts'
import { counts, list, partText } from './format.ts'

export const line = (message: JsonObject, more: JsonObject = {}): string =>
  `${JSON.stringify({ model: 'gpt-test', created_at: '2026-11-21T12:00:00Z', message: { role: 'assistant', content: '', ...message }, done: false, ...more })}\n`
export const last = (more: JsonObject = {}): string =>
  line({}, { done: true, done_reason: 'stop', prompt_eval_count: 11, eval_count: 7, total_duration: 5, ...more })

const stream = ({ thinking, text, calls = [] }: Said, more: JsonObject = {}): string =>
  [
    ...pieces(thinking, 2).map((piece) => line({ thinking: piece })),
    ...pieces(text, 2).map((piece) => line({ content: piece })),
    ...calls.map(({ id, name, input }) => line({ tool_calls: [{ id, function: { name, arguments: input } }] })),
    last(more),
  ].join('')

export const ollama: Format = {
  contentType: 'application/x-ndjson',
  model: 'gpt-test',
  usage: counts(11, 7),
  answer: stream,
  part: stream({ text: partText }).split('\n').slice(0, -2).join('\n') + '\n',
  garbage: '{"half\n',
  errorFrame: '{"error":"It broke"}\n',
  long: (count) => line({ content: 'ab' }).repeat(count) + last(),
  // A conversation that is too long is asked again with a larger context: a test of its own.
  refusal: (_status, reason, message) =>
    reason === 'context-length'
      ? undefined
      : { error: reason === 'quota' ? `You exceeded your current quota. ${message}` : message },
  hints: () => [{ what: 'its own sentence', body: { error: 'Busy. Try again in 30 seconds.' }, milliseconds: 30_000 }],
  stops: [
    [stream({ text: 'x' }), { kind: 'done', raw: 'stop' }],
    [stream({ text: 'x' }, { done_reason: 'length' }), { kind: 'limit', of: 'context', raw: 'length' }],
    [stream({ text: 'x' }, { done_reason: 'load' }), { kind: 'done', raw: 'load' }],
    [stream({ calls: [{ id: 'c', name: 'n', input: {} }] }), { kind: 'tools', raw: 'stop' }],
  ],
  keyOf: ({ name }) => name,
  resultsIn: (body) =>
    list(body.messages)
      .filter(({ role }) => role === 'tool')
      .map(({ tool_name: name, content }) => ({ call: String(name), text: String(content) })),
  imagesIn: (body) => list(body.messages).flatMap(({ images }) => (Array.isArray(images) ? images.map(String) : [])),
}
