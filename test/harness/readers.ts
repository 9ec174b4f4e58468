/** Who may go on with a history: every provider that speaks in a way of its own. A new dialect is one line here. */
import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message } from '../../src/shared/message.ts'
import type { Speaker } from './histories.ts'

export type Reader = Speaker & { model?: string; baseUrl?: string }

export const readers: readonly Reader[] = [
  { provider: 'anthropic', dialect: 'anthropic' },
  { provider: 'openai', dialect: 'openai-responses' },
  { provider: 'google', dialect: 'google' },
  { provider: 'ollama', dialect: 'ollama' },
  { provider: 'openrouter', dialect: 'openai-chat', model: 'anthropic/claude-x' },
  { provider: 'litellm', dialect: 'openai-chat', model: 'claude-x', baseUrl: 'http://127.0.0.1:9/v1' },
  { provider: 'compatible', dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1' },
  { provider: 'my-claude', dialect: 'anthropic', baseUrl: 'http://127.0.0.1:9' },
]

/** The body of the request that goes out for a history. Nothing is sent. */
export async function requestFor(reader: Reader, messages: Message[]): Promise<JsonObject> {
  let body: string | undefined
  const provider = createProvider(reader.provider, {
    apiKey: 'key',
    ...(reader.baseUrl !== undefined && { baseUrl: reader.baseUrl, dialect: reader.dialect as 'anthropic' }),
    fetch: async (input, init) => {
      body ??= input instanceof Request ? await input.text() : String(init?.body)
      return Response.json({ error: { message: 'Enough.' } }, { status: 500 })
    },
  })
  for await (const event of provider.stream({ model: reader.model ?? 'm', messages }, new AbortController().signal))
    void event
  assert.ok(body !== undefined, 'a request went out')
  return JSON.parse(body) as JsonObject
}
