/** Models as a host would list them. */
import type { ModelInfo } from '../../../src/shared/model.ts'
import type { ModelGroup } from '../../../src/shared/protocol.ts'

function model(provider: string, id: string, name: string, more: Partial<ModelInfo> = {}): ModelInfo {
  const abilities = { tools: true, images: true, thinking: true, source: 'provider' as const }
  return { id, provider, name, contextWindow: 200_000, maxOutputTokens: 64_000, ...abilities, ...more }
}

export const groups: ModelGroup[] = [
  {
    provider: 'anthropic',
    label: 'Anthropic',
    key: 'set',
    models: [
      model('anthropic', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', { price: { input: 3, output: 15 } }),
      model('anthropic', 'claude-opus-4-5', 'Claude Opus 4.5', { price: { input: 5, output: 25 } }),
      model('anthropic', 'claude-haiku-4-5', 'Claude Haiku 4.5', { price: { input: 1, output: 5 } }),
    ],
  },
  {
    provider: 'openai',
    label: 'OpenAI',
    key: 'environment',
    envVar: 'OPENAI_API_KEY',
    models: [
      model('openai', 'gpt-5.1', 'GPT-5.1', {
        contextWindow: 400_000,
        maxOutputTokens: 128_000,
        source: 'catalogue',
        price: { input: 1.25, output: 10 },
      }),
      model('openai', 'gpt-5-mini', 'GPT-5 mini', { source: 'catalogue', price: { input: 0.25, output: 2 } }),
    ],
  },
  {
    provider: 'openrouter',
    label: 'OpenRouter',
    key: 'missing',
    models: [],
    failure: { code: 'auth', message: 'OpenRouter needs an API key to list its models.' },
  },
  {
    provider: 'ollama',
    label: 'Ollama',
    key: 'not-needed',
    models: [
      {
        id: 'qwen3:8b',
        provider: 'ollama',
        name: 'qwen3:8b',
        source: 'settings',
        tools: true,
        contextWindow: 40_960,
        price: { input: 0, output: 0 },
      },
    ],
  },
]

export const keylessGroups: ModelGroup[] = groups.map((group) =>
  group.key === 'not-needed' ? { ...group, models: [] } : { ...group, key: 'missing', models: [] },
)

/** As many as OpenRouter has. */
export function manyGroups(): ModelGroup[] {
  const makers = ['mistral', 'deepseek', 'qwen', 'meta', 'nous', 'cohere']
  const models = Array.from({ length: 420 }, (_, at) => {
    const maker = makers[at % makers.length]!
    return model('openrouter', `${maker}/model-${at}`, `${maker[0]!.toUpperCase()}${maker.slice(1)} Model ${at}`, {
      price: { input: at / 100, output: at / 20 },
    })
  })
  return [...groups.slice(0, 2), { provider: 'openrouter', label: 'OpenRouter', key: 'set', models }]
}

const DAY_MS = 24 * 3600 * 1000

/** Everything a catalogue can tell: names for other ids, retirements, what is lacking, what nobody tells, who is away. */
export function catalogueGroups(now = Date.now()): ModelGroup[] {
  return [
    {
      provider: 'anthropic',
      label: 'Anthropic',
      key: 'set',
      keyProfiles: ['default', 'work'],
      models: [
        model('anthropic', 'claude-sonnet-4-5', 'Claude Sonnet 4.5', {
          snapshot: 'claude-sonnet-4-5-20250929',
          pdfs: true,
          price: { input: 3, output: 15 },
        }),
        model('anthropic', 'claude-opus-4-1', 'Claude Opus 4.1', {
          retiresAt: now + 30 * DAY_MS,
          price: { input: 15, output: 75 },
        }),
        model('anthropic', 'claude-haiku-3', 'Claude Haiku 3', { retiresAt: now - 10 * DAY_MS, thinking: false }),
        model('anthropic', 'claude-opus-4-5', 'Claude Opus 4.5', { retiresAt: now + 400 * DAY_MS }),
      ],
    },
    {
      provider: 'openai',
      label: 'OpenAI',
      key: 'environment',
      envVar: 'OPENAI_API_KEY',
      models: [
        { id: 'gpt-5.1', provider: 'openai', name: 'GPT-5.1', contextWindow: 400_000, source: 'catalogue' },
        { id: 'gpt-5-mini', provider: 'openai', name: 'GPT-5 mini', contextWindow: 400_000, source: 'catalogue' },
      ],
    },
    {
      provider: 'google',
      label: 'Google Gemini',
      key: 'missing',
      models: [
        model('google', 'gemini-3-pro', 'Gemini 3 Pro', { contextWindow: 1_048_576, pdfs: true, source: 'catalogue' }),
      ],
    },
    {
      provider: 'litellm',
      label: 'LiteLLM',
      key: 'set',
      models: [
        model('litellm', 'fast', 'fast', {
          snapshot: 'openai/gpt-5-mini, azure/gpt-5-mini',
          note: 'Served by 2 deployments; the smallest limits are shown.',
          price: { input: 0.25, output: 2 },
        }),
      ],
    },
    {
      provider: 'ollama',
      label: 'Ollama',
      key: 'not-needed',
      local: true,
      models: [
        {
          id: 'qwen3:8b',
          provider: 'ollama',
          name: 'qwen3:8b',
          source: 'provider',
          tools: false,
          images: false,
          thinking: true,
          contextWindow: 40_960,
          guessed: true,
          price: { input: 0, output: 0 },
        },
      ],
    },
    { provider: 'lmstudio', label: 'LM Studio', key: 'absent', local: true, models: [] },
  ]
}
