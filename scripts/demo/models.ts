/** The models that the demo provider offers, in the shapes of both providers' own lists. */

type DemoModel = { id: string; name: string; contextWindow: number; maxOutputTokens: number; thinking: boolean }

const anthropic: DemoModel[] = [
  {
    id: 'claude-sonnet-4-5',
    name: 'Claude Sonnet 4.5',
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    thinking: true,
  },
  { id: 'claude-opus-4-5', name: 'Claude Opus 4.5', contextWindow: 200_000, maxOutputTokens: 64_000, thinking: true },
  { id: 'claude-haiku-4-5', name: 'Claude Haiku 4.5', contextWindow: 200_000, maxOutputTokens: 64_000, thinking: true },
]

const openai = ['gpt-5', 'gpt-5-mini', 'gpt-4.1']

const created = '2025-10-01T00:00:00Z'

/** Answer of `GET /v1/models` to Anthropic's SDK: limits and capabilities are in the list. */
export const anthropicModels = {
  data: anthropic.map((model) => ({
    type: 'model',
    id: model.id,
    display_name: `${model.name} (demo)`,
    created_at: created,
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutputTokens,
    lifecycle: 'active',
    capabilities: {
      image_input: { supported: true },
      thinking: { supported: model.thinking },
    },
  })),
  has_more: false,
  first_id: anthropic.at(0)?.id,
  last_id: anthropic.at(-1)?.id,
}

/** Answer of `GET /v1/models` to OpenAI's SDK: ids only. */
export const openaiModels = {
  object: 'list',
  data: openai.map((id) => ({ id, object: 'model', created: Date.parse(created) / 1000, owned_by: 'demo' })),
}
