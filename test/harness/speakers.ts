/** Every provider of the registry in every format it is spoken to in. A new provider is a line here. */
import type { Connection, Provider, ProviderId } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import { anthropic } from './formats/anthropic.ts'
import type { Format } from './formats/format.ts'
import { google } from './formats/google.ts'
import { ollama } from './formats/ollama.ts'
import { openaiChat, openaiResponses } from './formats/openai.ts'

export type Speaker = {
  id: ProviderId
  /** What the base URL has after the origin. */
  path: string
  format: Format
  dialect?: NonNullable<Connection['dialect']>
}

export const speakers: readonly Speaker[] = [
  { id: 'anthropic', path: '', format: anthropic },
  { id: 'openai', path: '/v1', format: openaiResponses },
  { id: 'google', path: '', format: google },
  { id: 'openrouter', path: '/api/v1', format: openaiChat },
  { id: 'ollama', path: '', format: ollama },
  { id: 'litellm', path: '/v1', format: openaiChat },
  { id: 'compatible', path: '/v1', format: openaiChat },
  { id: 'compatible', path: '/v1', format: openaiResponses, dialect: 'openai-responses' },
  { id: 'compatible', path: '/v1', format: anthropic, dialect: 'anthropic' },
]

export const KEY = 'sk-canary-0123456789'

export const nameOf = ({ id, dialect }: Speaker): string => (dialect === undefined ? id : `${id}, speaking ${dialect}`)

/** The provider at a server of these tests. */
export const connect = ({ id, path, dialect }: Speaker, origin: string): Provider =>
  createProvider(id, { baseUrl: `${origin}${path}`, apiKey: KEY, ...(dialect && { dialect }) })
