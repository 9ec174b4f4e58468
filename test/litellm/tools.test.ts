import assert from 'node:assert/strict'
import type { ToolSpec } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { AssistantMessage, Message, ToolCall } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { ask, chat, messages, says, unmarked } from './shared.ts'

const tools: ToolSpec[] = [
  {
    name: 'look',
    description: 'Looks at a file.',
    inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
  },
]
const calls = (message: AssistantMessage): ToolCall[] => message.content.filter((block) => block.type === 'tool-call')

/** The conversation with this answer, stored and read back, and a result for each call. */
function goneOn(answer: AssistantMessage): Message[] {
  const stored = JSON.parse(JSON.stringify(answer)) as AssistantMessage
  const results = calls(stored).map(({ id, name }, at) => ({
    type: 'tool-result' as const,
    callId: id,
    name,
    ranBy: 'host' as const,
    output: [{ type: 'text' as const, text: `Result ${at}` }],
  }))
  return [says('Hi'), stored, { role: 'tool', content: results }]
}

describe('Tools through a real LiteLLM gateway', () => {
  it('are called two at a time, and get their results back', async () => {
    const piece = (index: number, more: JsonObject): JsonObject => ({ index, ...more })
    const called = (id: string): JsonObject => ({ id, type: 'function', function: { name: 'look', arguments: '' } })
    const answer = chat(
      [
        { content: 'I look.' },
        { tool_calls: [piece(0, called('call_a'))] },
        { tool_calls: [piece(0, { function: { arguments: '{"path":' } }), piece(1, called('call_b'))] },
        { tool_calls: [piece(0, { function: { arguments: '"a"}' } }), piece(1, { function: { arguments: '{}' } })] },
      ],
      'tool_calls',
    )
    const { message, upstream } = await ask({ model: 'house', tools, toolChoice: 'required' }, answer)
    assert.deepEqual(message.stop, { kind: 'tools', raw: 'tool_calls' })
    assert.deepEqual(
      calls(message).map(({ id, name, input }) => ({ id, name, input })),
      [
        { id: 'call_a', name: 'look', input: { path: 'a' } },
        { id: 'call_b', name: 'look', input: {} },
      ],
    )
    assert.equal(upstream[0]?.tool_choice, 'required')

    const next = await ask({ model: 'house', tools, messages: goneOn(message) }, chat([{ content: 'Seen.' }]))
    assert.equal(textOf(next.message.content), 'Seen.')
    const sent = next.upstream[0]?.messages as JsonObject[]
    assert.deepEqual(sent.slice(-2), [
      { role: 'tool', tool_call_id: 'call_a', content: 'Result 0' },
      { role: 'tool', tool_call_id: 'call_b', content: 'Result 1' },
    ])
    const [said] = sent.filter(({ role }) => role === 'assistant')
    assert.equal(said?.content, 'I look.')
    assert.deepEqual(
      (said.tool_calls as JsonObject[]).map(({ id, function: made }) => [id, made]),
      [
        ['call_a', { name: 'look', arguments: '{"path":"a"}' }],
        ['call_b', { name: 'look', arguments: '{}' }],
      ],
    )
  })

  it('are called by Claude in the midst of thinking, which goes back as it was signed', async () => {
    const content: JsonObject[] = [
      { type: 'thinking', thinking: 'I wonder what is in that file.', signature: 'c2lnbmVkIG9uY2U=' },
      { type: 'redacted_thinking', data: 'c2VhbGVk' },
      { type: 'text', text: 'I look at both.' },
      { type: 'tool_use', id: 'toolu_a', name: 'look', input: { path: 'a' } },
      { type: 'tool_use', id: 'toolu_b', name: 'look', input: {} },
    ]
    const request = { model: 'claude', tools, thinking: 'low' as const, maxOutputTokens: 5_000 }
    const { message, upstream } = await ask(request, messages(content, 'tool_use'))
    assert.deepEqual(message.stop, { kind: 'tools', raw: 'tool_calls' })
    const [thinking] = message.content
    assert.equal(thinking?.type === 'thinking' && thinking.text, 'I wonder what is in that file.')
    assert.deepEqual(
      calls(message).map(({ id, input }) => ({ id, input })),
      [
        { id: 'toolu_a', input: { path: 'a' } },
        { id: 'toolu_b', input: {} },
      ],
    )
    assert.equal((upstream[0]?.thinking as JsonObject).type, 'enabled')

    const next = await ask({ ...request, messages: goneOn(message) }, messages([{ type: 'text', text: 'Seen.' }]))
    assert.equal(textOf(next.message.content), 'Seen.')
    const [, said, results] = next.upstream[0]?.messages as JsonObject[]
    assert.deepEqual(said, { role: 'assistant', content })
    assert.deepEqual(
      unmarked(results?.content as JsonObject[]).map((result) => [result.type, result.tool_use_id, result.content]),
      [
        ['tool_result', 'toolu_a', [{ type: 'text', text: 'Result 0' }]],
        ['tool_result', 'toolu_b', [{ type: 'text', text: 'Result 1' }]],
      ],
    )
  })

  it('leave what Claude thought twice in two pieces, each with its own signature', async () => {
    const content: JsonObject[] = [
      { type: 'thinking', thinking: 'First I wonder.', signature: 'c2lnbmVkIG9uY2U=' },
      { type: 'thinking', thinking: 'Then I wonder again.', signature: 'c2lnbmVkIHR3aWNl' },
      { type: 'text', text: 'Done.' },
    ]
    const request = { model: 'claude', thinking: 'low' as const, maxOutputTokens: 5_000 }
    const { message } = await ask(request, messages(content))
    const conversation: Message[] = [says('Hi'), message, says('And?')]
    const { upstream } = await ask({ ...request, messages: conversation }, messages([{ type: 'text', text: 'No.' }]))
    const [, said] = upstream[0]?.messages as JsonObject[]
    assert.deepEqual(said, { role: 'assistant', content })
  })
})
