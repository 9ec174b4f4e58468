import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import type { FailureCode } from '../../src/shared/failure.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { askOnce, plays } from '../harness/one-answer.ts'
import { chatFrames } from '../harness/openai-arbitraries.ts'
import { startRoundTrips } from '../harness/round-trip.ts'
import type { Handler } from '../harness/scripted-server.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const signal = () => new AbortController().signal
const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]

async function list(answers: Record<string, Handler>): Promise<unknown[]> {
  await using server = await startScriptedServer((script) => {
    const answer = answers[script.request.url]
    return answer ? answer(script) : script.json(404, { detail: 'Not Found' })
  })
  return await createProvider('litellm', { baseUrl: `${server.origin}/v1`, apiKey: 'sk-virtual' }).listModels(signal())
}
const gives =
  (data: JsonObject[]): Handler =>
  (script) =>
    script.json(200, { data })

describe('The models of a LiteLLM gateway', () => {
  const sonnet = {
    mode: 'chat',
    max_input_tokens: 200_000,
    max_output_tokens: 64_000,
    input_cost_per_token: 3e-6,
    output_cost_per_token: 1.5e-5,
    cache_read_input_token_cost: 3e-7,
    cache_creation_input_token_cost: 3.75e-6,
    input_cost_per_token_above_200k_tokens: 6e-6,
    output_cost_per_token_above_200k_tokens: 2.25e-5,
    supports_function_calling: true,
    supports_vision: true,
    supports_pdf_input: true,
    supports_reasoning: true,
  }
  const deployment = (name: string, model: string, info: JsonObject) => ({
    model_name: name,
    litellm_params: { model },
    model_info: { id: model, ...info },
  })

  it('come with limits, abilities and prices, the friendly name and the deployment behind it', async () => {
    const data = [
      deployment('sonnet', 'anthropic/claude-sonnet-4-5', sonnet),
      deployment('house', 'openai/house-model', { input_cost_per_token: 0, output_cost_per_token: 0 }),
      deployment('embed', 'openai/text-embedding-3', { mode: 'embedding' }),
    ]
    const about = { provider: 'litellm', source: 'provider' }
    assert.deepEqual(await list({ '/v1/model/info': gives(data) }), [
      {
        id: 'sonnet',
        name: 'sonnet',
        snapshot: 'anthropic/claude-sonnet-4-5',
        contextWindow: 200_000,
        maxOutputTokens: 64_000,
        tools: true,
        images: true,
        pdfs: true,
        thinking: true,
        price: {
          input: 3,
          output: 15,
          cacheRead: 0.3,
          cacheWrite: 3.75,
          tiers: [{ above: 200_000, input: 6, output: 22.5 }],
        },
        ...about,
      },
      // The gateway says 0 for what it has no price for: that is unknown, not free.
      { id: 'house', name: 'house', snapshot: 'openai/house-model', ...about },
    ])
  })

  it('promise no more than each deployment of a name can do, and say so', async () => {
    const data = [
      deployment('sonnet', 'anthropic/claude-sonnet-4-5', sonnet),
      deployment('sonnet', 'bedrock/claude', {
        ...sonnet,
        max_input_tokens: 100_000,
        supports_vision: false,
        input_cost_per_token: 4e-6,
      }),
    ]
    const [model, ...more] = (await list({ '/v1/model/info': gives(data) })) as JsonObject[]
    assert.equal(more.length, 0)
    assert.equal(model?.contextWindow, 100_000)
    assert.equal(model.images, false)
    assert.equal(model.price, undefined)
    assert.equal(model.snapshot, 'anthropic/claude-sonnet-4-5, bedrock/claude')
    assert.match(String(model.note), /2 deployments.*smallest.*prices differ/)
  })

  it('are listed by name alone for a key that may not ask for more', async () => {
    const names = [{ id: 'sonnet' }, { id: 'house' }]
    for (const status of [401, 403, 404]) {
      const refusal: Handler = (script) =>
        script.json(status, { error: { message: 'Only proxy admin', code: String(status) } })
      const models = await list({ '/v1/model/info': refusal, '/v1/models': gives(names) })
      assert.deepEqual(
        models.map((model) => (model as { id: string }).id),
        ['sonnet', 'house'],
      )
    }
  })

  it('hold no embedding among the names either', async () => {
    const names = [
      { id: 'sonnet', mode: 'chat', max_input_tokens: 200_000 },
      { id: 'house' },
      { id: 'embed', mode: 'embedding' },
    ]
    const refusal: Handler = (script) => script.json(403, { error: { message: 'Only proxy admin', code: '403' } })
    const models = await list({ '/v1/model/info': refusal, '/v1/models': gives(names) })
    assert.deepEqual(
      models.map((model) => (model as { id: string }).id),
      ['sonnet', 'house'],
    )
  })

  it('hold those that a wildcard lets through', async () => {
    const data = [deployment('openai/*', 'openai/*', {}), deployment('sonnet', 'anthropic/claude-sonnet-4-5', sonnet)]
    const models = await list({
      '/v1/model/info': gives(data),
      '/v1/models': gives([{ id: 'sonnet' }, { id: 'openai/gpt-5' }, { id: 'openai/*' }]),
    })
    assert.deepEqual(
      models.map((model) => (model as { id: string }).id),
      ['sonnet', 'openai/gpt-5'],
    )
  })

  it('fail as what they are where the key is wrong', async () => {
    const wrong: Handler = (script) =>
      script.json(401, { error: { message: 'Authentication Error', type: 'token_not_found_in_db', code: '401' } })
    await assert.rejects(
      list({ '/v1/model/info': wrong, '/v1/models': wrong }),
      (error: { failure?: { code: string } }) => {
        assert.equal(error.failure?.code, 'auth')
        return true
      },
    )
  })
})

describe('An answer through a LiteLLM gateway', () => {
  const answer = chatFrames([{ content: 'Yes.' }], 'stop')
  const costs =
    (header: Record<string, string>, bytes = answer): Handler =>
    async (script) => {
      script.sse(header)
      await script.send(bytes)
      script.end()
    }

  it('costs what the header says, unless the answer itself tells', async () => {
    const asked = async (handler: Handler) => (await askOnce('litellm', [handler])).message.usage.cost
    assert.equal(await asked(costs({ 'x-litellm-response-cost': '0.00042' })), 0.00042)
    assert.equal(await asked(costs({})), undefined)
    const told = `${frame({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] })}${frame({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, cost: 0.5 } })}`
    assert.equal(await asked(costs({ 'x-litellm-response-cost': '0.00042' }, told)), 0.5)
  })

  it('brings thinking back to the gateway with its signature', async () => {
    await using server = await startRoundTrips('litellm', answer)
    const blocks = [{ type: 'thinking', thinking: 'Two and two.', signature: 'sig' }]
    const deltas = [
      { reasoning_content: 'Two and ', thinking_blocks: [{ type: 'thinking', thinking: 'Two and ' }] },
      { reasoning_content: 'two.', thinking_blocks: [{ type: 'thinking', thinking: 'two.' }] },
      { thinking_blocks: [{ type: 'thinking', thinking: '', signature: 'sig' }] },
      { content: 'Four.' },
    ]
    const { replayed } = await server.run(chatFrames(deltas as JsonObject[], 'stop'))
    const said = (replayed.messages as JsonObject[]).filter(({ role }) => role === 'assistant')
    assert.deepEqual(said, [
      { role: 'assistant', content: 'Four.', reasoning_content: 'Two and two.', thinking_blocks: blocks },
    ])
  })

  it('keeps thinking as it was signed where the gateway repeats it beside the signature', async () => {
    await using server = await startRoundTrips('litellm', answer)
    const thought = (thinking: string, more: JsonObject = {}) => ({
      reasoning_content: more.signature === undefined ? thinking : '',
      thinking_blocks: [{ type: 'thinking', thinking, ...more }],
    })
    const deltas = [
      thought('Two '),
      thought('and two.'),
      thought('Two and two.', { signature: 'first' }),
      { thinking_blocks: [{ type: 'redacted_thinking', data: 'xyz' }] },
      thought('Again.'),
      thought('Again.', { signature: 'second' }),
      { content: 'Four.' },
    ]
    const { message, replayed } = await server.run(chatFrames(deltas, 'stop'))
    assert.equal(message.content[0]?.type === 'thinking' && message.content[0].text, 'Two and two.Again.')
    const [said] = (replayed.messages as JsonObject[]).filter(({ role }) => role === 'assistant')
    assert.deepEqual(said?.thinking_blocks, [
      { type: 'thinking', thinking: 'Two and two.', signature: 'first' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'thinking', thinking: 'Again.', signature: 'second' },
    ])
  })

  const refusals: [number, FailureCode, JsonObject][] = [
    [
      400,
      'quota',
      { message: 'Budget has been exceeded! Current cost: 2, Max budget: 1', type: 'budget_exceeded', code: '400' },
    ],
    [
      429,
      'quota',
      {
        message: 'No deployments available - crossed budget: Exceeded budget for provider openai: 120.0 >= 100.0\n',
        type: null,
        code: '429',
      },
    ],
    [401, 'auth', { message: 'Authentication Error, Expired Key', type: 'expired_key', code: '401' }],
    [401, 'permission', { message: 'key not allowed to access model', type: 'key_model_access_denied', code: '401' }],
    [400, 'context-length', { message: 'litellm.ContextWindowExceededError: too big', type: null, code: '400' }],
    [
      429,
      'rate-limit',
      { message: 'litellm.RateLimitError: No deployments available', type: 'throttling_error', code: '429' },
    ],
    [500, 'unavailable', { message: 'litellm.APIConnectionError: upstream is gone', type: null, code: '500' }],
    [
      400,
      'not-found',
      {
        message: '/chat/completions: Invalid model name passed in model=m. Call `/v1/models` to view available models',
        type: 'invalid_request_error',
        code: '400',
      },
    ],
    [
      400,
      'not-found',
      {
        message: 'litellm.BadRequestError: You passed in model=m. There are no healthy deployments for this model.',
        type: 'invalid_request_error',
        code: '400',
      },
    ],
    [400, 'auth', { message: 'No connected db.', type: 'no_db_connection', code: '400' }],
    [
      500,
      'overloaded',
      {
        message: `litellm.InternalServerError: AnthropicError - b'{"error":{"type":"overloaded_error"}}'`,
        type: 'internal_server_error',
        code: '500',
      },
    ],
    [503, 'unavailable', { message: 'The database is away.', type: 'no_db_connection', code: '503' }],
    [
      429,
      'rate-limit',
      {
        message: 'No deployments available for selected model, Try again in 7 seconds.',
        type: 'internal_server_error',
        code: '429',
      },
    ],
    // The gateway's own key for the provider behind it: the person's key is good.
    [
      401,
      'unavailable',
      {
        message: 'litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided',
        type: 'authentication_error',
        code: '401',
      },
    ],
  ]
  for (const [status, code, error] of refusals) {
    it(`that is refused with ${status} ${String(error.type)} is ${code}`, async () => {
      await using server = await startScriptedServer((script) => script.json(status, { error }))
      const provider = createProvider('litellm', { baseUrl: `${server.origin}/v1`, apiKey: 'sk-virtual' })
      const { stop } = await gather(provider.stream({ model: 'm', messages }, signal()))
      assert.ok(stop.kind === 'failed')
      assert.equal(stop.failure.code, code)
    })
  }

  it('that is refused names the gateway’s own id of the call, for whoever runs it', async () => {
    const error = { message: 'litellm.InternalServerError: boom', type: 'internal_server_error', code: '500' }
    const { stop } = await askOnce('litellm', [
      (script) => script.json(500, { error }, { 'x-litellm-call-id': 'call-of-the-gateway' }),
    ])
    assert.ok(stop.kind === 'failed')
    assert.equal(stop.failure.requestId, 'call-of-the-gateway')
  })

  it('that fails in mid-stream says what the gateway says', async () => {
    const begun = frame({ choices: [{ index: 0, delta: { content: 'Half' }, finish_reason: null }] })
    const failed = frame({
      error: { message: 'litellm.MidStreamFallbackError: it broke', type: null, param: null, code: '503' },
    })
    const { stop } = await askOnce('litellm', [plays(begun + failed)])
    assert.ok(stop.kind === 'failed')
    assert.equal(stop.failure.code, 'unavailable')
  })
})
