import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message } from '../../src/shared/message.ts'
import type { Speaker } from '../harness/histories.ts'
import { histories, markOf } from '../harness/histories.ts'
import { assertWellFormed, rules } from '../harness/request-rules.ts'

/** Every provider that speaks in a way of its own. A new dialect is one line here and one in `rules`. */
const speakers: (Speaker & { model?: string; baseUrl?: string })[] = [
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
async function requestFor(speaker: (typeof speakers)[number], messages: Message[]): Promise<JsonObject> {
  let body: string | undefined
  const provider = createProvider(speaker.provider, {
    apiKey: 'key',
    ...(speaker.baseUrl !== undefined && { baseUrl: speaker.baseUrl, dialect: speaker.dialect as 'anthropic' }),
    fetch: async (input, init) => {
      body ??= input instanceof Request ? await input.text() : String(init?.body)
      return Response.json({ error: { message: 'Enough.' } }, { status: 500 })
    },
  })
  for await (const event of provider.stream({ model: speaker.model ?? 'm', messages }, new AbortController().signal))
    void event
  assert.ok(body !== undefined, 'a request went out')
  return JSON.parse(body) as JsonObject
}

describe('A conversation that goes on with', function () {
  this.timeout(60_000)
  for (const speaker of speakers) {
    it(`${speaker.provider} is one that it accepts, whoever answered before`, async () => {
      const property = fc.asyncProperty(histories(speaker, speakers), async (history) => {
        const before = JSON.stringify(history)
        const body = await requestFor(speaker, history)
        assert.equal(JSON.stringify(history), before, 'the history itself is not changed')
        rules[speaker.dialect]?.(body)
        assertWellFormed(body)
        const sent = JSON.stringify(body)
        for (const other of speakers) {
          if (other !== speaker)
            assert.ok(!sent.includes(markOf(other)), `nothing sealed by ${other.provider} goes out`)
        }
      })
      await fc.assert(property, { numRuns: 300 })
    })
  }

  it('another provider keeps the ids of its calls the same as it grows, so that caches hold', async () => {
    const speaker = speakers[0]!
    const reader = speakers.find(({ provider }) => provider === 'compatible')!
    await fc.assert(
      fc.asyncProperty(histories(reader, [speaker]), async (history) => {
        const first = (await requestFor(reader, history)).messages as JsonObject[]
        const more: Message = { role: 'user', content: [{ type: 'text', text: 'More.' }] }
        const origin = { ...speaker, model: 'm' }
        const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
        const answer: Message = {
          role: 'assistant',
          content: [{ type: 'text', text: 'Yes.' }],
          origin,
          stop: { kind: 'done' },
          usage,
        }
        const second = (await requestFor(reader, [...history, answer, more])).messages as JsonObject[]
        assert.deepEqual(second.slice(0, first.length), first)
      }),
      { numRuns: 100 },
    )
  })
})
