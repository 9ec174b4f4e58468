import assert from 'node:assert/strict'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { isObject } from '../../src/shared/json.ts'
import { chatFrames, namedFrames, responseEvents } from '../harness/openai-arbitraries.ts'
import { recordingsOf } from '../harness/recordings.ts'
import { startRoundTrips } from '../harness/round-trip.ts'
import { frame } from '../harness/scripted-server.ts'

/** What the server gets in another form than it sent, and why. */
const DIFFERENT: Record<string, { why: string; expected: (message: JsonObject) => JsonObject }> = {
  'mistral-tool-call': {
    why: 'Mistral leaves out the type of a call, and content is empty text; requests need the type, null says the same',
    expected: (message) => ({
      ...message,
      content: null,
      tool_calls: (message.tool_calls as JsonObject[]).map((call) => ({ ...call, type: 'function' })),
    }),
  },
  'mistral-incremental-tool-call': {
    why: 'the content beside the call is empty text; null says the same',
    expected: (message) => ({ ...message, content: null }),
  },
}

for (const [dialect, id] of [
  ['openai-responses', 'openai'],
  ['openai-chat', 'compatible'],
] as const) {
  describe(`A recorded stream of ${dialect}`, function () {
    this.timeout(90_000)
    for (const { name: title, lines } of recordingsOf(dialect)) {
      const different = DIFFERENT[title]
      const answers = split(lines.map((line) => JSON.parse(line) as JsonObject))
      for (const [at, chunks] of answers.entries()) {
        it(`goes back as it came: ${title}${answers.length > 1 ? `, answer ${at + 1}` : ''}${different ? ` (but: ${different.why})` : ''}`, async () => {
          const responses = dialect === 'openai-responses'
          const finish = responses ? namedFrames(responseEvents([], 1)) : chatFrames([{ content: 'Yes.' }], 'stop')
          await using server = await startRoundTrips(id, finish)
          const bytes = responses ? namedFrames(chunks) : [...chunks, '[DONE]'].map((chunk) => frame(chunk)).join('')
          const { replayed, stop } = await server.run(bytes, [997])
          assert.match(stop.kind, /^(done|tools)$/)
          if (responses) {
            const said = (replayed.input as JsonObject[]).filter(
              (entry) => entry.role !== 'user' && entry.type !== 'function_call_output',
            )
            assert.deepEqual(said, itemsOf(chunks))
            assert.ok(said.length > 0)
          } else {
            const said = (replayed.messages as JsonObject[]).filter((entry) => entry.role === 'assistant')
            const whole = assembled(chunks)
            assert.ok(whole.content || whole.tool_calls, 'there is something to send back')
            assert.deepEqual(said, [different ? different.expected(whole) : whole])
          }
        })
      }
    }
  })
}

/** A recording of the Responses API may hold several answers, one after the other. */
function split(chunks: JsonObject[]): JsonObject[][] {
  const starts = chunks.flatMap((chunk, at) => (chunk.type === 'response.created' ? [at] : []))
  if (starts.length < 2) return [chunks]
  return starts.map((start, at) => chunks.slice(start, starts[at + 1]))
}

/** What the provider itself calls the finished items. */
function itemsOf(chunks: JsonObject[]): Json[] {
  return chunks.flatMap((chunk) => (chunk.type === 'response.output_item.done' ? [chunk.item as Json] : []))
}

/** The message that the deltas spell, put together without any of our code. Only fields that requests take. */
function assembled(chunks: JsonObject[]): JsonObject {
  const message: JsonObject = { role: 'assistant', content: null }
  const calls: Record<string, JsonObject & { function: JsonObject }> = {}
  for (const chunk of chunks) {
    const [choice] = chunk.choices as JsonObject[]
    const delta = isObject(choice?.delta) ? choice.delta : {}
    for (const field of ['content', 'reasoning', 'reasoning_content']) {
      const piece = delta[field]
      if (typeof piece !== 'string' || (piece === '' && field !== 'content')) continue
      message[field] = String(message[field] ?? '') + piece
    }
    for (const piece of (delta.tool_calls ?? []) as (JsonObject & { function: JsonObject })[]) {
      const { index, ...call } = piece
      const known = calls[String(index)]
      if (!known) calls[String(index)] = structuredClone(call)
      else known.function.arguments = String(known.function.arguments) + String(piece.function.arguments)
    }
  }
  const list = Object.values(calls)
  return list.length > 0 ? { ...message, tool_calls: list } : message
}
