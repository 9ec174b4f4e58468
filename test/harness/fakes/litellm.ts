/** A LiteLLM gateway: Chat Completions, limits and prices at `/model/info`, the cost of an answer in a header. */
import type { JsonObject } from '../../../src/shared/json.ts'
import { chatCompletions } from './chat-completions.ts'
import type { Fake } from './fake.ts'
import { pathOf } from './fake.ts'

/** Costs are told of this one alone: streams often come without. */
const METERED = 'team-large'
const deployment = (name: string, behind: string, price: JsonObject): JsonObject => ({
  model_name: name,
  litellm_params: { model: behind },
  model_info: {
    id: `id-of-${name}`,
    mode: 'chat',
    max_input_tokens: 200_000,
    max_output_tokens: 8_192,
    supports_function_calling: true,
    supports_vision: true,
    supports_reasoning: true,
    ...price,
  },
})
const info = {
  data: [
    deployment(METERED, 'azure/gpt-5', {}),
    deployment('team-small', 'azure/gpt-5-mini', { input_cost_per_token: 4e-7, output_cost_per_token: 1.6e-6 }),
  ],
}
const models = {
  object: 'list',
  data: info.data.map(({ model_name: id }) => ({ id, object: 'model' })) as JsonObject[],
}

export const litellm: Fake = {
  ...chatCompletions((text) => ({ reasoning_content: text })),
  basePath: '/v1',
  reply(request) {
    if (request.method !== 'GET') return undefined
    if (pathOf(request).endsWith('/model/info')) return info
    return pathOf(request).endsWith('/models') ? models : undefined
  },
  headers: (model) => (model === METERED ? { 'x-litellm-response-cost': '0.0321' } : {}),
}
