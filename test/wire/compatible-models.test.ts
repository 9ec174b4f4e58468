import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

const signal = () => new AbortController().signal

/** The models of a server whose paths answer this, and the headers it got. */
async function list(answers: Record<string, Json>, headers: Record<string, string> = {}) {
  await using server = await startScriptedServer((script) => {
    const answer = answers[script.request.url]
    return answer === undefined ? script.json(404, {}) : script.json(200, answer)
  })
  const models = await createProvider('my-server', { baseUrl: `${server.origin}/v1`, headers }).listModels(signal())
  const plain = models.map(({ provider: _provider, source: _source, ...model }) => model)
  return { models: plain, requests: server.requests }
}

describe('The models of a compatible server, in the words of', () => {
  const cases: { server: string; answers: Record<string, Json>; models: JsonObject[] }[] = [
    {
      server: 'vLLM',
      answers: { '/v1/models': { data: [{ id: 'm', owned_by: 'vllm', max_model_len: 32_768 }] } },
      models: [{ id: 'm', name: 'm', contextWindow: 32_768 }],
    },
    {
      server: 'llama.cpp: what it was made for is a guess',
      answers: { '/v1/models': { data: [{ id: 'm', meta: { n_ctx_train: 131_072, n_params: 8e9 } }] } },
      models: [{ id: 'm', name: 'm', contextWindow: 131_072, guessed: true }],
    },
    {
      server: 'llama.cpp: what it was loaded with is not',
      answers: { '/v1/models': { data: [{ id: 'm', meta: { n_ctx: 8192, n_ctx_train: 131_072 } }] } },
      models: [{ id: 'm', name: 'm', contextWindow: 8192 }],
    },
    {
      server: 'Groq',
      answers: {
        '/v1/models': {
          data: [
            { id: 'm', active: true, context_window: 131_072, max_completion_tokens: 32_768 },
            { id: 'gone', active: false, context_window: 8192 },
          ],
        },
      },
      models: [{ id: 'm', name: 'm', contextWindow: 131_072, maxOutputTokens: 32_768 }],
    },
    {
      server: 'Mistral',
      answers: {
        '/v1/models': {
          data: [
            {
              id: 'mistral-large-latest',
              name: 'mistral-large-2411',
              aliases: ['mistral-large-2411'],
              max_context_length: 131_072,
              deprecation: '2027-02-01T12:00:00Z',
              capabilities: { completion_chat: true, function_calling: true, vision: false },
            },
            { id: 'mistral-embed', capabilities: { completion_chat: false } },
          ],
        },
      },
      models: [
        {
          id: 'mistral-large-latest',
          name: 'mistral-large-2411',
          contextWindow: 131_072,
          tools: true,
          images: false,
          retiresAt: Date.UTC(2027, 1, 1, 12),
          snapshot: 'mistral-large-2411',
        },
      ],
    },
    {
      server: 'LM Studio, which tells more at a path of its own',
      answers: {
        '/v1/models': {
          data: ['qwen', 'gemma', 'nomic'].map((id) => ({ id, object: 'model', owned_by: 'organization_owner' })),
        },
        '/api/v0/models': {
          data: [
            {
              id: 'qwen',
              type: 'llm',
              max_context_length: 131_072,
              loaded_context_length: 16_384,
              capabilities: ['tool_use'],
            },
            { id: 'gemma', type: 'vlm', max_context_length: 8192, capabilities: [] },
            { id: 'nomic', type: 'embeddings', max_context_length: 2048 },
          ],
        },
      },
      models: [
        { id: 'qwen', name: 'qwen', contextWindow: 16_384, tools: true, images: false },
        { id: 'gemma', name: 'gemma', contextWindow: 8192, tools: false, images: true },
      ],
    },
    {
      server: 'LM Studio of a version without that path',
      answers: { '/v1/models': { data: [{ id: 'qwen', owned_by: 'organization_owner' }] } },
      models: [{ id: 'qwen', name: 'qwen' }],
    },
    {
      server: 'DeepSeek and xAI: ids alone',
      answers: { '/v1/models': { data: [{ id: 'deepseek-chat', object: 'model', owned_by: 'deepseek' }] } },
      models: [{ id: 'deepseek-chat', name: 'deepseek-chat' }],
    },
  ]
  for (const { server, answers, models } of cases) {
    it(server, async () => assert.deepEqual((await list(answers)).models, models))
  }

  it('a server that only takes an api-key header, as Azure does', async () => {
    const { requests } = await list({ '/v1/models': { data: [] } }, { 'api-key': 'azure-key' })
    assert.equal(requests[0]?.headers['api-key'], 'azure-key')
    assert.equal(requests[0].headers.authorization, undefined)
  })
})

describe('The models of Anthropic', () => {
  it('tell when they end', async () => {
    const data = [
      { id: 'claude-x', type: 'model', display_name: 'X', lifecycle: 'deprecated', retires_at: '2027-01-05T00:00:00Z' },
      { id: 'claude-y', type: 'model', display_name: 'Y', lifecycle: 'active', retires_at: null },
      { id: 'claude-z', type: 'model', display_name: 'Z', lifecycle: 'retired', retires_at: '2026-01-05T00:00:00Z' },
    ]
    await using server = await startScriptedServer((script) => script.json(200, { data, has_more: false }))
    const provider = createProvider('anthropic', { baseUrl: server.origin, apiKey: 'k' })
    const models = await provider.listModels(signal())
    assert.deepEqual(
      models.map(({ id, retiresAt }) => [id, retiresAt]),
      [
        ['claude-x', Date.UTC(2027, 0, 5)],
        ['claude-y', undefined],
      ],
    )
  })
})
