import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createProvider } from '../../../src/llm/index.ts'
import type { Json, JsonObject } from '../../../src/shared/json.ts'
import type { Message } from '../../../src/shared/message.ts'
import { gather } from '../../harness/contract.ts'
import type { ScriptedServer } from '../../harness/scripted-server.ts'
import { startScriptedServer } from '../../harness/scripted-server.ts'
import { streamOf } from './provider-stream.ts'

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)
const fields = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}_x$/), json, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>
// Empty text and an answer of nothing but blanks are left out: the API refuses them, so they are not sent back.
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
const citation = fc.oneof(
  fields.map((more) => ({ type: 'web_search_result_location', url: 'https://a.example/', cited_text: 'é', ...more })),
  fields.map((more) => ({ type: 'char_location', document_title: 'Title', start_char_index: 1, ...more })),
)
const text = fc
  .tuple(words, fc.constantFrom(undefined, null, 'some'), fc.array(citation, { maxLength: 3 }))
  .map(([said, cited, citations]): JsonObject => ({
    type: 'text',
    text: said,
    ...(cited === undefined ? {} : { citations: cited === null ? null : citations }),
  }))
const thinking = fc
  .tuple(fc.string({ unit: 'grapheme' }), fc.base64String())
  .map(([thought, signature]): JsonObject => ({ type: 'thinking', thinking: thought, signature }))
const redacted = fc.base64String().map((data): JsonObject => ({ type: 'redacted_thinking', data }))
const input = fc.oneof(fc.dictionary(fc.string(), json, { maxKeys: 4 }), json)
const call = fc
  .tuple(fc.constantFrom('tool_use', 'server_tool_use', 'mcp_tool_use'), words, input, fields)
  .map(([type, name, given, more]): JsonObject => ({ type, name, input: given as Json, ...more }))
const found = fc.oneof(
  fc.array(
    fields.map((more) => ({ type: 'web_search_result', url: 'https://a.example/', title: 'ü', ...more })),
    { maxLength: 3 },
  ),
  fc.array(
    words.map((said) => ({ type: 'text', text: said })),
    { maxLength: 3 },
  ),
  fields.map((more) => ({ type: 'code_execution_result', stdout: 'out', stderr: '', return_code: 0, ...more })),
  fc.constant({ type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' }),
  json,
)
const results = fc.constantFrom(
  'web_search_tool_result',
  'mcp_tool_result',
  'code_execution_tool_result',
  'new_tool_result',
)
const ownWork = fc.tuple(results, found, fields).map(([type, content, more]): JsonObject[] => [
  { type: 'server_tool_use', name: 'search', input: { query: 'q' } },
  { type, content: content as Json, ...more },
])
const unknown = fields.map((more): JsonObject => ({ ...more, type: 'container_upload' }))

/** Any content an answer can have. Ids are unique within it, and a result follows its call. */
const contents = fc
  .array(fc.oneof(...[text, thinking, redacted, call, unknown].map((one) => one.map((block) => [block])), ownWork), {
    minLength: 1,
    maxLength: 6,
  })
  .map((groups) => {
    return groups.flatMap((group, at) =>
      group.map((block): JsonObject => {
        const type = String(block.type)
        if (type.endsWith('tool_use')) return { ...block, id: `call_${at}` }
        return type.endsWith('tool_result') ? { ...block, tool_use_id: `call_${at}` } : block
      }),
    )
  })
  .map((content) => JSON.parse(JSON.stringify(content)) as JsonObject[])
  .filter((content) => content.some(({ type, text }) => type !== 'text' || String(text).trim().length > 0))

describe("an Anthropic answer's way through the store and back", () => {
  let server: ScriptedServer
  let next: { bytes: string; sizes: readonly number[] }
  before(async () => {
    server = await startScriptedServer(async (script) => {
      script.sse()
      await script.cut(next.bytes, next.sizes)
      script.end()
    })
  })
  after(() => server.close())

  it('gives the provider exactly its own content, whatever it is and however the bytes arrive', async function () {
    this.timeout(180_000)
    const provider = createProvider('anthropic', { apiKey: 'key', baseUrl: server.origin })
    const ask = async (messages: Message[], bytes: string, sizes: readonly number[]) => {
      next = { bytes, sizes }
      return gather(provider.stream({ model: 'claude-x', messages }, new AbortController().signal))
    }
    const question: Message = { role: 'user', content: [{ type: 'text', text: 'question' }] }
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 })
    const property = fc.asyncProperty(contents, sizes, sizes, async (content, deltas, cuts) => {
      const { message, stop } = await ask([question], streamOf(content, {}, deltas), [...cuts, 4096])
      assert.deepEqual(stop, { kind: 'done', raw: 'end_turn' })
      const stored = JSON.parse(JSON.stringify(message)) as Message
      await ask([question, stored], streamOf([{ type: 'text', text: 'next' }]), [100_000])
      const sent = server.requests.at(-1)?.json() as { messages: { role: string; content: Json }[] }
      assert.deepEqual(sent.messages[1], { role: 'assistant', content })
    })
    await fc.assert(property, { numRuns: 150 })
  })
})
