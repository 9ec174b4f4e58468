/** OpenAI's Responses. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { openaiResponses as format } from '../formats/openai.ts'
import { namedFrames } from '../openai-arbitraries.ts'
import type { Fake } from './fake.ts'
import { COUNTED, list, modelInBody, pathOf, roleAndText, whenGet } from './fake.ts'

/** With limits and prices as compatible servers tell them: USD for one token. */
const gpt = (id: string): JsonObject => ({
  id,
  object: 'model',
  created: 1,
  owned_by: 'openai',
  context_length: 400_000,
  pricing: { prompt: '0.00000125', completion: '0.00001', input_cache_read: '0.000000125' },
})
const models = { object: 'list', data: ['gpt-5', 'gpt-5-mini', 'gpt-4.1'].map(gpt) }

const thoughts = (text: string): JsonObject => ({
  id: 'rs_fake',
  type: 'reasoning',
  summary: text === '' ? [] : [{ type: 'summary_text', text }],
  encrypted_content: 'c2VhbGVk',
})
const part = (text: string): JsonObject => ({ type: 'output_text', text, annotations: [], logprobs: [] })
const words = (text: string): JsonObject => ({
  id: 'msg_fake',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: text === '' ? [] : [part(text)],
})

export const openai: Fake = {
  basePath: '/v1',
  reply: (request) =>
    pathOf(request) === '/v1/responses/input_tokens'
      ? format.counted!(COUNTED)
      : whenGet(request, '/v1/models', models),
  contentType: format.contentType,
  answer(model) {
    const response: JsonObject = { id: 'resp_fake', object: 'response', model, status: 'in_progress' }
    const done: JsonObject[] = []
    let thought = ''
    let said = ''
    let begun = false
    const begin = (): JsonObject[] => {
      const first = begun ? [] : [{ type: 'response.created', response }]
      begun = true
      return first
    }
    const place = (item: JsonObject) => ({ output_index: done.length, item_id: String(item.id) })
    const start = (item: JsonObject): JsonObject[] => [
      ...begin(),
      { type: 'response.output_item.added', ...place(item), item: { ...item, status: 'in_progress' } },
    ]
    const finish = (item: JsonObject): JsonObject => {
      const event = { type: 'response.output_item.done', ...place(item), item }
      done.push(item)
      return event
    }
    /** Ends the thinking, where there was any and no text yet. */
    const endThinking = (): JsonObject[] => (thought !== '' && done.length === 0 ? [finish(thoughts(thought))] : [])
    return {
      think(text) {
        const at = { ...place(thoughts('')), summary_index: 0 }
        const opening = {
          type: 'response.reasoning_summary_part.added',
          ...at,
          part: { type: 'summary_text', text: '' },
        }
        const before = thought === '' ? [...start(thoughts('')), opening] : []
        thought += text
        return namedFrames([...before, { type: 'response.reasoning_summary_text.delta', ...at, delta: text }])
      },
      say(text) {
        const before = said === '' ? [...endThinking(), ...start(words(''))] : []
        const at = { ...place(words('')), content_index: 0 }
        if (said === '') before.push({ type: 'response.content_part.added', ...at, part: part('') })
        said += text
        return namedFrames([...before, { type: 'response.output_text.delta', ...at, delta: text }])
      },
      end({ input, output, cached, thought: reasoning = 0 }) {
        const at = { ...place(words('')), content_index: 0 }
        const last: JsonObject[] =
          said === ''
            ? [...begin(), ...endThinking()]
            : [
                { type: 'response.output_text.done', ...at, text: said },
                { type: 'response.content_part.done', ...at, part: part(said) },
                finish(words(said)),
              ]
        const usage = {
          input_tokens: input + cached,
          input_tokens_details: { cached_tokens: cached },
          output_tokens: output,
          output_tokens_details: { reasoning_tokens: reasoning },
          total_tokens: input + cached + output,
        }
        const completed = { ...response, status: 'completed', output: [...done], usage }
        return namedFrames([...last, { type: 'response.completed', response: completed }])
      },
    }
  },
  error: (type, message) => ({ error: { type, message, code: type, param: null } }),
  modelOf: modelInBody,
  history: ({ input }) =>
    list(input)
      .filter(({ content }) => content !== undefined)
      .map(roleAndText),
}
