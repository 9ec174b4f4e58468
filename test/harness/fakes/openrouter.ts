/** OpenRouter: Chat Completions with reasoning details, list prices and a cost in each answer. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { chatCompletions } from './chat-completions.ts'
import type { Fake } from './fake.ts'
import { whenGet } from './fake.ts'

const model = (id: string, name: string, pricing: JsonObject): JsonObject => ({
  id,
  canonical_slug: id,
  name,
  context_length: 163_840,
  architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
  pricing,
  top_provider: { context_length: 163_840, max_completion_tokens: 32_768, is_moderated: false },
  supported_parameters: ['max_tokens', 'reasoning', 'include_reasoning', 'temperature', 'tools'],
})
const models = {
  data: [
    model('deepseek/deepseek-r2', 'DeepSeek: R2', { prompt: '0.0000005', completion: '0.000002' }),
    model('mistralai/mistral-large', 'Mistral: Large', { prompt: '0.000002', completion: '0.000006' }),
  ],
}

export const openrouter: Fake = {
  ...chatCompletions((text) => ({
    reasoning: text,
    reasoning_details: [{ type: 'reasoning.text', text, format: 'unknown', index: 0 }],
  })),
  basePath: '/api/v1',
  reply: (request) => whenGet(request, '/api/v1/models', models),
}
