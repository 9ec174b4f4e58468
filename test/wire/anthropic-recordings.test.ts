import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { AssistantMessage, Message } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { recordingsOf } from '../harness/recordings.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

describe('recorded Anthropic streams', () => {
  for (const { name, lines } of recordingsOf('anthropic')) {
    it(`${name}: stored and sent again, the content is the provider's own`, async () => {
      const { message, sentBack } = await playAndAnswer(lines)
      assert.equal(message.stop.kind === 'failed', false, JSON.stringify(message.stop))
      assert.ok(message.usage.output > 0, 'usage was read')
      const content = contentOf(lines)
      assert.ok(content.length > 0, 'there is something to send back')
      assert.deepEqual(sentBack, content)
    })

    it(`${name}: cut off after any event, what came is kept and no call runs by half`, async () => {
      const whole = contentOf(lines)
      for (const upTo of [1, Math.floor(lines.length / 3), Math.floor(lines.length / 2), lines.length - 1]) {
        const { message } = await playAndAnswer(lines.slice(0, upTo))
        assert.ok(message.stop.kind === 'failed' && message.stop.failure.code === 'truncated', `after ${upTo}`)
        for (const [at, block] of message.content.entries()) {
          if (block.type !== 'tool-call' || block.input === undefined) continue
          assert.deepEqual(block.input, whole[at]?.input, `after ${upTo}`)
        }
      }
    })
  }
})

/** Plays a stream, keeps the message as JSON, and asks again with it. */
async function playAndAnswer(lines: string[]): Promise<{ message: AssistantMessage; sentBack: unknown }> {
  await using server = await startScriptedServer(async (script) => {
    script.sse()
    for (const line of lines) await script.event(line, (JSON.parse(line) as { type: string }).type)
    script.end()
  })
  const provider = createProvider('anthropic', { apiKey: 'key', baseUrl: server.origin })
  const question: Message = { role: 'user', content: [{ type: 'text', text: 'question' }] }
  const ask = (messages: Message[]) =>
    gather(provider.stream({ model: 'claude-x', messages }, new AbortController().signal))
  const { message } = await ask([question])
  await ask([question, JSON.parse(JSON.stringify(message)) as Message])
  const sent = server.requests[1]?.json() as { messages: { role: string; content: unknown }[] }
  return { message, sentBack: sent.messages.find(({ role }) => role === 'assistant')?.content }
}

/** The content as the recording spells it: an accumulation of its own, so that the parser is not its own judge. */
function contentOf(lines: string[]): JsonObject[] {
  const content: JsonObject[] = []
  const json: string[] = []
  for (const line of lines) {
    const event = JSON.parse(line) as {
      type: string
      index: number
      content_block: JsonObject
      delta: Record<string, string>
    }
    if (event.type === 'content_block_start') content[event.index] = event.content_block
    if (event.type !== 'content_block_delta') continue
    const block = content[event.index] ?? {}
    const { type, text, thinking, signature, partial_json: piece, citation } = event.delta
    if (type === 'text_delta') block.text = String(block.text) + text
    if (type === 'thinking_delta') block.thinking = String(block.thinking) + thinking
    if (type === 'signature_delta') block.signature = signature ?? ''
    if (type === 'citations_delta') block.citations = [...((block.citations as JsonObject[]) ?? []), citation as never]
    if (type === 'input_json_delta') json[event.index] = (json[event.index] ?? '') + piece
  }
  json.forEach((text, index) => {
    const block = content[index]
    if (block && text) block.input = JSON.parse(text) as JsonObject
  })
  return content
}
