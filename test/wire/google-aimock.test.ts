import assert from 'node:assert/strict'
import { LLMock } from '@copilotkit/aimock'
import type { ChatRequest } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'

describe('The Google provider against a mock of Gemini', function () {
  this.timeout(90_000)
  let mock: LLMock
  before(async () => {
    mock = new LLMock({ port: 0, chunkSize: 5 })
    mock.onMessage('plain', { content: 'A plain answer.' })
    mock.onMessage('think', { content: 'Four.', reasoning: 'Two and two.' })
    mock.onMessage('tool', {
      toolCalls: [
        { name: 'add', arguments: '{"a":1,"b":2}' },
        { name: 'add', arguments: '{"a":3,"b":4}' },
      ],
    })
    mock.onMessage('counted', { content: 'Yes.', usage: { input_tokens: 12, output_tokens: 3 } })
    await mock.start()
  })
  after(() => mock.stop())

  const ask = (text: string, more: Partial<ChatRequest> = {}) => {
    const provider = createProvider('google', { baseUrl: mock.url, apiKey: 'key-of-the-test' })
    const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text }] }]
    return gather(provider.stream({ model: 'gemini-2.5-pro', messages, ...more }, new AbortController().signal))
  }

  it('reads a plain answer', async () => {
    const { message, stop } = await ask('plain')
    assert.equal(stop.kind, 'done')
    assert.equal(textOf(message.content), 'A plain answer.')
  })

  it('reads thoughts before the answer', async () => {
    const { message } = await ask('think', { thinking: 'low' })
    assert.deepEqual(
      message.content.map((block) => [block.type, 'text' in block && block.text]),
      [
        ['thinking', 'Two and two.'],
        ['text', 'Four.'],
      ],
    )
  })

  it('reads calls, and goes on with their results', async () => {
    const tools = [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }]
    const { message, stop } = await ask('tool', { tools })
    assert.equal(stop.kind, 'tools')
    const calls = message.content.filter((block) => block.type === 'tool-call')
    assert.deepEqual(
      calls.map(({ name, input }) => [name, input]),
      [
        ['add', { a: 1, b: 2 }],
        ['add', { a: 3, b: 4 }],
      ],
    )
    const content = calls.map(({ id: callId, name }) => ({
      type: 'tool-result' as const,
      callId,
      name,
      ranBy: 'host' as const,
      output: [{ type: 'text' as const, text: '3' }],
    }))
    const next = await ask('', {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'tool' }] },
        message,
        { role: 'tool', content },
        { role: 'user', content: [{ type: 'text', text: 'plain' }] },
      ],
    })
    assert.equal(next.stop.kind, 'done')
  })

  it('reads usage', async () => {
    const { message } = await ask('counted')
    assert.deepEqual([message.usage.input, message.usage.output], [12, 3])
  })

  it('reads a refused request', async () => {
    mock.nextRequestError(503, { message: 'Later' })
    const { stop } = await ask('plain')
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'unavailable')
  })
})
