import assert from 'node:assert/strict'
import type { ChatRequest, Connection, Provider } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import type { Message, ToolCall, ToolResult } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { anthropic } from '../harness/formats/anthropic.ts'
import type { Format } from '../harness/formats/format.ts'
import { list } from '../harness/formats/format.ts'
import { openaiChat } from '../harness/formats/openai.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

/** How many blocks before a mark Anthropic looks for something it has cached. */
const LOOKS_BACK = 20
const MOST_MARKS = 4

type Piece = { text: string; marked: boolean }

/** A request as the cache sees it: tools, system prompt, and what each message holds, in their order. */
function piecesOf(body: JsonObject): Piece[] {
  const system = typeof body.system === 'string' ? [body.system] : list(body.system)
  return [
    ...list(body.tools).map((tool) => pieceOf('tools', tool)),
    ...system.map((part) => pieceOf('system', part)),
    ...list(body.messages).flatMap(({ role, content, tool_calls: calls = null }) => {
      const parts: Json[] = typeof content === 'string' ? [content] : list(content)
      return [...parts.map((part) => pieceOf(String(role), part)), ...list(calls).map((call) => pieceOf('call', call))]
    }),
  ]
}

function pieceOf(place: string, value: Json): Piece {
  const text = JSON.stringify([place, value], (key, each: unknown) => (key === 'cache_control' ? undefined : each))
  return { text, marked: JSON.stringify(value).includes('"cache_control":{"type":"ephemeral"}') }
}

/** Anthropic's cache: a marked prefix is written, and found again from a mark at its end or not far behind it. */
class Cache {
  readonly #written = new Set<string>()

  /** How many pieces of this request were read from the cache, and how many are in it now. */
  read(pieces: Piece[]): { cached: number; written: number } {
    const prefix = (end: number) => JSON.stringify(pieces.slice(0, end).map(({ text }) => text))
    const ends = pieces.flatMap(({ marked }, at) => (marked ? [at + 1] : []))
    assert.ok(ends.length <= MOST_MARKS, `${ends.length} marks`)
    const found = ends.flatMap((end) =>
      Array.from({ length: Math.min(LOOKS_BACK, end) }, (_, back) => end - back).filter((at) =>
        this.#written.has(prefix(at)),
      ),
    )
    for (const end of ends) this.#written.add(prefix(end))
    return { cached: Math.max(0, ...found), written: Math.max(0, ...ends) }
  }
}

const tools = [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }]
const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })

/** A conversation of questions, some answered after steps with tools, every request of it sent and read by a cache. */
async function converse(connect: (origin: string) => Promise<Provider> | Provider, model: string, format: Format) {
  const cache = new Cache()
  const sizes: { cached: number; written: number; all: number }[] = []
  const bodies: JsonObject[] = []
  await using server = await startScriptedServer(async (script) => {
    if (script.request.method === 'GET') return script.json(200, { data: deployments })
    const body = script.request.json() as JsonObject
    const pieces = piecesOf(body)
    bodies.push(body)
    sizes.push({ ...cache.read(pieces), all: pieces.length })
    const step = bodies.length % 4
    // Every fourth request is answered in words; the steps between call 1, 30 and 2 tools.
    const count = [0, 1, 30, 2][step] ?? 0
    const calls = Array.from({ length: count }, (_, at) => ({ id: `c${bodies.length}x${at}`, name: 'look', input: {} }))
    script.head(200, { 'content-type': format.contentType })
    await script.send(format.answer({ text: `Answer ${bodies.length}.`, ...(count > 0 && { calls }) }))
    script.end()
  })
  const provider = await connect(server.origin)
  const messages: Message[] = []
  for (let question = 0; question < 5; question++) {
    messages.push(says(`Question ${question}?`))
    for (let done = false; !done;) {
      const request: ChatRequest = { model, messages, tools, system: 'Be brief.' }
      const { message, stop } = await gather(provider.stream(request, new AbortController().signal))
      messages.push(message)
      const calls = message.content.filter((block): block is ToolCall => block.type === 'tool-call')
      const results = calls.map(({ id, name }): ToolResult => {
        const output = [{ type: 'text' as const, text: `Result of ${id}` }]
        return { type: 'tool-result', callId: id, name, ranBy: 'host', output }
      })
      if (results.length > 0) messages.push({ role: 'tool', content: results })
      done = stop.kind !== 'tools'
    }
  }
  return { sizes, bodies }
}

const deployments = [
  { model_name: 'house', litellm_params: { model: 'bedrock/eu.anthropic.claude-sonnet-5' }, model_info: {} },
  { model_name: 'mixed', litellm_params: { model: 'anthropic/claude-sonnet-5' }, model_info: {} },
  { model_name: 'mixed', litellm_params: { model: 'gemini/gemini-3' }, model_info: {} },
  { model_name: 'claude-lookalike', litellm_params: { model: 'openai/gpt-6' }, model_info: {} },
]
const at =
  (id: string, path: string, more: Connection = {}) =>
  (origin: string) =>
    createProvider(id, { apiKey: 'key', baseUrl: origin + path, ...more })
/** Its list of models was asked, as the host does. */
const listed = async (origin: string) => {
  const provider = at('litellm', '/v1')(origin)
  await provider.listModels(new AbortController().signal)
  return provider
}

describe('A long conversation', () => {
  const claudes: [string, (origin: string) => Promise<Provider> | Provider, string, Format][] = [
    ['Anthropic', at('anthropic', ''), 'claude-x', anthropic],
    ['a server that speaks as Anthropic', at('mine', '', { dialect: 'anthropic' }), 'm', anthropic],
    ['Claude through OpenRouter', at('openrouter', '/api/v1'), 'anthropic/claude-sonnet-5', openaiChat],
    ['Claude through LiteLLM, by its name', at('litellm', '/v1'), 'claude-sonnet-5', openaiChat],
    ['Claude through LiteLLM, under a name of the house', listed, 'house', openaiChat],
    ['LiteLLM that is spoken to as Anthropic', at('litellm', '/v1', { dialect: 'anthropic' }), 'house', anthropic],
  ]
  for (const [whom, connect, model, format] of claudes) {
    it(`with ${whom} reads from the cache all that the request before it sent`, async () => {
      const { sizes } = await converse(connect, model, format)
      assert.equal(sizes.length, 20)
      for (const [turn, { cached, written, all }] of sizes.entries()) {
        const before = sizes[turn - 1]
        assert.equal(written, all, `request ${turn} writes all of itself`)
        if (before) assert.equal(cached, before.all, `request ${turn} has ${all} pieces and reads ${cached}`)
      }
    })
  }

  it('has no marks with models that are not Claude, or need not be', async () => {
    for (const [connect, model] of [
      [at('openrouter', '/api/v1'), 'openai/gpt-6'],
      [listed, 'mixed'],
      [listed, 'claude-lookalike'],
      [at('litellm', '/v1'), 'gpt-6'],
      [at('compatible', '/v1'), 'claude-x'],
    ] as const) {
      const { bodies } = await converse(connect, model, openaiChat)
      assert.ok(!JSON.stringify(bodies).includes('cache_control'), model)
    }
  })
})
