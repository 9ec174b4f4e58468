import assert from 'node:assert/strict'
import { LLMock } from '@copilotkit/aimock'
import { createProvider } from '../../src/llm/index.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'

describe('Anthropic as aimock speaks it', () => {
  const mock = new LLMock({ port: 0 })
  before(() => mock.start())
  after(() => mock.stop())
  const ask = (text: string) => {
    const provider = createProvider('anthropic', { apiKey: 'sk-ant-mock', baseUrl: mock.url })
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
    return gather(provider.stream({ model: 'claude-x', messages }, new AbortController().signal))
  }

  it('is text', async () => {
    mock.onMessage('hello', { content: 'Hi there' })
    const { message } = await ask('hello')
    assert.equal(textOf(message.content), 'Hi there')
    assert.equal(message.stop.kind, 'done')
  })

  it('is thinking and a call', async () => {
    mock.onMessage('weather', { reasoning: 'Hm', toolCalls: [{ name: 'weather', arguments: '{"city":"Ulm"}' }] })
    const { message } = await ask('weather')
    assert.equal(message.stop.kind, 'tools')
    assert.ok(message.content.some((block) => block.type === 'thinking' && block.text === 'Hm'))
    const call = message.content.find((block) => block.type === 'tool-call')
    assert.deepEqual(call?.input, { city: 'Ulm' })
  })

  it('is garbage in a 200, which is malformed and not an empty answer', async () => {
    mock.onMessage('garbage', { content: 'x' }, { chaos: { malformedRate: 1 } })
    const { stop } = await ask('garbage')
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'malformed', JSON.stringify(stop))
  })

  it('is a failure of the service', async () => {
    mock.nextRequestError(503, { message: 'Down', type: 'api_error' })
    const { stop } = await ask('hello')
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'unavailable')
  })
})
