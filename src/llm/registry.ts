/** The providers Panelist knows by name. Routing is by this id, never by a model's name. */
import type { ProviderId, ProviderInfo } from './types.ts'

export const providers: readonly ProviderInfo[] = [
  {
    id: 'anthropic',
    label: 'Anthropic',
    dialect: 'anthropic',
    envVar: 'ANTHROPIC_API_KEY',
    keyUrl: 'https://platform.claude.com/settings/keys',
    defaultBaseUrl: 'https://api.anthropic.com',
  },
  {
    id: 'openai',
    label: 'OpenAI',
    dialect: 'openai-responses',
    envVar: 'OPENAI_API_KEY',
    keyUrl: 'https://platform.openai.com/api-keys',
    defaultBaseUrl: 'https://api.openai.com/v1',
  },
  {
    id: 'google',
    label: 'Google Gemini',
    dialect: 'google',
    envVar: 'GEMINI_API_KEY',
    envVarsAlso: ['GOOGLE_API_KEY'],
    keyUrl: 'https://aistudio.google.com/apikey',
    defaultBaseUrl: 'https://generativelanguage.googleapis.com',
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    dialect: 'openai-chat',
    envVar: 'OPENROUTER_API_KEY',
    keyUrl: 'https://openrouter.ai/settings/keys',
    defaultBaseUrl: 'https://openrouter.ai/api/v1',
  },
  {
    id: 'ollama',
    label: 'Ollama',
    dialect: 'ollama',
    keyless: true,
    defaultBaseUrl: 'http://localhost:11434',
  },
  // An empty base URL: such a server has no address of its own, the person gives one.
  { id: 'litellm', label: 'LiteLLM', dialect: 'openai-chat', envVar: 'LITELLM_API_KEY', defaultBaseUrl: '' },
  { id: 'compatible', label: 'OpenAI-compatible server', dialect: 'openai-chat', defaultBaseUrl: '' },
]

export function providerInfo(id: ProviderId): ProviderInfo | undefined {
  return providers.find((provider) => provider.id === id)
}

/** What a person calls the provider. An id we do not know is its own label. */
export function labelOf(id: ProviderId): string {
  return providerInfo(id)?.label ?? id
}
