import assert from 'node:assert/strict'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Block, Stop, ToolCall } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { answerOf, bytesOf, chunkOf, usageMetadata } from '../harness/google-answers.ts'
import { askOnce, plays } from '../harness/one-answer.ts'
import type { Script } from '../harness/scripted-server.ts'
import { frame } from '../harness/scripted-server.ts'

const played = (bytes: string) => askOnce('google', [plays(bytes)])
const answered = (parts: JsonObject[], finish?: string) => played(answerOf(parts, finish))
const bare = ({ wire: _, ...block }: Block): unknown => block
const calls = (content: Block[]) => content.filter((block): block is ToolCall => block.type === 'tool-call')

describe('The content of a Gemini answer', () => {
  it('is one text and one thought, however many parts they come in', async () => {
    const { message, events } = await answered([
      { text: 'Two ', thought: true },
      { text: 'and two.', thought: true, thoughtSignature: 'c2ln' },
      { text: 'Fo' },
      { text: 'ur', thoughtSignature: 'c2ln' },
      { text: '.' },
    ])
    assert.deepEqual(message.content.map(bare), [
      { type: 'thinking', text: 'Two and two.' },
      { type: 'text', text: 'Four.' },
    ])
    const grown = events.flatMap((event) => (event.type === 'block-delta' ? [event.text] : []))
    assert.deepEqual(grown, ['Two ', 'and two.', 'Fo', 'ur', '.'])
    assert.equal(message.origin.model, 'gemini-x')
  })

  it('has the calls of one step with their arguments, under ids of their own', async () => {
    const { message, stop } = await answered([
      { functionCall: { name: 'look', args: { at: 'a' } }, thoughtSignature: 'c2ln' },
      { functionCall: { name: 'look', args: { at: 'b' } } },
      { functionCall: { name: 'list' } },
      { functionCall: { id: 'own', name: 'look', args: { at: 'c' } } },
    ])
    assert.equal(stop.kind, 'tools')
    const [first, second, third, last] = calls(message.content)
    assert.deepEqual([first?.input, second?.input, third?.input, last?.id], [{ at: 'a' }, { at: 'b' }, {}, 'own'])
    assert.equal(new Set(calls(message.content).map(({ id }) => id)).size, 4)
    assert.ok(
      calls(message.content).every(({ ranBy, json, input }) => ranBy === 'host' && json === JSON.stringify(input)),
    )
  })

  it('gives the calls of two answers different ids', async () => {
    const ids: (string | undefined)[] = []
    for (const responseId of ['one', 'two', '']) {
      const chunk = { ...chunkOf([{ functionCall: { name: 'f' } }], { finishReason: 'STOP' }), responseId }
      ids.push(calls((await played(bytesOf([chunk]))).message.content)[0]?.id)
    }
    assert.equal(new Set(ids).size, 3)
  })

  it('puts streamed arguments where their paths say', async () => {
    const piece = (partialArgs: JsonObject[], willContinue = true) =>
      chunkOf([{ functionCall: { partialArgs, ...(willContinue && { willContinue }) } }])
    const { message, stop } = await played(
      bytesOf([
        chunkOf([{ functionCall: { name: 'f', willContinue: true } }]),
        piece([{ jsonPath: '$.a[0].text', stringValue: 'He' }]),
        piece([
          { jsonPath: '$.a[0].text', stringValue: 'llo' },
          { jsonPath: "$['b c']", numberValue: 0 },
        ]),
        piece([
          { jsonPath: '$.a[1]', nullValue: 'NULL_VALUE' },
          { jsonPath: '$.on', boolValue: false },
        ]),
        piece([{ jsonPath: '$.__proto__.polluted', stringValue: 'x' }]),
        chunkOf([{ functionCall: {} }], { finishReason: 'STOP' }),
      ]),
    )
    assert.equal(stop.kind, 'tools')
    const [call] = calls(message.content)
    assert.deepEqual(call?.input, { a: [{ text: 'Hello' }, null], 'b c': 0, on: false })
    assert.equal(({} as { polluted?: string }).polluted, undefined)
  })

  it('never runs a streamed call that a limit cut off', async () => {
    const { message, stop } = await played(
      bytesOf([
        chunkOf([{ functionCall: { name: 'f', willContinue: true } }]),
        chunkOf([{ functionCall: { partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true } }]),
        chunkOf([], { finishReason: 'MAX_TOKENS' }),
      ]),
    )
    assert.equal(stop.kind, 'limit')
    assert.equal(calls(message.content)[0]?.input, undefined)
  })

  it("shows Google's own code as a call with its result", async () => {
    const { message, stop } = await answered([
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
      { executableCode: { language: 'PYTHON', code: 'boom' } },
      { codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: 'NameError' } },
    ])
    assert.equal(stop.kind, 'done', 'nothing is left for us to run')
    const [call, result, secondCall, second] = message.content
    assert.ok(call?.type === 'tool-call' && result?.type === 'tool-result' && second?.type === 'tool-result')
    assert.deepEqual(
      [call.ranBy, call.name, call.input],
      ['provider', 'code_execution', { language: 'PYTHON', code: 'print(1)' }],
    )
    assert.deepEqual(
      [result.callId, result.output, result.failed],
      [call.id, [{ type: 'text', text: '1\n' }], undefined],
    )
    assert.ok(secondCall?.type === 'tool-call' && second.callId === secondCall.id && second.failed)
  })

  it('shows images and keeps parts of a kind we do not know', async () => {
    const { message } = await answered([
      { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
      { hologram: { beams: 3 }, thoughtSignature: 'c2ln' },
    ])
    assert.deepEqual(message.content.map(bare), [
      { type: 'file', media: { mediaType: 'image/png', data: 'aGk=' } },
      { type: 'other', kind: 'hologram' },
    ])
  })

  it('names its sources, at their places in the text', async () => {
    const grounding = {
      groundingChunks: [
        { web: { uri: 'https://a.example/', title: 'A' } },
        { retrievedContext: { uri: 'https://b.example/', title: 'B', text: 'As B says' } },
      ],
      groundingSupports: [
        { segment: { startIndex: 6, endIndex: 12, text: 'Zürich' }, groundingChunkIndices: [0, 1] },
        { segment: { startIndex: 99, text: 'not there' }, groundingChunkIndices: [0, 7] },
      ],
    }
    const known = { citationSources: [{ uri: 'https://c.example/', license: 'mit' }] }
    const { message } = await played(
      bytesOf([
        chunkOf([{ text: 'Über ' }]),
        chunkOf([{ text: 'Zürich.' }]),
        chunkOf([{ text: '' }], { finishReason: 'STOP', groundingMetadata: grounding, citationMetadata: known }),
      ]),
    )
    const [block] = message.content
    assert.ok(block?.type === 'text')
    assert.deepEqual(block.citations, [
      { url: 'https://a.example/', title: 'A', start: 5, end: 11 },
      { url: 'https://b.example/', title: 'B', quote: 'As B says', start: 5, end: 11 },
      { url: 'https://a.example/', title: 'A' },
      { url: 'https://c.example/' },
    ])
  })

  it('is read from servers that answer with one JSON document', async () => {
    const chunks = [chunkOf([{ text: 'Hel' }]), chunkOf([{ text: 'lo' }], { finishReason: 'STOP' })]
    for (const body of [chunks, chunkOf([{ text: 'Hello' }], { finishReason: 'STOP' })]) {
      const { message, stop } = await askOnce('google', [(script) => script.json(200, body)])
      assert.deepEqual([stop.kind, textOf(message.content)], ['done', 'Hello'])
    }
  })

  it('is read with any end of line, with comments, with names of events and without a last blank line', async () => {
    const data = (text: string, more: JsonObject = {}) => JSON.stringify(chunkOf([{ text }], more))
    const bytes =
      `: hello\r\n\r\nevent: message\r\ndata: ${data('Hé')}\r\n\r\n` +
      `: ping\ndata:${data('🎈')}\n\nid: 4\rdata: ${data('l')}\r\rdata: ${data('lo', { finishReason: 'STOP' })}\n`
    for (const sizes of [[1], [7], [bytes.length * 4]]) {
      const { message, stop } = await askOnce('google', [
        async (script: Script) => {
          script.sse()
          await script.cut(bytes, sizes)
          script.end()
        },
      ])
      assert.deepEqual([stop.kind, textOf(message.content)], ['done', 'Hé🎈llo'], String(sizes))
    }
  })

  it('may be a hundred thousand chunks or one of ten megabytes', async function () {
    this.timeout(180_000)
    const chunk = frame(chunkOf([{ text: 'word ' }]))
    const { message } = await played(chunk.repeat(100_000) + answerOf([{ text: 'end' }]))
    assert.equal(textOf(message.content).length, 500_003)
    const data = 'A'.repeat(10_000_000)
    const [image] = (await answered([{ inlineData: { mimeType: 'image/png', data } }])).message.content
    assert.equal(image?.type === 'file' && image.media.data?.length, data.length)
  })
})

describe('The end of a Gemini answer', () => {
  const ends: [string, Stop][] = [
    ['STOP', { kind: 'done', raw: 'STOP' }],
    ['MAX_TOKENS', { kind: 'limit', of: 'output', raw: 'MAX_TOKENS' }],
    ['OTHER', { kind: 'done', raw: 'OTHER' }],
    ['SOMETHING_NEW', { kind: 'done', raw: 'SOMETHING_NEW' }],
    ...[
      'SAFETY',
      'RECITATION',
      'LANGUAGE',
      'BLOCKLIST',
      'PROHIBITED_CONTENT',
      'SPII',
      'IMAGE_SAFETY',
      'IMAGE_PROHIBITED_CONTENT',
      'IMAGE_RECITATION',
    ].map((raw): [string, Stop] => [raw, { kind: 'refused', category: raw, raw }]),
  ]
  for (const [finish, expected] of ends) {
    it(`by ${finish} is ${JSON.stringify(expected)}`, async () =>
      assert.deepEqual((await answered([{ text: 'a' }], finish)).stop, expected))
  }

  it('by SAFETY names the harm that was blocked, or says it in Google’s words', async () => {
    const safetyRatings = [
      { category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW' },
      { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true },
    ]
    const { stop } = await played(bytesOf([chunkOf([], { finishReason: 'SAFETY', safetyRatings })]))
    assert.ok(stop.kind === 'refused' && stop.why === 'HARM_CATEGORY_DANGEROUS_CONTENT')
    const said = await played(bytesOf([chunkOf([], { finishReason: 'SPII', finishMessage: 'No names.' })]))
    assert.ok(said.stop.kind === 'refused' && said.stop.why === 'No names.')
  })

  it('is a refusal where the question itself was blocked', async () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata, modelVersion: 'gemini-x' }
    const { stop, message } = await played(bytesOf([blocked]))
    assert.deepEqual(stop, { kind: 'refused', category: 'PROHIBITED_CONTENT', raw: 'PROHIBITED_CONTENT' })
    assert.equal(message.usage.input, 10)
  })

  it('is malformed where a call could not be read', async () => {
    const finishMessage = 'Malformed function call: print(look('
    for (const finishReason of ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']) {
      const { stop } = await played(bytesOf([chunkOf([], { finishReason, finishMessage })]))
      assert.ok(stop.kind === 'failed' && stop.failure.code === 'malformed' && stop.raw === finishReason)
      assert.equal(stop.failure.detail, finishMessage)
    }
  })

  it('with calls is for us to run them, whatever it is called', async () => {
    for (const finish of ['STOP', 'FUNCTION_CALL'])
      assert.deepEqual((await answered([{ functionCall: { name: 'f' } }], finish)).stop, { kind: 'tools', raw: finish })
  })

  it('by a limit leaves whole calls unrun', async () => {
    const { stop } = await answered([{ functionCall: { name: 'f' } }], 'MAX_TOKENS')
    assert.equal(stop.kind, 'limit')
  })

  it('stands although the connection drops after it', async () => {
    const { stop, message } = await askOnce('google', [
      async (script) => {
        script.sse()
        await script.send(answerOf([{ text: 'Whole.' }]))
        await script.pause(20)
        script.drop()
      },
    ])
    assert.deepEqual([stop.kind, textOf(message.content)], ['done', 'Whole.'])
  })

  it('may be followed by counts', async () => {
    const { message } = await played(
      bytesOf([chunkOf([{ text: 'a' }], { finishReason: 'STOP' }), { usageMetadata: { promptTokenCount: 7 } }]),
    )
    assert.equal(message.usage.input, 7)
  })
})

describe("Gemini's counts of tokens", () => {
  it('are taken apart: the cache from the prompt, tools to the prompt, thoughts to the output', async () => {
    const counts = {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      toolUsePromptTokenCount: 7,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 157,
    }
    const chunk = { ...chunkOf([{ text: 'a' }], { finishReason: 'STOP' }), usageMetadata: counts }
    const { usage } = (await played(bytesOf([chunk]))).message
    const { wire, ...disjoint } = usage
    assert.deepEqual(disjoint, { input: 47, output: 50, cacheRead: 60, cacheWrite: 0, reasoning: 30 })
    assert.deepEqual(wire, counts)
  })

  it('are of the whole answer so far, and what a later chunk leaves out stays', async () => {
    const chunk = (counts: JsonObject, more: JsonObject = {}) => ({
      ...chunkOf([{ text: 'a' }], more),
      usageMetadata: counts,
    })
    const { usage } = (
      await played(
        bytesOf([
          chunk({ promptTokenCount: 9, thoughtsTokenCount: 5 }),
          chunk({ promptTokenCount: 9, candidatesTokenCount: 4 }),
          chunk({ trafficType: 'ON_DEMAND' }, { finishReason: 'STOP' }),
        ]),
      )
    ).message
    assert.deepEqual([usage.input, usage.output, usage.reasoning], [9, 9, 5])
  })

  it('are there for an answer that was cut off', async () => {
    const { message, stop } = await played(bytesOf([{ ...chunkOf([{ text: 'a' }]), usageMetadata }]))
    assert.equal(stop.kind, 'failed')
    assert.deepEqual([message.usage.input, message.usage.output], [10, 5])
  })
})
