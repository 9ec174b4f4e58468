import assert from 'node:assert/strict'
import { LLMock } from '@copilotkit/aimock'
import type { ChatRequest } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Message } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'

describe('The ollama provider against a mock of Ollama', function () {
  this.timeout(90_000)
  let mock: LLMock
  before(async () => {
    mock = new LLMock({ port: 0, chunkSize: 5 })
    mock.onMessage('plain', { content: 'A plain answer.' })
    mock.onMessage('tool', {
      toolCalls: [
        { name: 'add', arguments: '{"a":1,"b":2}' },
        { name: 'add', arguments: '{"a":3,"b":4}' },
      ],
    })
    await mock.start()
  })
  after(() => mock.stop())

  const ask = (messages: Message[], more: Partial<ChatRequest> = {}) => {
    const provider = createProvider('ollama', { baseUrl: mock.url })
    return gather(provider.stream({ model: 'qwen3', messages, ...more }, new AbortController().signal))
  }
  const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })

  it('reads a plain answer', async () => {
    const { message, stop } = await ask([user('plain')])
    assert.equal(stop.kind, 'done')
    assert.equal(textOf(message.content), 'A plain answer.')
  })

  it('reads calls, and goes on with their results', async () => {
    const tools = [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }]
    const { message, stop } = await ask([user('tool')], { tools })
    assert.equal(stop.kind, 'tools')
    const calls = message.content.filter((block) => block.type === 'tool-call')
    assert.deepEqual(
      calls.map(({ name, input }) => [name, input]),
      [
        ['add', { a: 1, b: 2 }],
        ['add', { a: 3, b: 4 }],
      ],
    )
    const results: Message = {
      role: 'tool',
      content: calls.map(({ id, name }) => {
        return { type: 'tool-result', callId: id, name, ranBy: 'host', output: [{ type: 'text', text: '3' }] }
      }),
    }
    const next = await ask([user('tool'), message, results, user('plain')], { tools })
    assert.equal(textOf(next.message.content), 'A plain answer.')
    const sent = mock.getRequests().at(-1)?.body as unknown as { messages: JsonObject[] }
    assert.equal(sent.messages.filter(({ role }) => role === 'tool').length, 2)
  })
})
