/** The gateway that the README gives to teams: the very file, in a real LiteLLM proxy. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { createProvider } from '../../src/llm/index.ts'
import type { Provider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import type { Gathered } from '../harness/contract.ts'
import type { Handler, ScriptedServer } from '../harness/scripted-server.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'
import { streamOf } from '../llm/anthropic/provider-stream.ts'
import type { Lookout } from './lookout.ts'
import { startLookout } from './lookout.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'

const FILE = path.resolve(import.meta.dirname, '../../docs/teams/litellm.yaml')
const TEAM_KEY = 'sk-key-of-the-team-in-the-tests'
const SHARED = { openai: 'sk-shared-openai', anthropic: 'sk-shared-anthropic' }

describe('The LiteLLM gateway for teams, as the README gives it', function () {
  this.timeout(60_000)
  let upstream: ScriptedServer
  let lookout: Lookout
  let proxy: Proxy
  let provider: Provider
  /** How the providers behind the gateway answer. */
  let openai: Handler
  let anthropic: Handler

  before(async function () {
    this.timeout(180_000)
    upstream = await startScriptedServer((script) =>
      script.request.url.includes('/chat/completions') ? openai(script) : anthropic(script),
    )
    lookout = await startLookout()
    proxy = await startProxy({
      configuration: FILE,
      masterKey: TEAM_KEY,
      outside: lookout.port,
      environment: {
        OPENAI_API_KEY: SHARED.openai,
        ANTHROPIC_API_KEY: SHARED.anthropic,
        // Nothing of the file says where the providers are: LiteLLM asks these, and without them the providers' own.
        OPENAI_BASE_URL: `${upstream.origin}/v1`,
        OPENAI_API_BASE: `${upstream.origin}/v1`,
        ANTHROPIC_API_BASE: upstream.origin,
      },
    })
    provider = createProvider('litellm', { baseUrl: `${proxy.origin}/v1`, apiKey: TEAM_KEY })
  })
  after(async () => {
    await proxy?.stop()
    await lookout?.close()
    await upstream?.[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    upstream.requests.length = 0
    openai = says('Of OpenAI.')
    anthropic = async (script) => {
      script.sse()
      await script.send(streamOf([{ type: 'text', text: 'Of Anthropic.' }]))
      script.end()
    }
  })

  const ask = (model: string, key = provider): Promise<Gathered> =>
    gather(
      key.stream(
        { model, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
        new AbortController().signal,
      ),
    )
  const modelsAsked = (): unknown[] => upstream.requests.map((request) => (request.json() as JsonObject).model)

  it('offers the models of the team with their limits and prices', async () => {
    const models = await provider.listModels(new AbortController().signal)
    assert.deepEqual(models.map(({ id }) => id).sort(), ['claude', 'team-chat'])
    for (const { contextWindow, maxOutputTokens } of models) assert.ok(contextWindow && maxOutputTokens)
    assert.ok(models.find(({ id }) => id === 'claude')?.price)
    // Which of the two will answer, and at which price, is known when it has.
    assert.equal(models.find(({ id }) => id === 'team-chat')?.price, undefined)
  })

  it('answers with a key of the team, and asks the providers with keys that the team never sees', async () => {
    const { message } = await ask('claude')
    assert.equal(textOf(message.content), 'Of Anthropic.')
    assert.ok((message.usage.cost ?? 0) > 0)
    assert.deepEqual(modelsAsked(), ['claude-sonnet-4-5'])
    const sent = JSON.stringify(upstream.requests[0]?.headers)
    assert.ok(sent.includes(SHARED.anthropic))
    assert.ok(!sent.includes(TEAM_KEY))
    const stranger = createProvider('litellm', { baseUrl: `${proxy.origin}/v1`, apiKey: 'sk-of-a-stranger' })
    const { stop } = await ask('claude', stranger)
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'auth')
  })

  it('spreads the requests for one name over its deployments', async () => {
    for (let asked = 0; asked < 24; asked++) await ask('team-chat')
    assert.deepEqual([...new Set(modelsAsked())].sort(), ['gpt-4.1', 'gpt-4o'])
  })

  it('answers from the other model where Claude cannot', async () => {
    anthropic = (script) =>
      script.json(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    const { message } = await ask('claude')
    assert.equal(textOf(message.content), 'Of OpenAI.')
  })

  it('stops at the budget of the day, which is told as one', async () => {
    openai = says('A dear answer.', 60_000_000)
    const { message } = await ask('team-chat')
    assert.ok((message.usage.cost ?? 0) > 100, String(message.usage.cost))
    openai = says('One answer too many.')
    let last = await ask('team-chat')
    // The gateway counts a moment after it has answered.
    for (let waited = 0; last.stop.kind !== 'failed' && waited < 20_000; waited += 500) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      last = await ask('team-chat')
    }
    assert.ok(last.stop.kind === 'failed', 'the budget was never met')
    const { code, message: words, detail } = last.stop.failure
    assert.match(`${words} ${detail ?? ''}`, /budget/i)
    assert.equal(code, 'quota')
    assert.doesNotMatch(JSON.stringify(last.stop), new RegExp(Object.values(SHARED).join('|')))
  })

  it('reaches for nothing outside this machine', () => {
    assert.deepEqual(lookout.seen, [])
  })
})

/** An answer of Chat Completions that took so many tokens. */
function says(words: string, tokens = 5): Handler {
  return async (script) => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4.1' }
    const choice = (delta: JsonObject, reason: string | null): JsonObject => ({
      ...chunk,
      choices: [{ index: 0, delta, finish_reason: reason }],
    })
    const usage = { prompt_tokens: tokens, completion_tokens: 7, total_tokens: tokens + 7 }
    script.sse()
    await script.send(frame(choice({ role: 'assistant', content: words }, null)))
    await script.send(frame(choice({}, 'stop')))
    await script.send(frame({ ...chunk, choices: [], usage }))
    await script.send('data: [DONE]\n\n')
    script.end()
  }
}
