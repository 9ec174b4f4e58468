import assert from 'node:assert/strict'
import { catalogue, fill } from '../../src/llm/catalogue.ts'

describe('the catalogue of models', () => {
  it('lists chat models with a context window and both prices, each once', () => {
    for (const provider of ['anthropic', 'openai'] as const) {
      const models = catalogue(provider)
      assert.ok(models.length > 5, `${provider} has models`)
      assert.equal(new Set(models.map(({ id }) => id)).size, models.length)
      for (const { id, contextWindow, price, source } of models) {
        assert.ok((contextWindow ?? 0) >= 4096, `${id} has a context window`)
        assert.ok(price?.input !== undefined && price.output !== undefined, `${id} has prices`)
        assert.equal(source, 'catalogue')
        assert.doesNotMatch(id, /embedding|whisper|image|audio|realtime/)
      }
    }
  })

  it('lists the Gemini models that chat, also where it does not know their window', () => {
    const models = catalogue('google')
    const ids = models.map(({ id }) => id)
    assert.ok(ids.includes('gemini-2.5-flash') && ids.includes('gemini-2.5-pro'))
    assert.equal(new Set(ids).size, ids.length)
    for (const { id, price } of models) {
      assert.match(id, /^gemini-/)
      assert.doesNotMatch(id, /tts|image|live|omni|embedding|gemini-1/)
      assert.ok(price?.input !== undefined && price.output !== undefined, `${id} has prices`)
    }
    const pro = fill({ id: 'gemini-2.5-pro', provider: 'google', name: 'P', source: 'provider' })
    assert.equal(pro.price?.tiers?.[0]?.above, 200_000)
  })

  it('fills gaps from the entry that a dated id belongs to, and says where the limits come from', () => {
    const known = fill({ id: 'claude-sonnet-4-5-20250929', provider: 'anthropic', name: 'Sonnet', source: 'provider' })
    assert.deepEqual([known.id, known.name, known.source], ['claude-sonnet-4-5-20250929', 'Sonnet', 'catalogue'])
    assert.equal(known.contextWindow, 200_000)
    const tier = { above: 200_000, input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5 }
    assert.deepEqual(known.price, { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, tiers: [tier] })
  })

  it('keeps what is already known', () => {
    const price = { input: 1 }
    const model = {
      id: 'claude-opus-4-5',
      provider: 'anthropic',
      name: 'O',
      contextWindow: 7,
      price,
      source: 'provider' as const,
    }
    assert.deepEqual(fill(model), model)
  })

  it('uses the price that holds today where it has changed', () => {
    // On sale with long-context tiers until March 2026, without since.
    const { price } = fill({ id: 'claude-opus-4-6', provider: 'anthropic', name: 'O', source: 'provider' })
    assert.equal(price?.input, 5)
    assert.equal(price.tiers, undefined)
  })

  it('knows the other providers of the data set by their whole name, or by the address they serve at', () => {
    for (const id of ['google', 'openrouter', 'groq', 'mistral', 'deepseek', 'x-ai', 'xai']) {
      const models = catalogue(id)
      assert.ok(models.length > 0, id)
      const prices = models.map((model) => fill({ id: model.id, provider: id, name: 'N', source: 'provider' }).price)
      // A few of the data set's own ids are names that no model goes by.
      assert.ok(prices.filter((price) => price?.input !== undefined).length > prices.length / 2, id)
    }
    const model = { id: 'llama-3.3-70b-versatile', provider: 'my-fast-one', name: 'L', source: 'provider' as const }
    assert.ok(fill(model, 'https://api.groq.com/openai/v1').price?.input)
    for (const address of ['http://localhost:1234/v1', 'https://proxy.example/api.groq.com/v1', undefined]) {
      assert.deepEqual(fill(model, address), model, 'no price is made up')
    }
    const box = { id: 'mistral-large-2411', provider: 'my-mistral-box', name: 'M', source: 'provider' as const }
    assert.deepEqual(fill(box), box)
    for (const id of ['compatible', 'ollama', 'litellm']) assert.deepEqual(catalogue(id), [])
  })

  it('charges no list price at an address that is not of the provider', () => {
    const model = { id: 'gpt-4o', provider: 'openai', name: 'G', source: 'provider' as const }
    const own = fill(model, 'https://api.openai.com/v1')
    assert.equal(own.price?.input, 2.5)
    assert.deepEqual(fill(model), own)
    assert.deepEqual(fill(model, ''), own, 'a setting left empty')
    assert.deepEqual(fill(model, 'no address'), model)
    for (const address of ['http://127.0.0.1:4000/v1', 'http://api.openai.com/v1', 'https://proxy.example/v1']) {
      assert.deepEqual(fill(model, address), model, address)
    }
    const named = { id: 'llama-3.3-70b-versatile', provider: 'groq', name: 'L', source: 'provider' as const }
    assert.deepEqual(fill(named, 'http://127.0.0.1:4000/v1'), named)
    const resold = { ...named, provider: 'openai' }
    assert.ok(fill(resold, 'https://api.groq.com/openai/v1').price?.input, 'the address tells whose prices hold')
  })

  it('leaves a model alone that nobody knows, and every model of other providers', () => {
    const strange = { id: 'nonsense-1', provider: 'openai', name: 'N', source: 'provider' as const }
    assert.deepEqual(fill(strange), strange)
    const local = { id: 'gpt-4o', provider: 'compatible', name: 'L', source: 'provider' as const }
    assert.deepEqual(fill(local), local)
  })
})
