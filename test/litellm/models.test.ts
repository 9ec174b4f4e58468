import assert from 'node:assert/strict'
import { FailureError } from '../../src/shared/failure.ts'
import type { ModelInfo } from '../../src/llm/index.ts'
import { gateway, signal } from './shared.ts'

describe('The models of a real LiteLLM gateway', () => {
  let models: Map<string, ModelInfo>
  const model = (id: string): ModelInfo => {
    const found = models.get(id)
    assert.ok(found, `${id} is among ${[...models.keys()].join(', ')}`)
    return found
  }

  before(async () => {
    const listed = await gateway().provider().listModels(signal())
    models = new Map(listed.map((each) => [each.id, each]))
    assert.equal(models.size, listed.length, 'each name is listed once')
  })

  it('are the names people use, without what does not chat', () => {
    const names = [...models.keys()].filter((name) => !/failing|^anthropic\//.test(name))
    assert.deepEqual(names.sort(), ['claude', 'house', 'house-by-another-name', 'team-chat', 'tired', 'unpriced'])
  })

  it('hold what a wildcard lets through, each with limits and price', () => {
    const through = [...models.values()].filter(({ id }) => id.startsWith('anthropic/'))
    assert.ok(through.length > 5)
    assert.ok(!through.some(({ id }) => id.includes('*')))
    for (const { id, contextWindow, price } of through) assert.ok(contextWindow && price?.input, id)
  })

  it('stand for the same under another name', () => {
    const { id, name, ...known } = model('house-by-another-name')
    assert.deepEqual({ ...known, id: 'house', name: 'house' }, model('house'))
    assert.equal(id, name)
  })

  it('have the limits and the price that the configuration gives them', () => {
    assert.deepEqual(model('house'), {
      id: 'house',
      provider: 'litellm',
      name: 'house',
      snapshot: 'openai/house-model',
      contextWindow: 32_000,
      maxOutputTokens: 4_000,
      tools: true,
      price: { input: 2, output: 8 },
      source: 'provider',
    })
  })

  it('have what the gateway knows of the deployment behind the name', () => {
    const { snapshot, contextWindow, maxOutputTokens, tools, images, thinking, price } = model('claude')
    assert.equal(snapshot, 'anthropic/claude-sonnet-4-5')
    assert.deepEqual([contextWindow, maxOutputTokens, tools, images, thinking], [200_000, 64_000, true, true, true])
    const { tiers, ...base } = price ?? {}
    assert.deepEqual(base, { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 })
    assert.deepEqual(
      tiers?.map(({ above, input, output }) => ({ above, input, output })),
      [{ above: 200_000, input: 6, output: 22.5 }],
    )
  })

  it('promise no more than every deployment of a name can do', () => {
    const { snapshot, contextWindow, maxOutputTokens, price, note } = model('team-chat')
    assert.equal(snapshot, 'openai/gpt-4o, openai/gpt-4.1')
    assert.deepEqual([contextWindow, maxOutputTokens, price], [128_000, 16_384, undefined])
    assert.match(note ?? '', /2 deployments.*prices differ/)
  })

  it('have no price and no limits where the gateway knows none', () => {
    const { price, contextWindow, maxOutputTokens, source } = model('unpriced')
    assert.deepEqual(
      { price, contextWindow, maxOutputTokens },
      { price: undefined, contextWindow: undefined, maxOutputTokens: undefined },
    )
    assert.equal(source, 'provider')
  })

  it('are not listed for a key that the gateway does not know', async () => {
    await assert.rejects(gateway().provider('sk-wrong-key-of-the-tests').listModels(signal()), (error) => {
      assert.ok(error instanceof FailureError)
      assert.equal(error.failure.code, 'auth')
      assert.match(error.failure.message, /did not accept the API key/)
      return true
    })
  })
})
