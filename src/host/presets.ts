/**
 * Services people run or rent that speak one of the formats we know: an entry of this id in `panelist.providers` needs
 * nothing more. Addresses are those the services document for their OpenAI-compatible API.
 */
import type { ProviderInfo } from '../llm/types.ts'

const chat = (id: string, label: string, defaultBaseUrl: string, more: Partial<ProviderInfo> = {}): ProviderInfo => ({
  id,
  label,
  dialect: 'openai-chat',
  defaultBaseUrl,
  ...more,
})

export const presets: readonly ProviderInfo[] = [
  chat('deepseek', 'DeepSeek', 'https://api.deepseek.com/v1', {
    envVar: 'DEEPSEEK_API_KEY',
    keyUrl: 'https://platform.deepseek.com/api_keys',
  }),
  chat('groq', 'Groq', 'https://api.groq.com/openai/v1', {
    envVar: 'GROQ_API_KEY',
    keyUrl: 'https://console.groq.com/keys',
  }),
  chat('xai', 'xAI', 'https://api.x.ai/v1', { envVar: 'XAI_API_KEY', keyUrl: 'https://console.x.ai' }),
  chat('mistral', 'Mistral', 'https://api.mistral.ai/v1', {
    envVar: 'MISTRAL_API_KEY',
    keyUrl: 'https://console.mistral.ai/api-keys',
  }),
  chat('together', 'Together AI', 'https://api.together.xyz/v1', {
    envVar: 'TOGETHER_API_KEY',
    keyUrl: 'https://api.together.ai/settings/api-keys',
  }),
  chat('fireworks', 'Fireworks', 'https://api.fireworks.ai/inference/v1', {
    envVar: 'FIREWORKS_API_KEY',
    keyUrl: 'https://app.fireworks.ai/settings/users/api-keys',
  }),
  chat('cerebras', 'Cerebras', 'https://api.cerebras.ai/v1', {
    envVar: 'CEREBRAS_API_KEY',
    keyUrl: 'https://cloud.cerebras.ai',
  }),
  chat('lmstudio', 'LM Studio', 'http://localhost:1234/v1', { keyless: true }),
  chat('llamacpp', 'llama.cpp', 'http://localhost:8080/v1', { keyless: true }),
  chat('jan', 'Jan', 'http://localhost:1337/v1', { keyless: true }),
  chat('vllm', 'vLLM', 'http://localhost:8000/v1', { keyless: true }),
]
