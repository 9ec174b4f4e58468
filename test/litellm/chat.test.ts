import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { frame } from '../harness/scripted-server.ts'
import type { Closed } from '../harness/scripted-server.ts'
import { houseRates, upstreamKeys } from './configuration.ts'
import { virtualKey } from './gateway.ts'
import { ask, chat, gateway, messages, says, signal, unmarked } from './shared.ts'

const hello = chat([{ role: 'assistant', content: 'Hello ' }, { content: 'wörld' }])
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const begun = frame({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Half' }, finish_reason: null }] })

describe('An answer through a real LiteLLM gateway', () => {
  it('comes under the name that was asked for, with its counts and the cost the gateway charges', async () => {
    const { message, upstream } = await ask({ model: 'house', system: 'Be brief.' }, hello)
    assert.equal(textOf(message.content), 'Hello wörld')
    assert.deepEqual(message.origin, { provider: 'litellm', dialect: 'openai-chat', model: 'house' })
    assert.deepEqual(message.stop, { kind: 'done', raw: 'stop' })
    const { input, output, cost, estimated } = message.usage
    assert.deepEqual([input, output, estimated], [5, 7, undefined])
    assert.ok(Math.abs((cost ?? 0) - (5 * houseRates.input + 7 * houseRates.output)) < 1e-12, String(cost))
    assert.equal(upstream[0]?.model, 'house-model', 'the deployment is asked by its own name')
    const asked = upstream[0]?.messages as JsonObject[]
    assert.deepEqual(asked, [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ])
  })

  it('has no cost where the gateway has no price', async () => {
    const { message } = await ask({ model: 'unpriced' }, hello)
    assert.deepEqual([message.usage.input, message.usage.output, message.usage.cost], [5, 7, undefined])
  })

  it('costs what the list says, cache included', async () => {
    const price = (await gateway().provider().listModels(signal())).find(({ id }) => id === 'claude')?.price
    const { message } = await ask({ model: 'claude' }, messages([{ type: 'text', text: 'Hello' }]))
    const { input, cacheRead, cacheWrite, output, cost } = message.usage
    assert.deepEqual([input, cacheRead, cacheWrite, output], [10, 5, 3, 42])
    const expected =
      10 * (price?.input ?? 0) + 5 * (price?.cacheRead ?? 0) + 3 * (price?.cacheWrite ?? 0) + 42 * (price?.output ?? 0)
    assert.ok(Math.abs((cost ?? 0) - expected / 1e6) < 1e-12, String(cost))
  })

  it('has its cost in a header where it does not stream', async () => {
    gateway().answers((script) =>
      script.json(200, {
        model: 'house-model',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Whole.' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
      }),
    )
    // A fetch that asks for the whole answer: what is proven is where the real gateway says what it costs.
    const whole: typeof fetch = (input, init) => {
      const { stream: _stream, stream_options: _options, ...body } = JSON.parse(String(init?.body)) as JsonObject
      return fetch(input, { ...init, body: JSON.stringify(body) })
    }
    const provider = createProvider('litellm', { baseUrl: gateway().baseUrl, apiKey: virtualKey, fetch: whole })
    const { message } = await gather(provider.stream({ model: 'house', messages: [says('Hi')] }, signal()))
    assert.equal(textOf(message.content), 'Whole.')
    assert.equal(message.usage.cost, 0.000066)
  })

  it('streams: the first words are there while the rest is still to be said', async () => {
    let arrived = (): void => undefined
    const first = new Promise<void>((resolve) => (arrived = resolve))
    gateway().answers(async (script) => {
      script.sse()
      await script.send(begun)
      await first
      await script.send(frame({ choices: [{ index: 0, delta: { content: ' whole' }, finish_reason: 'stop' }] }))
      await script.send(frame('[DONE]'))
      script.end()
    })
    const stream = gateway()
      .provider()
      .stream({ model: 'house', messages: [says('Hi')] }, signal())
    const { message } = await gather(stream, (event) => {
      if (event.type === 'block-delta') arrived()
    })
    assert.equal(textOf(message.content), 'Half whole')
  })

  it('that is stopped closes the connection behind the gateway', async () => {
    let closed: Promise<Closed> | undefined
    gateway().answers(async (script) => {
      closed = script.request.closed
      script.sse()
      await script.send(begun)
      await script.silence()
    })
    const stop = new AbortController()
    const stream = gateway()
      .provider()
      .stream({ model: 'house', messages: [says('Hi')] }, stop.signal)
    const { message } = await gather(stream, (event) => {
      if (event.type === 'block-delta') stop.abort()
    })
    assert.equal(message.stop.kind, 'aborted')
    assert.equal(textOf(message.content), 'Half')
    const ended = await Promise.race([closed, pause(5_000, undefined, { ref: false })])
    assert.equal(ended?.aborted, true)
  })

  it('may see an image and read a PDF', async () => {
    const { upstream } = await ask(
      {
        model: 'claude',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'file', media: { mediaType: 'image/png', data: pixel } },
              { type: 'file', name: 'a.pdf', media: { mediaType: 'application/pdf', data: 'JVBERi0=' } },
            ],
          },
        ],
      },
      messages([{ type: 'text', text: 'A pixel.' }]),
    )
    const [question] = upstream[0]?.messages as JsonObject[]
    assert.deepEqual(unmarked(question?.content), [
      { type: 'text', text: 'What is this?' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
    ])
  })

  it('reads at cache price what was said before: the marks reach Claude', async () => {
    const conversation = [says('Hi'), says('Still there?')]
    const answer = messages([{ type: 'text', text: 'Yes.' }])
    const { upstream } = await ask({ model: 'claude', system: 'Be brief.', messages: conversation }, answer)
    const mark = { type: 'ephemeral' }
    assert.deepEqual(upstream[0]?.system, [{ type: 'text', text: 'Be brief.', cache_control: mark }])
    const [asked] = upstream[0]?.messages as JsonObject[]
    assert.deepEqual(asked?.content, [{ type: 'text', text: 'Hi\n\nStill there?', cache_control: mark }])
  })

  it('comes also from a model that takes no thinking effort, which the gateway refuses to pass on', async () => {
    const { message, upstream } = await ask({ model: 'team-chat', thinking: 'low', maxOutputTokens: 50 }, hello)
    assert.equal(textOf(message.content), 'Hello wörld')
    assert.deepEqual(
      upstream.map((body) => [body.reasoning_effort, body.max_tokens ?? body.max_completion_tokens]),
      [[undefined, 50]],
    )
  })

  it('stops at the limit that was set', async () => {
    const { message, upstream } = await ask(
      { model: 'house', maxOutputTokens: 3 },
      chat([{ content: 'One two' }], 'length'),
    )
    assert.deepEqual(message.stop, { kind: 'limit', of: 'output', raw: 'length' })
    assert.equal(upstream[0]?.max_tokens, 3)
  })

  it('does not take the virtual key along: providers see the gateway’s own', async () => {
    const answers = { house: hello, claude: messages([{ type: 'text', text: 'Hello' }]) }
    const keys = { house: upstreamKeys.openai, claude: upstreamKeys.anthropic }
    for (const model of ['house', 'claude'] as const) {
      await ask({ model }, answers[model])
      const seen = JSON.stringify(gateway().upstream.requests.map(({ headers, body }) => [headers, body]))
      assert.ok(seen.includes(keys[model]))
      assert.ok(!seen.includes(virtualKey))
    }
  })

  for (const dialect of ['anthropic', 'openai-responses'] as const) {
    it(`comes as ${dialect} too, where the settings say so`, async () => {
      gateway().answers(messages([{ type: 'text', text: 'Hello' }]))
      const baseUrl = dialect === 'anthropic' ? new URL(gateway().baseUrl).origin : gateway().baseUrl
      const provider = createProvider('litellm', { baseUrl, apiKey: virtualKey, dialect })
      const request = { model: 'claude', messages: [says('Hi')], maxOutputTokens: 100 }
      const { message } = await gather(provider.stream(request, signal()))
      assert.equal(message.stop.kind, 'done', JSON.stringify(message.stop))
      assert.equal(textOf(message.content), 'Hello')
      const { input, cacheRead, cacheWrite, output } = message.usage
      assert.deepEqual([input, cacheRead, cacheWrite, output], [10, 5, 3, 42])
    })
  }
})
