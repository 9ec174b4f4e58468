import assert from 'node:assert/strict'
import { requestBody } from '../../../src/llm/openai-chat/request.ts'
import type { ChatRequest } from '../../../src/llm/types.ts'
import type { JsonObject } from '../../../src/shared/json.ts'
import type { Block, Message, Part } from '../../../src/shared/message.ts'

const image: Part = { type: 'file', media: { mediaType: 'image/png', data: 'aGVsbG8=' } }
const imagePart = { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } }
const body = (request: Partial<ChatRequest>, official = false) =>
  requestBody({ model: 'm', messages: [], ...request }, official)
const messages = (...given: Message[]) => body({ messages: given }).messages as JsonObject[]
const answer = (dialect: string, ...content: Block[]): Message => ({
  role: 'assistant',
  origin: { provider: 'p', dialect, model: 'm' },
  stop: { kind: 'done' },
  usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  content,
})

describe('A request to Chat Completions', () => {
  it('asks for usage and for nothing that was not asked for', () => {
    assert.deepEqual(body({}), { model: 'm', messages: [], stream: true, stream_options: { include_usage: true } })
  })

  it("names the output limit as OpenAI's own endpoint does there, and as everyone else does elsewhere", () => {
    assert.equal(body({ maxOutputTokens: 9 }, true).max_completion_tokens, 9)
    assert.equal(body({ maxOutputTokens: 9 }).max_tokens, 9)
  })

  it('puts the system prompt first and plain text as strings', () => {
    const history: Message[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]
    assert.deepEqual(body({ system: 'Be brief', messages: history }).messages, [
      { role: 'system', content: 'Be brief' },
      { role: 'user', content: 'a\n\nb' },
    ])
  })

  it('carries images in user messages as data URLs', () => {
    assert.deepEqual(messages({ role: 'user', content: [{ type: 'text', text: 'Look' }, image] }), [
      { role: 'user', content: [{ type: 'text', text: 'Look' }, imagePart] },
    ])
  })

  it('gives all tool results of a step first and their images in a user message after them', () => {
    const result = (callId: string, output: Part[]) =>
      ({ type: 'tool-result', callId, name: 'shot', ranBy: 'host', output }) as const
    assert.deepEqual(
      messages({ role: 'tool', content: [result('a', [image]), result('b', [{ type: 'text', text: 'done' }])] }),
      [
        { role: 'tool', tool_call_id: 'a', content: 'The result follows as a file.' },
        { role: 'tool', tool_call_id: 'b', content: 'done' },
        { role: 'user', content: [{ type: 'text', text: 'Files from the result of shot:' }, imagePart] },
      ],
    )
  })

  it('never replays a call whose arguments were cut off, nor an answer with nothing in it', () => {
    const cut: Block = { type: 'tool-call', id: 'c', name: 'add', ranBy: 'host', json: '{"a' }
    assert.deepEqual(messages(answer('openai-chat', cut)), [])
    assert.deepEqual(messages(answer('openai-chat', { type: 'thinking', text: 'half a thought' })), [])
  })

  it('joins its own stretches of text as they were one, and sets those of others apart', () => {
    const call: Block = { type: 'tool-call', id: 'c', name: 'add', ranBy: 'host', json: '', input: {} }
    const blocks: Block[] = [{ type: 'text', text: 'One' }, call, { type: 'text', text: 'two' }]
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'add', arguments: '{}' } }]
    assert.deepEqual(messages(answer('openai-chat', ...blocks)), [{ role: 'assistant', content: 'Onetwo', tool_calls }])
    assert.deepEqual(messages(answer('anthropic', ...blocks)), [
      { role: 'assistant', content: 'One\n\ntwo', tool_calls },
    ])
  })
})
