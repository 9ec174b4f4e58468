import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ChatRequest, Connection } from '../../src/llm/index.ts'
import { createProvider, providers } from '../../src/llm/index.ts'
import { acceptedBy, refusalOf } from '../../src/shared/attachments.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { File, Message, ToolResult } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { askOnce, plays } from '../harness/one-answer.ts'
import { chatFrames } from '../harness/openai-arbitraries.ts'
import type { Handler } from '../harness/scripted-server.ts'

const PDF = 'application/pdf'
const bytes = (text: string): string => Buffer.from(text).toString('base64')
const file = (mediaType: string, data: string, name?: string): File => ({
  type: 'file',
  media: { mediaType, data },
  ...(name !== undefined && { name }),
})
const says = (...content: (File | string)[]): Message => ({
  role: 'user',
  content: content.map((each) => (typeof each === 'string' ? { type: 'text', text: each } : each)),
})

/** The body that goes out for these messages. Nothing is sent. */
async function bodyFor(id: string, messages: Message[], more: Connection = {}): Promise<JsonObject> {
  let body = ''
  const provider = createProvider(id, {
    apiKey: 'key',
    baseUrl: 'http://127.0.0.1:9',
    ...more,
    fetch: async (input, init) => {
      body ||= input instanceof Request ? await input.text() : String(init?.body)
      return Response.json({ error: { message: 'Enough.' } }, { status: 500 })
    },
  })
  const request: ChatRequest = { model: 'gemini-3-x', messages }
  await gather(provider.stream(request, new AbortController().signal))
  return JSON.parse(body) as JsonObject
}

/** Every part of a request, wherever it stands. */
function partsIn(value: unknown): JsonObject[] {
  if (typeof value !== 'object' || value === null) return []
  return [...(Array.isArray(value) ? [] : [value as JsonObject]), ...Object.values(value).flatMap(partsIn)]
}

describe('A PDF', () => {
  const data = bytes('%PDF-1.7 words')
  const url = `data:${PDF};base64,${data}`
  const forms: [string, Connection, (name: string) => JsonObject][] = [
    ['anthropic', {}, (title) => ({ type: 'document', source: { type: 'base64', media_type: PDF, data }, title })],
    ['openai', {}, (filename) => ({ type: 'input_file', filename, file_data: url })],
    ['google', {}, () => ({ inlineData: { mimeType: PDF, data } })],
    ['openrouter', {}, (filename) => ({ type: 'file', file: { filename, file_data: url } })],
    ['litellm', {}, (filename) => ({ type: 'file', file: { filename, file_data: url } })],
    ['compatible', {}, (filename) => ({ type: 'file', file: { filename, file_data: url } })],
    ['compatible', { dialect: 'openai-responses' }, (filename) => ({ type: 'input_file', filename, file_data: url })],
    [
      'compatible',
      { dialect: 'anthropic' },
      (title) => ({ type: 'document', source: { type: 'base64', media_type: PDF, data }, title }),
    ],
  ]
  const holds = (body: JsonObject, part: JsonObject) =>
    partsIn(body).some(({ cache_control: _mark, ...each }) => JSON.stringify(each) === JSON.stringify(part))

  for (const [id, connection, form] of forms) {
    it(`goes to ${id}${connection.dialect ? ` as ${connection.dialect}` : ''} as a document, from a person and from a tool`, async () => {
      const asked = says(file(PDF, data, 'paper.pdf'), 'What does it say?')
      assert.ok(holds(await bodyFor(id, [asked], connection), form('paper.pdf')))
      const origin = { provider: id, dialect: connection.dialect ?? 'x', model: 'm' }
      const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
      const call = { type: 'tool-call', id: 'abcDEF123', name: 'read', ranBy: 'host', json: '{}', input: {} } as const
      const output = [file(PDF, data, 'paper.pdf')]
      const result: ToolResult = { type: 'tool-result', callId: call.id, name: 'read', ranBy: 'host', output }
      const body = await bodyFor(
        id,
        [
          says('Read it.'),
          { role: 'assistant', content: [call], origin, stop: { kind: 'tools' }, usage },
          { role: 'tool', content: [result] },
        ],
        connection,
      )
      assert.ok(holds(body, form('paper.pdf')), JSON.stringify(body))
    })
  }

  it('without a name gets one with the right ending where the format demands a name', async () => {
    for (const id of ['openai', 'openrouter']) {
      const body = JSON.stringify(await bodyFor(id, [says(file(PDF, data))]))
      assert.ok(body.includes('"filename":"document.pdf"'), body)
    }
  })

  it('is told of in words where the format has no documents', async () => {
    const body = JSON.stringify(await bodyFor('ollama', [says(file(PDF, data, 'paper.pdf'), 'What does it say?')]))
    assert.ok(!body.includes(data))
    assert.match(body, /paper\.pdf of type application\/pdf could not be sent/)
  })
})

describe('What the limits of attachments promise', () => {
  it('is what the request holds: the bytes of every kind that is accepted', async () => {
    const types = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', PDF, 'text/plain', 'text/csv']
    const more = ['application/json', 'application/yaml', 'image/svg+xml', 'audio/wav', 'video/mp4', 'image/heic']
    const property = fc.asyncProperty(
      fc.constantFrom(...providers.map(({ id }) => id)),
      fc.constantFrom(...types, ...more),
      fc.stringMatching(/^[a-z]{12}$/),
      async (id, mediaType, text) => {
        if (refusalOf({ name: 'it', mediaType, size: 12 }, { provider: id }) !== undefined) return
        const body = JSON.stringify(await bodyFor(id, [says(file(mediaType, bytes(text), 'it'))]))
        assert.ok(body.includes(bytes(text)) || body.includes(text), `${mediaType} is in what goes to ${id}`)
      },
    )
    await fc.assert(property, { numRuns: 200 })
    for (const { id } of providers) assert.ok(acceptedBy({ provider: id }).includes('image/png'), id)
  })
})

describe('A model that cannot see', () => {
  const picture = file('image/png', bytes('picture'), 'a.png')
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  const stop = { kind: 'done' } as const
  const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'm' }
  const answer: Message = { role: 'assistant', content: [{ type: 'text', text: 'A cat.' }], origin, stop, usage }
  const ok = plays(chatFrames([{ content: 'Yes.' }], 'stop'))
  const refusals: [number, string][] = [
    [404, 'No endpoints found that support image input'],
    [400, 'm is not a multimodal model'],
    [500, 'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj'],
    [400, 'Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`'],
    [400, "'messages.0.content' must be a string"],
    [400, 'Invalid content type. image_url is only supported by certain models.'],
  ]
  const refuses =
    ([status, message]: [number, string]): Handler =>
    (script) =>
      JSON.stringify(script.request.json()).includes('image_url')
        ? script.json(status, { error: { message, code: status } })
        : ok(script)

  for (const [at, refusal] of refusals.entries()) {
    it(`goes on with a conversation that holds a picture from before: ${refusal[1].slice(0, 60)}`, async () => {
      const messages = [says(picture, 'What is it?'), answer, says('And its colour?')]
      const { bodies, stop: end } = await askOnce(
        'openrouter',
        [refuses(refusal)],
        { model: `blind-${at}`, messages },
        2,
      )
      assert.equal(end.kind, 'done')
      assert.equal(bodies.length, 3, 'the second conversation already knows')
      const [first] = bodies.at(-1)?.messages as JsonObject[]
      assert.match(String(first?.content), /An image or a file was shown here.*\n\nWhat is it\?/s)
    })

    it(`refuses what was attached just now in a sentence that says what to do: ${refusal[1].slice(0, 50)}`, async () => {
      const messages = [says(picture, 'What is it?'), answer, says(picture, 'And this?')]
      const { stop: end } = await askOnce('openrouter', [refuses(refusal)], { model: `blinder-${at}`, messages })
      assert.ok(end.kind === 'failed' && end.failure.code === 'invalid-request', JSON.stringify(end))
      assert.match(end.failure.message, /cannot read an image or file.*Choose a model that can, or .*remove/)
    })
  }
})
