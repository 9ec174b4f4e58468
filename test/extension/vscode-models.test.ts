import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import type { VscodeModels } from '../../src/host/vscode-models/index.ts'
import { vscodeModels } from '../../src/host/vscode-models/index.ts'
import type { ChatRequest } from '../../src/llm/types.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Json } from '../../src/shared/json.ts'
import type { Message, Part, StreamEvent } from '../../src/shared/message.ts'
import type { Gathered } from '../harness/contract.ts'
import { gather } from '../harness/contract.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { until } from './window.ts'

type SeenPart = { type: string; text?: string; id?: string; parts?: SeenPart[]; mimeType?: string; base64?: string }
type Seen = {
  model: string
  messages: { role: string; parts: SeenPart[] }[]
  tools: { name: string }[]
  toolMode: number
  cancelled: boolean
}

// The commands of the fake vendor: see test/harness/helper/models.mjs.
const offerModels = (...models: Json[]) => vscode.commands.executeCommand('panelist-tests.models', models)
const answerWith = (script?: Json) => vscode.commands.executeCommand('panelist-tests.answer', script)
const requests = async () => vscode.commands.executeCommand<Seen[]>('panelist-tests.requests')

const idle = new AbortController().signal
const user = (...content: Part[]): Message => ({ role: 'user', content })
const hi = user({ type: 'text', text: 'Hi there' })
/** One transparent pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

describe('VS Code’s own models', () => {
  let models: VscodeModels
  const ask = (
    request: Partial<ChatRequest> = {},
    signal = idle,
    onEvent?: (event: StreamEvent) => void,
  ): Promise<Gathered> =>
    gather(models.create().stream({ model: 'fake-vendor/one', messages: [hi], ...request }, signal), onEvent)

  beforeEach(async () => {
    models = vscodeModels()
    await vscode.extensions.getExtension('panelist-tests.helper')?.activate()
    await offerModels({ id: 'one', name: 'The One' }, { id: 'blind', tools: false, images: false, maxInputTokens: 100 })
    await answerWith()
  })
  afterEach(async () => {
    await offerModels()
    models.dispose()
  })

  it('are listed with what VS Code tells of them', async () => {
    assert.equal(await models.available(), true)
    const listed = (await models.create().listModels(idle)).filter(({ id }) => id.startsWith('fake-vendor/'))
    assert.deepEqual(
      listed.map(({ id, name, contextWindow, tools, images }) => ({ id, name, contextWindow, tools, images })),
      [
        { id: 'fake-vendor/one', name: 'The One', contextWindow: 8000, tools: true, images: true },
        { id: 'fake-vendor/blind', name: 'blind', contextWindow: 100, tools: false, images: false },
      ],
    )
  })

  it('answer in text, with an estimated usage and no cost', async () => {
    const { message, stop } = await ask({ system: 'Repeat.' })
    assert.deepEqual(message.content, [{ type: 'text', text: 'Hi there' }])
    assert.deepEqual(message.origin, { provider: 'vscode', dialect: 'vscode', model: 'fake-vendor/one' })
    assert.equal(stop.kind, 'done')
    assert.ok(message.usage.estimated && message.usage.input > 0 && message.usage.output > 0)
    assert.equal(message.usage.cost, undefined)
    const [seen] = await requests()
    assert.deepEqual(seen?.messages, [
      { role: 'user', parts: [{ type: 'text', text: 'Repeat.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Hi there' }] },
    ])
  })

  it('stream: words come while the model still writes, and Stop reaches it', async () => {
    await answerWith([{ text: 'Only ' }, { text: 'this' }, { hang: true }])
    const abort = new AbortController()
    let heard = ''
    const { message, stop } = await ask({}, abort.signal, (event) => {
      if (event.type === 'block-delta') heard += event.text
      if (heard === 'Only this') abort.abort()
    })
    assert.equal(stop.kind, 'aborted')
    assert.deepEqual(message.content, [{ type: 'text', text: 'Only this' }])
    await until(async () => (await requests())[0]?.cancelled === true)
  })

  it('call two tools at once and take both results', async () => {
    const tools = [{ name: 'read', description: 'Reads a file.', inputSchema: { type: 'object' } }]
    const call = (id: string, path: string): Json => ({ call: { id, name: 'read', input: { path } } })
    await answerWith([{ text: 'Both.' }, call('a', 'a.ts'), call('b', 'b.ts')])
    const { message, stop } = await ask({ tools, toolChoice: 'required' })
    assert.equal(stop.kind, 'tools')
    const shared = { type: 'tool-call', name: 'read', ranBy: 'host' }
    assert.deepEqual(message.content, [
      { type: 'text', text: 'Both.' },
      { ...shared, id: 'a', json: '{"path":"a.ts"}', input: { path: 'a.ts' } },
      { ...shared, id: 'b', json: '{"path":"b.ts"}', input: { path: 'b.ts' } },
    ])
    const result = (callId: string) => ({
      type: 'tool-result' as const,
      callId,
      name: 'read',
      ranBy: 'host' as const,
      output: [{ type: 'text' as const, text: `of ${callId}` }],
    })
    await answerWith([{ text: 'Read.' }])
    const more = await ask({ tools, messages: [hi, message, { role: 'tool', content: [result('a'), result('b')] }] })
    assert.equal(more.stop.kind, 'done')
    const [first, second] = await requests()
    assert.deepEqual([first?.toolMode, first?.tools.map(({ name }) => name)], [2, ['read']])
    assert.equal(second?.toolMode, 1)
    assert.deepEqual(second.messages.slice(1), [
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'Both.' },
          { type: 'call', id: 'a', name: 'read', input: { path: 'a.ts' } },
          { type: 'call', id: 'b', name: 'read', input: { path: 'b.ts' } },
        ],
      },
      {
        role: 'user',
        parts: ['a', 'b'].map((id) => ({ type: 'result', id, parts: [{ type: 'text', text: `of ${id}` }] })),
      },
    ])
  })

  it('see images', async () => {
    const image: Part = { type: 'file', media: { mediaType: 'image/png', data: png } }
    await ask({ messages: [user({ type: 'text', text: 'What is it?' }, image)] })
    const [seen] = await requests()
    const [text, part] = seen?.messages[0]?.parts ?? []
    assert.equal(text?.text, 'What is it?')
    assert.deepEqual([part?.type, part?.mimeType], ['data', 'image/png'])
    assert.equal(part?.base64, png)
  })

  it('are told in words of an image that they cannot see', async () => {
    const image: Part = { type: 'file', name: 'a.png', media: { mediaType: 'image/png', data: png } }
    await ask({ model: 'fake-vendor/blind', messages: [user(image)] })
    assert.match(JSON.stringify((await requests())[0]?.messages), /a\.png of type image\/png could not be sent/)
  })

  it('show what they think, and get back what they marked', async () => {
    const marker = Buffer.from('response 7').toString('base64')
    await answerWith([
      { thinking: 'Hmm.' },
      { text: 'Yes.' },
      { data: { mimeType: 'stateful_marker', base64: marker } },
      { data: { mimeType: 'image/png', base64: png } },
    ])
    const { message } = await ask()
    assert.deepEqual(message.content, [
      { type: 'thinking', text: 'Hmm.' },
      { type: 'text', text: 'Yes.' },
      { type: 'other', kind: 'stateful_marker', wire: { data: marker } },
      { type: 'file', media: { mediaType: 'image/png', data: png } },
    ])
    await ask({ messages: [hi, message, hi] })
    const seen = (await requests())[1]
    assert.deepEqual(seen?.messages[1]?.parts, [
      { type: 'text', text: 'Yes.' },
      { type: 'data', mimeType: 'stateful_marker', base64: marker },
      { type: 'data', mimeType: 'image/png', base64: png },
    ])
  })

  it('tell their usage where their extension counts', async () => {
    const counted = JSON.stringify({ prompt_tokens: 30, completion_tokens: 5 })
    const data = { mimeType: 'usage', base64: Buffer.from(counted).toString('base64') }
    await answerWith([{ text: 'Yes.' }, { data }])
    const { message } = await ask()
    const { input, output, estimated } = message.usage
    assert.deepEqual({ input, output, estimated }, { input: 30, output: 5, estimated: undefined })
    assert.deepEqual(message.content, [{ type: 'text', text: 'Yes.' }])
  })

  it('count tokens', async () => {
    const messages = [user({ type: 'text', text: 'a'.repeat(80) })]
    assert.equal(await models.create().countTokens?.({ model: 'fake-vendor/one', messages }, idle), 20)
  })

  for (const [name, error, code] of [
    ['consent is refused', { code: 'NoPermissions', message: 'No.' }, 'permission'],
    ['they are blocked', { code: 'Blocked', message: 'Enough.' }, 'quota'],
    ['they are gone', { code: 'NotFound', message: 'Who?' }, 'not-found'],
    ['their network fails', { message: 'fetch failed' }, 'network'],
    ['anything else breaks', { message: 'The gears broke.' }, 'unknown'],
  ] as const) {
    it(`fail with what to do where ${name}, and keep what had come`, async () => {
      // VS Code gathers parts, and drops what it holds when an error follows.
      await answerWith([{ text: 'So far' }, { hold: true }, { error }])
      const { message, stop } = await ask({}, idle, ({ type }) => {
        if (type === 'block-delta') void vscode.commands.executeCommand('panelist-tests.goOn')
      })
      assert.ok(stop.kind === 'failed', stop.kind)
      assert.equal(stop.failure.code, code)
      assert.match(stop.failure.detail ?? '', new RegExp(error.message.replace(/\W/g, '.')))
      assert.deepEqual(message.content, [{ type: 'text', text: 'So far' }])
    })
  }

  it('may go away: VS Code tells, and a request says so', async () => {
    await models.create().listModels(idle)
    let told = 0
    const watching = models.onDidChange(() => told++)
    await offerModels({ id: 'blind' })
    await until(() => told > 0)
    watching.dispose()
    const listed = (await models.create().listModels(idle)).filter(({ id }) => id.startsWith('fake-vendor/'))
    assert.deepEqual(
      listed.map(({ id }) => id),
      ['fake-vendor/blind'],
    )
    const { stop } = await ask()
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'not-found')
    const counting = models.create().countTokens?.({ model: 'fake-vendor/one', messages: [hi] }, idle)
    await assert.rejects(counting ?? Promise.resolve(), FailureError)
  })

  it('change once only by being listed: listing after a change tells of no other', async () => {
    await models.create().listModels(idle)
    let told = 0
    const watching = models.onDidChange(() => {
      told++
      void models.create().listModels(idle)
    })
    // What was offered before may be told of late.
    for (let before = -1; before !== told; await pause(500)) before = told
    told = 0
    await offerModels({ id: 'two' })
    await until(() => told > 0)
    await pause(500)
    watching.dispose()
    assert.equal(told, 1)
  })

  it('can answer by a server of the test', async () => {
    const server = await startScriptedServer((script) => {
      const { messages } = script.request.json() as Seen
      script.json(200, [{ text: `${messages.length} message` }])
    })
    try {
      await answerWith({ url: server.origin })
      const { message } = await ask()
      assert.deepEqual(message.content, [{ type: 'text', text: '1 message' }])
    } finally {
      await server.close()
    }
  })
})
