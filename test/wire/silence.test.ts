import assert from 'node:assert/strict'
import { createProvider } from '../../src/llm/index.ts'
import { gather } from '../harness/contract.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

type Dispatcher = { close(): Promise<void> }
type DispatcherClass = new (options: { headersTimeout: number; bodyTimeout: number }) => Dispatcher

/** The HTTP client behind Node's own fetch, with its limits on silence shortened from 300 s. */
function impatient(ms: number): { fetch: typeof fetch; close(): Promise<void> } {
  const key = Symbol.for('undici.globalDispatcher.1')
  const standard = (globalThis as unknown as Record<symbol, { constructor: DispatcherClass }>)[key]
  assert.ok(standard)
  const dispatcher = new standard.constructor({ headersTimeout: ms, bodyTimeout: ms })
  return {
    fetch: (input, init) => fetch(input, { ...init, dispatcher } as RequestInit),
    close: () => dispatcher.close(),
  }
}

describe('a server that sends not one byte until the network client gives up', function () {
  this.timeout(90_000)
  const word = frame({
    id: 'c',
    object: 'chat.completion.chunk',
    model: 'm',
    choices: [{ index: 0, delta: { content: 'word' }, finish_reason: null }],
  })

  for (const [when, begins] of [
    ['before its headers', false],
    ['in the middle of its answer', true],
  ] as const) {
    it(`is told as a timeout with its cause, ${when}`, async () => {
      await using server = await startScriptedServer(async (script) => {
        if (begins) {
          script.sse()
          await script.send(word)
        }
        await script.request.closed
      })
      const client = impatient(1_000)
      const provider = createProvider('compatible', { baseUrl: `${server.origin}/v1`, fetch: client.fetch })
      const request = {
        model: 'm',
        messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }],
      }
      const { message, stop } = await gather(provider.stream(request, new AbortController().signal))
      await client.close()
      assert.ok(stop.kind === 'failed')
      assert.equal(stop.failure.code, 'timeout')
      assert.match(stop.failure.message, /not one byte/)
      assert.match(stop.failure.detail ?? '', begins ? /BODY_TIMEOUT/ : /HEADERS_TIMEOUT/)
      assert.equal(message.content.length, begins ? 1 : 0)
    })
  }
})
