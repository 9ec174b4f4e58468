import assert from 'node:assert/strict'
import fc from 'fast-check'
import { offer } from '../../../src/host/vscode-models/offer.ts'
import type { ChatRequest } from '../../../src/llm/types.ts'
import type { Message, Part } from '../../../src/shared/message.ts'
import { noUsage } from '../../../src/shared/message.ts'
import { gather } from '../../harness/contract.ts'
import { histories } from '../../harness/histories.ts'
import { CallPart, DataPart, FakeModel, FakeWindow, ResultPart, TextPart, isUser, saying } from './fake-api.ts'
import type { Request } from './fake-api.ts'

const idle = new AbortController().signal
const ask: Message = { role: 'user', content: [{ type: 'text', text: 'Hi' }] }
const pixel = Buffer.from('a picture').toString('base64')
const picture: Part = { type: 'file', media: { mediaType: 'image/png', data: pixel } }

/** What a model of the vendor `acme` is sent. */
async function sent(request: Partial<ChatRequest>, model = new FakeModel('acme', 'one')): Promise<Request> {
  const window = new FakeWindow(model)
  await gather(
    offer(window.api)
      .create()
      .stream({ model: 'acme/one', messages: [ask], ...request }, idle),
  )
  const [first] = model.requests
  assert.ok(first, 'a request went out')
  return first
}

function assertFilled(text: unknown): void {
  assert.ok(
    text instanceof TextPart && text.value.trim() !== '' && text.value.isWellFormed(),
    'words in whole characters',
  )
}

function assertImage(part: unknown): void {
  assert.ok(
    part instanceof DataPart && part.data.length > 0 && /^image\/\w+$/.test(part.mimeType),
    'an image with bytes',
  )
}

/** What the API asks of messages, as far as a history can break it. */
function assertLegal({ messages }: Request): void {
  assert.ok(messages[0] && isUser(messages[0]), 'the first message is the user’s')
  let asked: string[] = []
  for (const message of messages) {
    assert.ok(message.content.length > 0, 'no message is empty')
    const results = message.content.filter((part) => part instanceof ResultPart)
    assert.deepEqual(
      results.map(({ callId }) => callId).sort(),
      asked.sort(),
      'each call has its result right after it',
    )
    asked = []
    for (const part of message.content) {
      if (part instanceof TextPart) assertFilled(part)
      else if (part instanceof ResultPart) {
        assert.ok(isUser(message) && part.content.length > 0, 'results are of the user, and say something')
        for (const inner of part.content) (inner instanceof TextPart ? assertFilled : assertImage)(inner)
      } else if (part instanceof CallPart) {
        assert.ok(!isUser(message), 'calls are of the assistant')
        assert.ok(typeof part.input === 'object' && part.input !== null && !Array.isArray(part.input))
        asked.push(part.callId)
      } else assertImage(part)
    }
    assert.equal(new Set(asked).size, asked.length, 'no two calls of an answer share an id')
  }
  assert.deepEqual(asked, [], 'the last calls have results too')
}

describe('A conversation that goes on with a model of VS Code', function () {
  this.timeout(60_000)

  it('is a legal list of messages, whoever answered before', async () => {
    const reader = { provider: 'vscode', dialect: 'vscode' }
    // Another vendor's model in VS Code may have left anything behind, so it is drawn as a stranger and renamed.
    const rival = { provider: 'vscode', dialect: 'rival' }
    const others = [
      { provider: 'anthropic', dialect: 'anthropic' },
      { provider: 'openai', dialect: 'openai-responses' },
      { provider: 'google', dialect: 'google' },
    ]
    const renamed = (message: Message): Message => {
      if (message.role !== 'assistant' || message.origin.provider !== 'vscode') return message
      const model = message.origin.dialect === 'rival' ? 'rival/one' : 'acme/two'
      return { ...message, origin: { ...reader, model } }
    }
    const property = fc.asyncProperty(histories(reader, [reader, rival, ...others]), async (drawn) => {
      const history = drawn.map(renamed)
      const before = JSON.stringify(history)
      const request = await sent({ messages: history })
      assert.equal(JSON.stringify(history), before, 'the history itself is not changed')
      assertLegal(request)
      assert.ok(!JSON.stringify(request.messages).includes('SEALED-BY'), 'nothing that another sealed goes out')
      assert.ok(JSON.stringify(request.messages).includes('And now?'), 'the last words go out')
    })
    await fc.assert(property, { numRuns: 400 })
  })

  it('gives the same vendor back exactly what it sent, but for thinking', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 9 }).map((said) => new TextPart(`${said}.`))
    const call = fc
      .tuple(
        fc.uuid(),
        fc.constantFrom('read', 'search'),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.jsonValue()),
      )
      .map(([id, name, input]) => new CallPart(id, name, JSON.parse(JSON.stringify(input)) as object))
    const data = fc
      .tuple(
        fc.uint8Array({ minLength: 1, maxLength: 9 }),
        fc.constantFrom('image/png', 'stateful_marker', 'text/plain'),
      )
      .map(([bytes, type]) => new DataPart(bytes, type))
    const property = fc.asyncProperty(fc.array(fc.oneof(text, call, data), { minLength: 1 }), async (parts) => {
      const model = new FakeModel('acme', 'one', { reply: () => saying(parts) })
      const provider = offer(new FakeWindow(model).api).create()
      const { message } = await gather(provider.stream({ model: 'acme/one', messages: [ask] }, idle))
      await gather(provider.stream({ model: 'acme/one', messages: [ask, message, ask] }, idle))
      assert.deepEqual(model.requests[1]?.messages[1]?.content, joined(parts))
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it('gives back no blank text, and arguments that are an object', async () => {
    const odd = new CallPart('a', 'read', ['a.ts'])
    const model = new FakeModel('acme', 'one', { reply: () => saying([new TextPart('\n\n'), odd]) })
    const provider = offer(new FakeWindow(model).api).create()
    const { message } = await gather(provider.stream({ model: 'acme/one', messages: [ask] }, idle))
    await gather(provider.stream({ model: 'acme/one', messages: [ask, message, ask] }, idle))
    assert.deepEqual(model.requests[1]?.messages[1]?.content, [new CallPart('a', 'read', { input: ['a.ts'] })])
  })

  it('keeps from one vendor what another sealed', async () => {
    const wire = { data: pixel }
    const origin = { provider: 'vscode', dialect: 'vscode', model: 'rival/one' }
    const content = [
      { type: 'other' as const, kind: 'stateful_marker', wire },
      { type: 'text' as const, text: 'Hello' },
    ]
    const answer: Message = { role: 'assistant', content, origin, stop: { kind: 'done' }, usage: noUsage() }
    const { messages } = await sent({ messages: [ask, answer, ask] })
    assert.deepEqual(messages[1]?.content, [new TextPart('Hello')])
  })
})

describe('A request to a model of VS Code', () => {
  it('begins with the system prompt as a message of the user’s, for want of a role of its own', async () => {
    const { messages } = await sent({ system: 'Be brief.' })
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content]),
      [
        [1, [new TextPart('Be brief.')]],
        [1, [new TextPart('Hi')]],
      ],
    )
  })

  it('carries images as data where the model sees, in messages and in the results of tools', async () => {
    const call = { type: 'tool-call' as const, id: 'c1', name: 'look', ranBy: 'host' as const, json: '{}', input: {} }
    const origin = { provider: 'vscode', dialect: 'vscode', model: 'acme/one' }
    const messages: Message[] = [
      { role: 'user', content: [picture] },
      { role: 'assistant', content: [call], origin, stop: { kind: 'tools' }, usage: noUsage() },
      {
        role: 'tool',
        content: [{ type: 'tool-result', callId: 'c1', name: 'look', ranBy: 'host', output: [picture] }],
      },
    ]
    const image = new DataPart(Uint8Array.from(Buffer.from('a picture')), 'image/png')
    const seen = await sent({ messages })
    assert.deepEqual(seen.messages[0]?.content, [image])
    assert.deepEqual(seen.messages[2]?.content, [new ResultPart('c1', [image])])
    const blind = new FakeModel('acme', 'one', { capabilities: { supportsImageToText: false } })
    const unseen = await sent({ messages }, blind)
    assert.match((unseen.messages[0]?.content[0] as TextPart).value, /image\/png could not be sent/)
    assert.match(JSON.stringify(unseen.messages[2]?.content), /image\/png could not be sent/)
  })

  it('says what a file was that it cannot carry, and carries the words of a text file', async () => {
    const content: Part[] = [
      { type: 'file', name: 'a.pdf', media: { mediaType: 'application/pdf', data: pixel } },
      {
        type: 'file',
        name: 'a.txt',
        media: { mediaType: 'text/plain', data: Buffer.from('Words').toString('base64') },
      },
      { type: 'file', name: 'far.png', media: { mediaType: 'image/png', url: 'https://files.example/far.png' } },
    ]
    const { messages } = await sent({ messages: [{ role: 'user', content }] })
    assert.deepEqual(messages[0]?.content, [
      new TextPart('[a.pdf of type application/pdf could not be sent]'),
      new TextPart('a.txt:\nWords'),
      new TextPart('[far.png of type image/png could not be sent]'),
    ])
  })

  it('offers tools in the mode that was chosen', async () => {
    const tools = ['read', 'search'].map((name) => ({
      name,
      description: `To ${name}.`,
      inputSchema: { type: 'object' },
    }))
    const offered = async (toolChoice: NonNullable<ChatRequest['toolChoice']>) => {
      const { options } = await sent({ tools, toolChoice })
      return [options.toolMode, options.tools?.map(({ name }) => name)]
    }
    assert.deepEqual(await offered('auto'), [1, ['read', 'search']])
    assert.deepEqual(await offered('required'), [2, ['read', 'search']])
    assert.deepEqual(await offered({ name: 'search' }), [2, ['search']])
    assert.deepEqual(await offered('none'), [undefined, undefined])
    const { options } = await sent({ tools })
    assert.deepEqual(options.tools?.[0], { name: 'read', description: 'To read.', inputSchema: { type: 'object' } })
  })

  it('sends no option that means something else to each vendor', async () => {
    const { options } = await sent({ maxOutputTokens: 5, temperature: 1, thinking: 'high' })
    assert.deepEqual(Object.keys(options), ['justification'])
  })
})

/** Texts that stand together are one text to us. */
function joined(parts: readonly unknown[]): unknown[] {
  return parts.reduce<unknown[]>((all, part) => {
    const last = all.at(-1)
    if (part instanceof TextPart && last instanceof TextPart)
      return [...all.slice(0, -1), new TextPart(last.value + part.value)]
    return [...all, part]
  }, [])
}
