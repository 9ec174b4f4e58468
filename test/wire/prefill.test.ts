/** Going on from a partial answer: given to the provider as its beginning where that works, asked for where it does not. */
import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import type { ChatRequest, ProviderId } from '../../src/llm/index.ts'
import type { AssistantMessage, Message } from '../../src/shared/message.ts'
import { noUsage, textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { last, line } from '../harness/formats/ollama.ts'
import { chatFrames } from '../harness/openai-arbitraries.ts'
import { plays } from '../harness/one-answer.ts'
import type { Handler } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { streamOf } from '../llm/anthropic/provider-stream.ts'

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const partial = (text: string, dialect: string, provider: string): AssistantMessage => ({
  role: 'assistant',
  content: [{ type: 'text', text }],
  origin: { provider, dialect, model: 'm' },
  stop: { kind: 'aborted' },
  usage: noUsage(),
})

const anthropicSays = plays(streamOf([{ type: 'text', text: ' dogs.' }], {}))
const chatSays = plays(chatFrames([{ content: ' dogs.' }], 'stop'))
const ollamaSays: Handler = async (script) => {
  script.head(200, { 'content-type': 'application/x-ndjson' })
  await script.send(line({ content: ' dogs.' }) + last())
  script.end()
}
const refuses =
  (message: string): Handler =>
  (script) =>
    script.json(400, { type: 'error', error: { type: 'invalid_request_error', message } })

type Sent = { messages: { role: string; content: unknown }[]; continue_final_message?: boolean }

/** Goes on from "I like cats and " with this model; the roles that went out in each request, and what came. */
async function goOn(id: ProviderId, dialect: string, answers: Handler[], more: Partial<ChatRequest> = {}, times = 1) {
  let served = 0
  await using server = await startScriptedServer((script) => answers[Math.min(served++, answers.length - 1)]?.(script))
  const base = dialect === 'openai-chat' ? `${server.origin}/v1` : server.origin
  const request: ChatRequest = {
    model: 'm',
    messages: [user('What do you like?'), partial('I like cats and ', dialect, id), user('Go on.')],
    goesOn: true,
    ...more,
  }
  const ask = () =>
    gather(createProvider(id, { apiKey: 'k', baseUrl: base }).stream(request, new AbortController().signal))
  let gathered = await ask()
  for (let time = 1; time < times; time++) gathered = await ask()
  const sent = server.requests.map((each) => each.json() as Sent)
  return { ...gathered, sent, roles: sent.map(({ messages }) => messages.map(({ role }) => role[0]).join('')) }
}

describe('Going on from a partial answer', () => {
  for (const model of [
    'claude-3-5-sonnet-20241022',
    'claude-3-7-sonnet-latest',
    'claude-sonnet-4-5',
    'claude-opus-4-1-20250805',
  ])
    it(`gives it to ${model} as the beginning, without the white space at its end`, async () => {
      const { roles, sent, message, events } = await goOn('anthropic', 'anthropic', [anthropicSays], { model })
      assert.deepEqual(roles, ['ua'])
      assert.match(JSON.stringify(sent[0]?.messages.at(-1)), /"I like cats and"/)
      assert.equal(message.goesOn, 'prefilled')
      assert.equal(textOf(message.content), ' dogs.')
      assert.equal(events.filter(({ type }) => type === 'start').length, 1)
    })

  for (const model of ['claude-opus-4-6', 'claude-sonnet-5', 'claude-opus-4-10', 'another'])
    it(`asks ${model}, which does not take one`, async () => {
      const { roles, message } = await goOn('anthropic', 'anthropic', [anthropicSays], { model })
      assert.deepEqual([roles, message.goesOn], [['uau'], undefined])
    })

  it('asks where the model is to think, where a tool is forced, and where it thought before', async () => {
    const model = 'claude-sonnet-4-5'
    const tools = [{ name: 't', description: '', inputSchema: {} }]
    const thought = partial('I like', 'anthropic', 'anthropic')
    thought.content.unshift({ type: 'thinking', text: 'Hm', wire: { set: { signature: 's' } } })
    const ways: Partial<ChatRequest>[] = [
      { thinking: 'low' },
      { tools, toolChoice: 'required' },
      { messages: [user('What?'), thought, user('Go on.')] },
    ]
    for (const more of ways)
      assert.deepEqual((await goOn('anthropic', 'anthropic', [anthropicSays], { model, ...more })).roles, ['uau'])
  })

  it('asks where it is refused after all, and remembers that', async () => {
    const refusal = refuses(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
    const answers = [refusal, anthropicSays]
    const { roles, message, stop } = await goOn('anthropic', 'anthropic', answers, { model: 'claude-haiku-4-5' }, 2)
    assert.equal(stop.kind, 'done')
    assert.deepEqual(roles, ['ua', 'uau', 'uau'])
    assert.equal(message.goesOn, undefined)
  })

  it('leaves other refusals alone', async () => {
    const refusal = refuses('max_tokens: must be at most 8192')
    const { roles, stop } = await goOn('anthropic', 'anthropic', [refusal], { model: 'claude-haiku-4-5' })
    assert.deepEqual([roles, stop.kind], [['ua'], 'failed'])
  })

  it('gives it to the same models behind OpenRouter, and asks all others', async () => {
    const roles = async (model: string) => {
      const { roles, message } = await goOn('openrouter', 'openai-chat', [chatSays], { model })
      return [...roles, message.goesOn]
    }
    assert.deepEqual(await roles('anthropic/claude-sonnet-4.5'), ['ua', 'prefilled'])
    assert.deepEqual(await roles('anthropic/claude-3.5-haiku:beta'), ['ua', 'prefilled'])
    assert.deepEqual(await roles('anthropic/claude-opus-4.6'), ['uau', undefined])
    assert.deepEqual(await roles('openai/gpt-5'), ['uau', undefined])
  })

  it('tells vLLM to leave the message open, and asks where it knows no such thing', async () => {
    const first = await goOn('vllm', 'openai-chat', [chatSays])
    assert.deepEqual([first.roles, first.sent[0]?.continue_final_message], [['ua'], true])
    const refusal = refuses('Extra inputs are not permitted: continue_final_message')
    const second = await goOn('vllm', 'openai-chat', [refusal, chatSays], { model: 'older' })
    assert.deepEqual([second.roles, second.sent[1]?.continue_final_message], [['ua', 'uau'], undefined])
    assert.equal(second.message.goesOn, undefined)
  })

  it('asks llama.cpp where its template thinks', async () => {
    const refusal = refuses('Assistant response prefill is incompatible with enable_thinking.')
    assert.deepEqual((await goOn('llamacpp', 'openai-chat', [refusal, chatSays])).roles, ['ua', 'uau'])
  })

  it('gives it to Ollama, and trusts no template to have gone on from it', async () => {
    const { roles, message } = await goOn('ollama', 'ollama', [ollamaSays])
    assert.deepEqual([roles, message.goesOn], [['ua'], undefined])
    assert.deepEqual((await goOn('ollama', 'ollama', [ollamaSays], { model: 'gpt-oss:20b' })).roles, ['uau'])
  })

  it('asks any other server', async () => {
    for (const id of ['compatible', 'litellm', 'mistral'])
      assert.deepEqual((await goOn(id, 'openai-chat', [chatSays], { model: 'claude-3-5-sonnet' })).roles, ['uau'])
  })
})
