import assert from 'node:assert/strict'
import { requestBody } from '../../../src/llm/openai-responses/request.ts'
import type { ChatRequest } from '../../../src/llm/types.ts'
import type { Message, Part } from '../../../src/shared/message.ts'

const png = { mediaType: 'image/png', data: 'aGVsbG8=' }
const user = (...content: Part[]): Message => ({ role: 'user', content })
const body = (request: Partial<ChatRequest>) => requestBody({ model: 'gpt-5', messages: [], ...request })
const input = (...messages: Message[]) => body({ messages }).input

describe('A request to the Responses API', () => {
  it('stores nothing at the provider and asks for reasoning in sealed form', () => {
    const { store, include, stream } = body({})
    assert.deepEqual(
      { store, include, stream },
      { store: false, include: ['reasoning.encrypted_content'], stream: true },
    )
  })

  it('says nothing of reasoning, temperature, limits and tools unless asked', () => {
    assert.deepEqual(Object.keys(body({})).sort(), ['include', 'input', 'model', 'store', 'stream'])
  })

  it('asks for the effort and a summary, or for no effort at all', () => {
    assert.deepEqual(body({ thinking: 'high' }).reasoning, { effort: 'high', summary: 'auto' })
    assert.deepEqual(body({ thinking: 'off' }).reasoning, { effort: 'none' })
  })

  it('carries images as data URLs, PDFs as files, text files as text and addresses as addresses', () => {
    const data = Buffer.from('a,b').toString('base64')
    assert.deepEqual(
      input(
        user(
          { type: 'text', text: 'Look' },
          { type: 'file', media: png },
          { type: 'file', name: 'a.pdf', media: { mediaType: 'application/pdf', data } },
          { type: 'file', name: 'a.csv', media: { mediaType: 'text/csv', data } },
          { type: 'file', media: { mediaType: 'application/pdf', url: 'https://example.test/a.pdf' } },
        ),
      ),
      [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'Look' },
            { type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=', detail: 'auto' },
            { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${data}` },
            { type: 'input_text', text: 'a.csv:\na,b' },
            { type: 'input_file', file_url: 'https://example.test/a.pdf' },
          ],
        },
      ],
    )
  })

  it('tells the model of a file whose bytes are not there', () => {
    const [message] = input(user({ type: 'file', name: 'x.png', media: { mediaType: 'image/png', blob: 'hash' } })) as [
      { content: { text: string }[] },
    ]
    assert.match(message.content[0]?.text ?? '', /x\.png/)
  })

  it('gives tool results as text, and as a list where they hold images', () => {
    const result = (output: Part[]): Message => ({
      role: 'tool',
      content: [{ type: 'tool-result', callId: 'c', name: 't', ranBy: 'host', output }],
    })
    assert.deepEqual(input(result([{ type: 'text', text: '42' }])), [
      { type: 'function_call_output', call_id: 'c', output: '42' },
    ])
    assert.deepEqual(input(result([{ type: 'file', media: png }])), [
      {
        type: 'function_call_output',
        call_id: 'c',
        output: [{ type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=', detail: 'auto' }],
      },
    ])
    assert.deepEqual(input(result([])), [{ type: 'function_call_output', call_id: 'c', output: '(no output)' }])
  })

  it('offers tools without strict schemas, and names the one that must be used', () => {
    const tool = { name: 'add', description: 'Adds', inputSchema: { type: 'object' } }
    const { tools, tool_choice } = body({ tools: [tool], toolChoice: { name: 'add' } })
    assert.deepEqual(tools, [
      { type: 'function', name: 'add', description: 'Adds', parameters: { type: 'object' }, strict: false },
    ])
    assert.deepEqual(tool_choice, { type: 'function', name: 'add' })
  })

  it("says another dialect's answer in plain words, without what only that provider ran", () => {
    const answer: Message = {
      role: 'assistant',
      origin: { provider: 'anthropic', dialect: 'anthropic', model: 'm' },
      stop: { kind: 'tools' },
      usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      content: [
        { type: 'thinking', text: 'hm' },
        { type: 'text', text: 'One ' },
        { type: 'text', text: 'moment.' },
        { type: 'tool-call', id: 's', name: 'search', ranBy: 'provider', json: '{}', input: {} },
        { type: 'tool-call', id: 'c', name: 'add', ranBy: 'host', json: '', input: {} },
        { type: 'tool-call', id: 'd', name: 'add', ranBy: 'host', json: '{"a' },
      ],
    }
    assert.deepEqual(input(answer), [
      { role: 'assistant', content: 'One moment.' },
      { type: 'function_call', call_id: 'c', name: 'add', arguments: '{}' },
    ])
  })
})
