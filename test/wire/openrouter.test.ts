import assert from 'node:assert/strict'
import type { ChatRequest } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { askOnce, plays, refuses } from '../harness/one-answer.ts'
import { chatFrames } from '../harness/openai-arbitraries.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const ok = plays(chatFrames([{ content: 'Yes.' }], 'stop'))
const usageFrame = (usage: JsonObject) =>
  [
    { model: 'm', choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] },
    { model: 'm', choices: [], usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, ...usage } },
  ]
    .map((each) => frame(each))
    .join('')
const ask = (answers = [ok], request: Partial<ChatRequest> = {}) => askOnce('openrouter', answers, request)

describe('A request to OpenRouter', () => {
  it('asks for thinking by effort, asks for the cost, and says which app asks', async () => {
    await using server = await startScriptedServer(ok)
    const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]
    for (const headers of [{}, { 'X-Title': 'Mine' }]) {
      const provider = createProvider('openrouter', { baseUrl: `${server.origin}/api/v1`, apiKey: 'k', headers })
      for await (const _ of provider.stream({ model: 'm', messages, thinking: 'low' }, new AbortController().signal));
    }
    const [first, second] = server.requests
    assert.equal(first?.url, '/api/v1/chat/completions')
    assert.deepEqual(first.json(), {
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
      reasoning: { effort: 'low' },
      usage: { include: true },
    })
    assert.equal(first.headers['x-title'], 'Panelist')
    assert.match(String(first.headers['http-referer']), /^https:/)
    assert.equal(second?.headers['x-title'], 'Mine')
  })

  it('leaves thinking to a model that cannot do without it', async () => {
    const { bodies, stop } = await ask(
      [refuses(null, 'Reasoning is mandatory for this endpoint; disabling it is not supported'), ok],
      { thinking: 'off', model: 'thinker' },
    )
    assert.equal(stop.kind, 'done')
    assert.deepEqual(
      bodies.map(({ reasoning }) => reasoning),
      [{ effort: 'none' }, undefined],
    )
  })

  it('marks what to cache for the makers that cache only what is marked', async () => {
    const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
    const messages = ['one', 'two', 'three'].map(user)
    const request = { system: 'Be brief.', messages }
    const marks = async (model: string) =>
      ((await ask([ok], { ...request, model })).bodies[0]?.messages as JsonObject[]).map(({ content }) =>
        JSON.stringify(content).includes('cache_control'),
      )
    const [system, ...users] = await marks('anthropic/claude-sonnet-5')
    assert.ok(system && users.at(-1), 'the system prompt and the last message are marked')
    assert.ok((await marks('openai/gpt-6')).every((marked) => !marked))
  })
})

describe('An answer of OpenRouter', () => {
  it('costs what the provider says', async () => {
    const { message } = await ask([
      plays(usageFrame({ cost: 0.0021, cost_details: { upstream_inference_cost: null } })),
    ])
    assert.equal(message.usage.cost, 0.0021)
  })

  it('costs the fee and the bill of the maker where the key is one of the maker', async () => {
    const usage = { cost: 0.001, is_byok: true, cost_details: { upstream_inference_cost: 0.02 } }
    const { message } = await ask([plays(usageFrame(usage))])
    assert.equal(message.usage.cost?.toFixed(6), '0.021000')
  })

  it('that fails in mid-stream keeps what came', async () => {
    const failed = {
      model: 'm',
      error: { code: 429, message: 'Upstream is busy' },
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    }
    const begun = { model: 'm', choices: [{ index: 0, delta: { content: 'Half' }, finish_reason: null }] }
    const { stop, message } = await ask([plays(`: OPENROUTER PROCESSING\n\n${frame(begun)}${frame(failed)}`)])
    assert.ok(stop.kind === 'failed')
    assert.deepEqual([stop.failure.code, stop.failure.detail], ['rate-limit', 'Upstream is busy'])
    assert.equal(textOf(message.content), 'Half')
  })
})

describe('The models of OpenRouter', () => {
  it('come with limits, abilities, prices for a million tokens, their end, and what an alias stands for', async () => {
    const data = [
      {
        id: '~anthropic/claude-sonnet-latest',
        alias_target: { name: 'Claude Sonnet 5', slug: 'anthropic/claude-sonnet-5' },
        canonical_slug: 'anthropic/claude-sonnet-latest',
        name: 'Anthropic: Claude Sonnet (latest)',
        context_length: 1_000_000,
        architecture: { input_modalities: ['text', 'image', 'file'], output_modalities: ['text'] },
        pricing: {
          prompt: '0.000003',
          completion: '0.000015',
          input_cache_read: '0.0000003',
          input_cache_write: '0.00000375',
        },
        top_provider: { max_completion_tokens: 128_000 },
        supported_parameters: ['max_tokens', 'tools', 'reasoning'],
        expiration_date: '2027-03-01',
      },
      {
        id: 'router/auto',
        canonical_slug: 'router/auto',
        name: 'Auto',
        pricing: { prompt: '-1', completion: '-1' },
        expiration_date: null,
      },
      { id: 'maker/draws', architecture: { input_modalities: ['text'], output_modalities: ['image'] } },
    ]
    await using server = await startScriptedServer((script) => script.json(200, { data }))
    const provider = createProvider('openrouter', { baseUrl: `${server.origin}/api/v1`, apiKey: 'k' })
    assert.deepEqual(await provider.listModels(new AbortController().signal), [
      {
        id: '~anthropic/claude-sonnet-latest',
        provider: 'openrouter',
        name: 'Anthropic: Claude Sonnet (latest)',
        contextWindow: 1_000_000,
        maxOutputTokens: 128_000,
        tools: true,
        images: true,
        pdfs: true,
        thinking: true,
        price: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
        retiresAt: Date.parse('2027-03-01'),
        snapshot: 'anthropic/claude-sonnet-5',
        source: 'provider',
      },
      { id: 'router/auto', provider: 'openrouter', name: 'Auto', source: 'provider' },
    ])
  })
})
