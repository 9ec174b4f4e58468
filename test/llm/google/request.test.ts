import assert from 'node:assert/strict'
import type { ChatRequest } from '../../../src/llm/index.ts'
import { createProvider } from '../../../src/llm/index.ts'
import type { JsonObject } from '../../../src/shared/json.ts'
import type { AssistantMessage, Block, File, Message, Part, Stop, ToolResult } from '../../../src/shared/message.ts'
import { noUsage } from '../../../src/shared/message.ts'
import { gather } from '../../harness/contract.ts'
import { answerOf } from '../../harness/google-answers.ts'
import { askOnce, plays } from '../../harness/one-answer.ts'
import { startScriptedServer } from '../../harness/scripted-server.ts'

type Content = { role: string; parts: JsonObject[] }
type Body = JsonObject & { contents: Content[]; generationConfig?: JsonObject }

const sent = async (request: Partial<ChatRequest>): Promise<Body> => {
  const { bodies } = await askOnce('google', [plays(answerOf([{ text: 'Yes.' }]))], request)
  return bodies[0] as Body
}
const say = (...content: (string | Part)[]): Message => ({
  role: 'user',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
})
const answer = (content: Block[], stop: Stop = { kind: 'done' }, dialect = 'google'): AssistantMessage => ({
  role: 'assistant',
  content,
  origin: { provider: dialect, dialect, model: 'm' },
  stop,
  usage: noUsage(),
})
const call = (id: string, more: Partial<Extract<Block, { type: 'tool-call' }>> = {}): Block => {
  return { type: 'tool-call', id, name: `tool_${id}`, ranBy: 'host', json: '{}', input: {}, ...more }
}
/** A call as Google made it: signed, and without an id. */
const made = (id: string) =>
  call(id, { wire: { set: { thoughtSignature: 'c2ln' }, deep: { functionCall: { unset: ['id'] } } } })
const result = (callId: string, output: Part[], failed = false): ToolResult => {
  return {
    type: 'tool-result',
    callId,
    name: `tool_${callId}`,
    ranBy: 'host',
    output,
    ...(failed && { failed: true as const }),
  }
}
const file = (mediaType: string, data: string, name?: string): File => {
  return { type: 'file', media: { mediaType, data: Buffer.from(data).toString('base64') }, ...(name && { name }) }
}
const image = file('image/png', 'pixels', 'shot.png')
const inlineData = { mimeType: 'image/png', data: image.media.data }

describe('The request to Gemini', () => {
  it('has the system prompt apart, and one content a turn', async () => {
    const { contents, systemInstruction, generationConfig } = await sent({
      system: 'Be brief.',
      messages: [say('one'), say('two', ''), answer([{ type: 'text', text: 'a' }]), say('three')],
    })
    assert.deepEqual(systemInstruction, { parts: [{ text: 'Be brief.' }] })
    assert.deepEqual(contents, [
      { role: 'user', parts: [{ text: 'one' }, { text: 'two' }] },
      { role: 'model', parts: [{ text: 'a' }] },
      { role: 'user', parts: [{ text: 'three' }] },
    ])
    assert.equal(generationConfig, undefined)
  })

  it('puts the system prompt into the conversation of a model that takes none', async () => {
    const { contents, systemInstruction } = await sent({ model: 'gemma-3-27b-it', system: 'Be brief.' })
    assert.equal(systemInstruction, undefined)
    assert.deepEqual(contents, [{ role: 'user', parts: [{ text: 'Be brief.' }, { text: 'Hi' }] }])
    assert.ok((await sent({ model: 'gemma-4-31b-it', system: 'Be brief.' })).systemInstruction)
  })

  it('shows pictures, documents and sound, reads text files, and tells of what cannot be shown', async () => {
    const { contents } = await sent({
      messages: [
        say(
          image,
          file('application/pdf', 'pages', 'a.pdf'),
          file('text/csv', 'a,b', 'table.csv'),
          file('application/zip', 'zip', 'all.zip'),
          { type: 'file', media: { mediaType: 'video/mp4', url: 'https://videos.example/1' } },
        ),
      ],
    })
    assert.deepEqual(contents[0]?.parts, [
      { inlineData },
      { inlineData: { mimeType: 'application/pdf', data: Buffer.from('pages').toString('base64') } },
      { text: 'table.csv:\na,b' },
      { text: '[An attachment that cannot be shown to this model: all.zip, application/zip]' },
      { fileData: { mimeType: 'video/mp4', fileUri: 'https://videos.example/1' } },
    ])
  })

  it('shows what another model drew, and tells of its other files by name', async () => {
    const { contents } = await sent({
      messages: [
        say('q'),
        answer([image, file('application/zip', 'zip', 'all.zip')], { kind: 'done' }, 'openai-chat'),
        say('and?'),
      ],
    })
    assert.deepEqual(contents[1]?.parts, [{ inlineData }, { text: '[File: all.zip]' }])
  })

  it('declares tools by their JSON schema, and how they may be chosen', async () => {
    const inputSchema = { type: 'object', properties: { at: { type: 'string' } }, additionalProperties: false }
    const tools = [{ name: 'look', description: 'Looks.', inputSchema }]
    const body = await sent({ tools })
    const declared = { name: 'look', description: 'Looks.', parametersJsonSchema: inputSchema }
    assert.deepEqual(body.tools, [{ functionDeclarations: [declared] }])
    assert.equal(body.toolConfig, undefined)
    const choices = [
      ['auto', { mode: 'AUTO' }],
      ['none', { mode: 'NONE' }],
      ['required', { mode: 'ANY' }],
      [{ name: 'look' }, { mode: 'ANY', allowedFunctionNames: ['look'] }],
    ] as const
    for (const [toolChoice, functionCallingConfig] of choices)
      assert.deepEqual((await sent({ tools, toolChoice })).toolConfig, { functionCallingConfig })
    assert.equal((await sent({ toolChoice: 'auto' })).toolConfig, undefined, 'no choice without tools')
  })

  it('answers calls in their order, by name, and by id only where Google gave one', async () => {
    const { contents } = await sent({
      messages: [
        say('q'),
        answer([made('a'), call('b'), call('c')]),
        {
          role: 'tool',
          content: [result('b', [{ type: 'text', text: 'no' }], true), result('a', []), result('c', [])],
        },
        say('and?'),
      ],
    })
    assert.deepEqual(contents[1]?.parts, [
      { functionCall: { name: 'tool_a', args: {} }, thoughtSignature: 'c2ln' },
      { functionCall: { id: 'b', name: 'tool_b', args: {} } },
      { functionCall: { id: 'c', name: 'tool_c', args: {} } },
    ])
    assert.deepEqual(contents[2], {
      role: 'user',
      parts: [
        { functionResponse: { name: 'tool_a', response: { output: '' } } },
        { functionResponse: { id: 'b', name: 'tool_b', response: { error: 'no' } } },
        { functionResponse: { id: 'c', name: 'tool_c', response: { output: '' } } },
        { text: 'and?' },
      ],
    })
  })

  it('gives the pictures of a result inside it where the model takes them, and after it where not', async () => {
    const video: File = { type: 'file', media: { mediaType: 'video/mp4', url: 'https://videos.example/1' } }
    const fileData = { mimeType: 'video/mp4', fileUri: 'https://videos.example/1' }
    const messages: Message[] = [
      say('q'),
      answer([made('a')]),
      { role: 'tool', content: [result('a', [{ type: 'text', text: 'done' }, image, video])] },
    ]
    const response = { output: 'done' }
    const third = await sent({ model: 'gemini-3-flash-preview', messages })
    assert.deepEqual(third.contents[2]?.parts, [
      { functionResponse: { name: 'tool_a', response, parts: [{ inlineData }] } },
      { text: 'Files from the result of tool_a:' },
      { fileData },
    ])
    const second = await sent({ model: 'gemini-2.5-pro', messages })
    assert.deepEqual(second.contents[2]?.parts, [
      { functionResponse: { name: 'tool_a', response } },
      { text: 'Files from the result of tool_a:' },
      { inlineData },
      { fileData },
    ])
  })

  it('stands in for the signature of the first call of a step where Gemini 3 wants one, and nowhere else', async () => {
    const tool = (id: string): Message => ({ role: 'tool', content: [result(id, [])] })
    const messages: Message[] = [
      say('q'),
      answer([call('a'), call('b')], { kind: 'tools' }, 'anthropic'),
      { role: 'tool', content: [result('a', []), result('b', [])] },
      answer([made('c'), call('d')], { kind: 'tools' }),
      { role: 'tool', content: [result('c', []), result('d', [])] },
      answer([{ type: 'text', text: 'first' }, call('e')], { kind: 'tools' }, 'openai-chat'),
      tool('e'),
    ]
    const signatures = async (model: string) =>
      (await sent({ model, messages })).contents
        .filter(({ role }) => role === 'model')
        .map(({ parts }) => parts.map(({ thoughtSignature }) => thoughtSignature))
    const standIn = 'skip_thought_signature_validator'
    for (const model of ['gemini-3.1-pro-preview', 'gemini-4', 'tunedModels/gemini-3-x']) {
      assert.deepEqual(await signatures(model), [
        [standIn, undefined],
        ['c2ln', undefined],
        [undefined, standIn],
      ])
    }
    for (const model of ['gemini-2.5-pro', 'other'])
      assert.deepEqual((await signatures(model)).flat(), [
        undefined,
        undefined,
        'c2ln',
        undefined,
        undefined,
        undefined,
      ])
  })

  it('leaves out what a broken answer left half done, and thoughts that led to nothing', async () => {
    const code = call('x', { name: 'code_execution', ranBy: 'provider' })
    const broken = answer([{ type: 'text', text: 'so' }, code, { type: 'other', kind: 'new' }], { kind: 'aborted' })
    const { contents } = await sent({ messages: [say('q'), broken, say('go on')] })
    assert.deepEqual(contents[1]?.parts, [{ text: 'so' }])
    const thought = answer([{ type: 'thinking', text: 'hm' }], { kind: 'aborted' })
    const alone = await sent({ messages: [say('q'), thought, say('go on')] })
    assert.deepEqual(alone.contents, [{ role: 'user', parts: [{ text: 'q' }, { text: 'go on' }] }])
  })

  it('asks for thinking in the way the model takes it', async () => {
    const cases: [string, ChatRequest['thinking'], JsonObject | undefined][] = [
      ['gemini-2.5-flash', 'low', { thinkingBudget: 2048, includeThoughts: true }],
      ['gemini-2.5-flash', 'high', { thinkingBudget: 24_576, includeThoughts: true }],
      ['gemini-2.5-flash-lite', 'off', { thinkingBudget: 0 }],
      ['gemini-2.5-pro', 'off', { thinkingBudget: 128 }],
      ['gemini-flash-latest', 'medium', { thinkingBudget: 8192, includeThoughts: true }],
      ['gemini-3-flash-preview', 'medium', { thinkingLevel: 'MEDIUM', includeThoughts: true }],
      ['gemini-3-flash-preview', 'off', { thinkingLevel: 'MINIMAL' }],
      ['gemini-3-pro-preview', 'medium', { thinkingLevel: 'HIGH', includeThoughts: true }],
      ['gemini-3.1-pro-preview', 'medium', { thinkingLevel: 'MEDIUM', includeThoughts: true }],
      ['gemini-3.1-pro-preview', 'off', { thinkingLevel: 'LOW' }],
      ['gemini-10-ultra', 'low', { thinkingLevel: 'LOW', includeThoughts: true }],
      ['gemini-2.5-flash', undefined, undefined],
      ['gemini-2.5-flash-image', 'high', undefined],
      ['gemini-2.0-flash', 'high', undefined],
      ['gemma-3-27b-it', 'off', undefined],
    ]
    for (const [model, thinking, expected] of cases) {
      const { generationConfig } = await sent({ model, ...(thinking && { thinking }) })
      assert.deepEqual(generationConfig?.thinkingConfig, expected, `${model} ${thinking}`)
    }
  })

  it('leaves room for the answer beside the thoughts', async () => {
    const ask = { model: 'gemini-2.5-flash', thinking: 'high' } as const
    const some = await sent({ ...ask, maxOutputTokens: 4000, temperature: 0 })
    assert.deepEqual(some.generationConfig, {
      maxOutputTokens: 4000,
      temperature: 0,
      thinkingConfig: { thinkingBudget: 2976, includeThoughts: true },
    })
    const none = await sent({ ...ask, maxOutputTokens: 1500 })
    assert.deepEqual(none.generationConfig?.thinkingConfig, { thinkingBudget: 0 })
  })
})

describe("Google's list of models", () => {
  const { signal } = new AbortController()
  const listed = (id: string, more: object = {}) => ({
    name: `models/${id}`,
    displayName: `Name of ${id}`,
    inputTokenLimit: 1000,
    outputTokenLimit: 500,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    ...more,
  })
  const provide = (origin: string) => createProvider('google', { apiKey: 'k', baseUrl: origin })

  it('is read to its last page, with limits and abilities, without what cannot chat', async () => {
    await using server = await startScriptedServer((script) => {
      const second = script.request.url.includes('pageToken=two')
      const models = second
        ? [listed('gemma-x', { displayName: '' }), listed('gemini-x-tts'), listed('', { name: undefined })]
        : [
            listed('gemini-x', { thinking: true }),
            listed('gemini-x-image'),
            listed('embedding-1', { supportedGenerationMethods: ['embedContent'] }),
          ]
      script.json(200, { models, ...(second ? {} : { nextPageToken: 'two' }) })
    })
    const models = await provide(server.origin).listModels(signal)
    const limits = { provider: 'google', contextWindow: 1000, maxOutputTokens: 500, source: 'provider' }
    assert.deepEqual(models, [
      { ...limits, id: 'gemini-x', name: 'Name of gemini-x', tools: true, images: true, pdfs: true, thinking: true },
      { ...limits, id: 'gemini-x-image', name: 'Name of gemini-x-image', tools: false, images: true },
      { ...limits, id: 'gemma-x', name: 'gemma-x' },
    ])
    assert.match(server.requests[0]?.url ?? '', /^\/v1beta\/models\?.*pageSize=1000/)
  })

  it('gives models that Google sells their price', async () => {
    await using server = await startScriptedServer((script) =>
      script.json(200, { models: [listed('gemini-2.5-flash')] }),
    )
    const own = 'https://generativelanguage.googleapis.com'
    const elsewhere: typeof fetch = (input, init) =>
      fetch(String(input instanceof Request ? input.url : input).replace(own, server.origin), init)
    const google = createProvider('google', { apiKey: 'k', fetch: elsewhere })
    const [model] = await google.listModels(signal)
    assert.ok(model?.price?.input && model.price.output)
    assert.deepEqual([model.contextWindow, model.source], [1000, 'provider'])
    const [sameName] = await provide(server.origin).listModels(signal)
    assert.equal(sameName?.price, undefined, 'a list price at an address that is not of Google')
  })

  it('teaches every later request whether a model thinks', async () => {
    await using server = await startScriptedServer(async (script) => {
      if (script.request.method === 'GET') {
        const models = [listed('robot', { thinking: true }), listed('gemini-2.5-x', { thinking: false })]
        return script.json(200, { models })
      }
      script.sse()
      await script.send(answerOf([{ text: 'x' }]))
      script.end()
    })
    await provide(server.origin).listModels(signal)
    for (const model of ['robot', 'gemini-2.5-x'])
      await gather(provide(server.origin).stream({ model, messages: [say('x')], thinking: 'low' }, signal))
    const [, first, second] = server.requests.map(({ body }) => (body ? (JSON.parse(body) as Body) : undefined))
    assert.ok(first?.generationConfig?.thinkingConfig)
    assert.equal(second?.generationConfig, undefined)
  })

  it('stands beside a count of tokens that counts the system prompt and the tools', async () => {
    await using server = await startScriptedServer((script) => script.json(200, { totalTokens: 4711 }))
    const tools = [{ name: 'look', description: 'Looks.', inputSchema: { type: 'object' } }]
    const request: ChatRequest = { model: 'm', messages: [say('x')], system: 'Be brief.', tools, maxOutputTokens: 9 }
    assert.equal(await provide(server.origin).countTokens?.(request, signal), 4711)
    assert.equal(server.requests[0]?.url, '/v1beta/models/m:countTokens')
    const { generateContentRequest } = server.requests[0].json() as { generateContentRequest: Body }
    assert.equal(generateContentRequest.model, 'models/m')
    assert.ok(generateContentRequest.systemInstruction && generateContentRequest.tools)
    assert.equal(generateContentRequest.generationConfig, undefined)
  })
})
