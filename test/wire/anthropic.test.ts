import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { createProvider } from '../../src/llm/index.ts'
import type { ChatRequest, Connection } from '../../src/llm/types.ts'
import type { FailureCode } from '../../src/shared/failure.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Stop, StreamEvent } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { selfSigned } from '../harness/certificate.ts'
import type { Gathered } from '../harness/contract.ts'
import { assertContract, gather } from '../harness/contract.ts'
import type { Handler, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { quickest, SteadyTime } from '../harness/steady.ts'
import { eventsOf, streamOf, usage } from '../llm/anthropic/provider-stream.ts'

const KEY = 'sk-ant-test-0123456789abcdef'
const request: ChatRequest = {
  model: 'claude-x',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
}
const start = { type: 'message_start', message: { type: 'message', model: 'claude-x', content: [], usage } }
const hello = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello wörld' } }

function provider(baseUrl: string, more: Connection = {}) {
  return createProvider('anthropic', { apiKey: KEY, baseUrl, ...more })
}

/** Asks a server that does this, and reads to the end. */
async function ask(handler: Handler, more: Partial<ChatRequest> = {}): Promise<Gathered & { server: ScriptedServer }> {
  await using server = await startScriptedServer(handler)
  const gathered = await gather(provider(server.origin).stream({ ...request, ...more }, new AbortController().signal))
  return { ...gathered, server }
}

function failureOf(stop: Stop) {
  assert.ok(stop.kind === 'failed', `expected a failure, got ${JSON.stringify(stop)}`)
  return stop.failure
}

/** Plays these events and does nothing more. */
const play =
  (...events: JsonObject[]): Handler =>
  async (script) => {
    script.sse({ 'request-id': 'req_1' })
    for (const event of events) await script.event(event, String(event.type))
  }

const answered =
  (content: JsonObject[], stop: JsonObject = {}): Handler =>
  async (script) => {
    script.sse()
    await script.send(streamOf(content, stop))
    script.end()
  }

describe('an Anthropic answer', () => {
  it('comes as text, thinking, calls and counts, under the model that answered', async () => {
    const { message, events } = await ask(
      answered(
        [
          { type: 'thinking', thinking: 'I wonder', signature: 'sig' },
          { type: 'redacted_thinking', data: 'xyz' },
          {
            type: 'text',
            text: 'Let me look',
            citations: [{ type: 'web_search_result_location', url: 'https://a.example/', title: 'A', cited_text: 'q' }],
          },
          { type: 'tool_use', id: 'call_1', name: 'look', input: { at: 'thé' } },
          { type: 'tool_use', id: 'call_2', name: 'now', input: {} },
        ],
        { stop_reason: 'tool_use' },
      ),
    )
    assert.deepEqual(message.origin, { provider: 'anthropic', dialect: 'anthropic', model: 'claude-x' })
    assert.deepEqual(message.stop, { kind: 'tools', raw: 'tool_use' })
    const { input, output, cacheRead, cacheWrite } = message.usage
    assert.deepEqual([input, output, cacheRead, cacheWrite], [10, 42, 5, 3])
    assert.deepEqual(
      message.content.map(({ wire: _, ...block }) => block),
      [
        { type: 'thinking', text: 'I wonder' },
        { type: 'thinking', text: '', redacted: true },
        { type: 'text', text: 'Let me look', citations: [{ url: 'https://a.example/', title: 'A', quote: 'q' }] },
        { type: 'tool-call', id: 'call_1', name: 'look', ranBy: 'host', json: '{"at":"thé"}', input: { at: 'thé' } },
        { type: 'tool-call', id: 'call_2', name: 'now', ranBy: 'host', json: '{}', input: {} },
      ],
    )
    assert.ok(events.filter(({ type }) => type === 'block-delta').length > 4, 'it came in pieces')
  })

  it('shows the work of the provider itself: the search, and what it found', async () => {
    const found = [{ type: 'web_search_result', url: 'https://a.example/', title: 'A', encrypted_content: 'opaque' }]
    const { message } = await ask(
      answered([
        { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'x' } },
        { type: 'web_search_tool_result', tool_use_id: 's1', content: found },
        { type: 'server_tool_use', id: 's2', name: 'web_search', input: { query: 'y' } },
        {
          type: 'web_search_tool_result',
          tool_use_id: 's2',
          content: { type: 'web_search_tool_result_error', error_code: 'unavailable' },
        },
      ]),
    )
    assert.deepEqual(
      message.content.map((block) =>
        block.type === 'tool-result' ? [block.name, block.failed, textOf(block.output)] : block.type,
      ),
      [
        'tool-call',
        ['web_search', undefined, 'A\nhttps://a.example/'],
        'tool-call',
        ['web_search', true, 'unavailable'],
      ],
    )
  })

  const stops: [string | null, JsonObject, Stop][] = [
    ['end_turn', {}, { kind: 'done', raw: 'end_turn' }],
    ['stop_sequence', {}, { kind: 'done', raw: 'stop_sequence' }],
    ['max_tokens', {}, { kind: 'limit', of: 'output', raw: 'max_tokens' }],
    ['model_context_window_exceeded', {}, { kind: 'limit', of: 'context', raw: 'model_context_window_exceeded' }],
    ['pause_turn', {}, { kind: 'paused', raw: 'pause_turn' }],
    ['tool_use', {}, { kind: 'tools', raw: 'tool_use' }],
    ['something_new', {}, { kind: 'done', raw: 'something_new' }],
    [
      'refusal',
      { stop_details: { type: 'refusal', category: 'cyber', explanation: 'Because.' } },
      { kind: 'refused', category: 'cyber', why: 'Because.', raw: 'refusal' },
    ],
  ]
  for (const [raw, details, expected] of stops) {
    it(`that stopped for ${raw} says ${expected.kind}, and keeps the provider's word`, async () => {
      const { stop } = await ask(answered([{ type: 'text', text: 'x' }], { stop_reason: raw, ...details }))
      assert.deepEqual(stop, expected)
    })
  }

  it('with arguments that are no JSON has a call that can never run, and is not sent back', async () => {
    const broken = eventsOf({ type: 'tool_use', id: 'c', name: 'n', input: 'x' }, 0, [100]).map((event) =>
      event.type === 'content_block_delta'
        ? { ...event, delta: { type: 'input_json_delta', partial_json: '{"a":' } }
        : event,
    )
    const end = [{ type: 'message_delta', delta: { stop_reason: 'max_tokens' } }, { type: 'message_stop' }]
    const { message } = await ask(play(start, ...broken, ...end))
    assert.deepEqual(
      message.content,
      [{ type: 'tool-call', id: 'c', name: 'n', ranBy: 'host', json: '{"a":', wire: { drop: ['input'] } }].map(
        ({ wire: _, ...block }) => block,
      ),
    )
    const { server } = await ask(answered([]), { messages: [...request.messages, message] })
    assert.equal((server.requests[0]?.json() as { messages: unknown[] }).messages.length, 1)
  })
})

describe('an Anthropic stream that breaks', () => {
  const kept = ({ message }: Gathered) => assert.equal(textOf(message.content), 'Hello wörld', 'what came is kept')

  it('by ending without its terminal event is truncated', async () => {
    const gathered = await ask(async (script) => {
      await play(start, hello, delta)(script)
      script.end()
    })
    const failure = failureOf(gathered.stop)
    assert.equal(failure.code, 'truncated')
    assert.equal(failure.requestId, 'req_1')
    kept(gathered)
  })

  it('by ending before its first event is truncated, too', async () => {
    const { stop } = await ask(async (script) => {
      script.sse()
      script.end()
    })
    assert.equal(failureOf(stop).code, 'truncated')
  })

  it('by garbage in the middle is malformed', async () => {
    const gathered = await ask(async (script) => {
      await play(start, hello, delta)(script)
      await script.event('{"type": "content_bl', 'content_block_delta')
      script.end()
    })
    assert.equal(failureOf(gathered.stop).code, 'malformed')
    kept(gathered)
  })

  it('by JSON that is no event is malformed', async () => {
    for (const nonsense of ['42', 'null', '[]', '{"type":"content_block_start"}']) {
      const { stop } = await ask(async (script) => {
        script.sse()
        await script.event(nonsense, 'content_block_start')
        script.end()
      })
      assert.equal(failureOf(stop).code, 'malformed', nonsense)
    }
  })

  it('by a 200 that is no stream at all is malformed, and says what came', async () => {
    const { stop } = await ask(async (script) => {
      script.head(200, { 'content-type': 'text/html' })
      await script.send('<html>Please sign in</html>')
      script.end()
    })
    const failure = failureOf(stop)
    assert.equal(failure.code, 'malformed')
    assert.match(failure.message, /base URL/)
    assert.match(failure.detail ?? '', /Please sign in/)
  })

  it('by a dropped socket is a network failure', async () => {
    const gathered = await ask(async (script) => {
      await play(start, hello, delta)(script)
      await script.pause(20)
      script.drop()
    })
    const failure = failureOf(gathered.stop)
    assert.equal(failure.code, 'network')
    assert.match(failure.message, /cut/)
    kept(gathered)
  })

  const frames: [string, FailureCode][] = [
    ['overloaded_error', 'overloaded'],
    ['rate_limit_error', 'rate-limit'],
    ['api_error', 'unavailable'],
    ['invalid_request_error', 'invalid-request'],
    ['timeout_error', 'timeout'],
  ]
  for (const [type, code] of frames) {
    it(`by an error frame of ${type} is ${code}`, async () => {
      const error = { type: 'error', error: { type, message: `Sorry: ${KEY}` } }
      const gathered = await ask(play(start, hello, delta, error))
      const failure = failureOf(gathered.stop)
      assert.equal(failure.code, code)
      assert.equal(failure.requestId, 'req_1')
      assert.equal(failure.detail, 'Sorry: [redacted]')
      kept(gathered)
    })
  }
})

describe('a request that Anthropic refuses', () => {
  const refusals: [number, string, string, FailureCode, RegExp][] = [
    [400, 'invalid_request_error', 'messages: at least one message is required', 'invalid-request', /another model/],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context-length', /too long/],
    [
      400,
      'invalid_request_error',
      'max_tokens: 99999 > 8192, which is the maximum allowed number of output tokens',
      'invalid-request',
      /invalid/,
    ],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.', 'quota', /credit/],
    [401, 'authentication_error', 'invalid x-api-key', 'auth', /set a new one/],
    [402, 'billing_error', 'pay', 'quota', /Top it up/],
    [403, 'permission_error', 'no', 'permission', /does not allow/],
    [404, 'not_found_error', 'model: claude-x', 'not-found', /"claude-x"/],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'context-length', /new chat/],
    [429, 'rate_limit_error', 'slow down', 'rate-limit', /in 7 seconds/],
    [500, 'api_error', 'Internal server error', 'unavailable', /HTTP 500/],
    [502, '', 'Bad gateway', 'unavailable', /HTTP 502/],
    [503, '', 'Service unavailable', 'unavailable', /HTTP 503/],
    [529, 'overloaded_error', 'Overloaded', 'overloaded', /overloaded/],
  ]
  for (const [status, type, words, code, says] of refusals) {
    it(`with ${status} and "${words}" is ${code}, in a sentence that says what to do`, async () => {
      const { stop, server } = await ask((script) => {
        const headers = { 'request-id': 'req_9', ...(status === 429 ? { 'retry-after': '7' } : {}) }
        script.json(status, { type: 'error', error: { type, message: words } }, headers)
      })
      const failure = failureOf(stop)
      assert.equal(failure.code, code)
      assert.equal(failure.status, status)
      assert.equal(failure.requestId, 'req_9')
      assert.equal(failure.detail, words)
      assert.equal(failure.retryAfterMs, status === 429 ? 7000 : undefined)
      assert.match(failure.message, says)
      assert.ok(!failure.message.includes(KEY))
      assert.equal(server.requests.length, 1, 'the SDK does not try again by itself')
    })
  }

  it('because no key is set says so without asking anyone', async () => {
    const reject = () => assert.fail('nothing is sent')
    const keyless = createProvider('anthropic', { fetch: reject })
    const { stop } = await gather(keyless.stream(request, new AbortController().signal))
    assert.equal(failureOf(stop).code, 'auth')
  })
})

describe('a server that cannot be reached', () => {
  const failureAt = async (baseUrl: string) => {
    const { stop } = await gather(provider(baseUrl).stream(request, new AbortController().signal))
    return failureOf(stop)
  }

  it('because nothing listens there is a network failure that says so', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as { port: number }
    await new Promise((resolve) => free.close(resolve))
    const failure = await failureAt(`http://127.0.0.1:${port}`)
    assert.equal(failure.code, 'network')
    assert.match(failure.message, /refused the connection/)
  })

  it('because its name does not exist is a network failure that says so', async () => {
    const failure = await failureAt('https://no-such-host.invalid')
    assert.equal(failure.code, 'network')
    assert.match(failure.message, /no-such-host\.invalid .* could not be found/)
  })

  it('because its certificate is not trusted is a network failure that says so', async () => {
    await using server = await startScriptedServer(answered([]), selfSigned)
    const failure = await failureAt(server.origin)
    assert.equal(failure.code, 'network')
    assert.match(failure.message, /certificate/)
    assert.equal(server.requests.length, 0)
  })

  it('because it redirects elsewhere fails, and the key never gets there', async () => {
    await using elsewhere = await startScriptedServer(answered([{ type: 'text', text: 'gotcha' }]))
    for (const status of [301, 302, 307, 308]) {
      const { stop } = await ask((script) => {
        script.head(status, { location: `${elsewhere.origin}/v1/messages` })
        script.end()
      })
      assert.match(failureOf(stop).message, /your key belongs to the first address only/)
    }
    assert.equal(elsewhere.requests.length, 0)
  })
})

describe('Stop', () => {
  /** Aborts when `when` says so; gives the stop and the time until the server saw the socket close. */
  async function stopped(handler: Handler, when: (event?: StreamEvent) => boolean, reason?: unknown) {
    const controller = new AbortController()
    let at = Number.NaN
    const abort = () => {
      at = performance.now()
      controller.abort(reason)
    }
    await using server = await startScriptedServer((script) => {
      if (when()) setTimeout(abort, 20)
      return handler(script)
    })
    using time = new SteadyTime()
    const gathered = await gather(provider(server.origin).stream(request, controller.signal), (event) => {
      if (Number.isNaN(at) && when(event)) abort()
    })
    const ended = time.between(at)
    const closed = await server.requests[0]?.closed
    assert.ok(closed?.aborted, 'the server sees an aborted request')
    return { ...gathered, closedAfter: time.between(at, closed.at), ended }
  }
  const silentAfter =
    (...events: JsonObject[]): Handler =>
    async (script) => {
      await play(...events)(script)
      await script.silence()
    }
  const onText = (event?: StreamEvent) => event?.type === 'block-delta'

  it('in mid-stream keeps what came, and the server sees the socket close within 50 ms', async () => {
    const took = await quickest(50, async () => {
      const { stop, message, closedAfter, ended } = await stopped(silentAfter(start, hello, delta), onText)
      assert.deepEqual(stop, { kind: 'aborted' })
      assert.equal(textOf(message.content), 'Hello wörld')
      return Math.max(closedAfter, ended)
    })
    assert.ok(took < 50, `closed and ended after ${took} ms`)
  })

  it('before any header closes the socket within 50 ms', async () => {
    const took = await quickest(50, async () => {
      const { stop, closedAfter } = await stopped(
        (script) => script.silence(),
        (event) => event === undefined,
      )
      assert.deepEqual(stop, { kind: 'aborted' })
      return closedAfter
    })
    assert.ok(took < 50, `closed after ${took} ms`)
  })

  it('by a timer ends with the failure that the timer gave', async () => {
    const failure = { code: 'timeout' as const, message: 'Nothing came for 90 seconds.' }
    const { stop } = await stopped(silentAfter(start, hello, delta), onText, new FailureError(failure))
    assert.deepEqual(stop, { kind: 'failed', failure })
  })

  it('before the request sends nothing', async () => {
    await using server = await startScriptedServer(answered([]))
    const { stop } = await gather(provider(server.origin).stream(request, AbortSignal.abort()))
    assert.deepEqual(stop, { kind: 'aborted' })
    assert.equal(server.requests.length, 0)
  })

  it('by leaving the loop closes the socket within 50 ms', async () => {
    const took = await quickest(50, async () => {
      await using server = await startScriptedServer(silentAfter(start, hello, delta))
      using time = new SteadyTime()
      const controller = new AbortController()
      for await (const event of provider(server.origin).stream(request, controller.signal)) {
        if (event.type === 'block-delta') break
      }
      const left = performance.now()
      const closed = await server.requests[0]?.closed
      assert.ok(closed?.aborted)
      return time.between(left, closed.at)
    })
    assert.ok(took < 50, `closed after ${took} ms`)
  })
})

describe('an Anthropic answer cut anywhere', () => {
  it('keeps the contract and says that it is truncated', async () => {
    const whole = Buffer.from(
      streamOf([
        { type: 'thinking', thinking: 'thé', signature: 's' },
        { type: 'tool_use', id: 'c', name: 'n', input: { a: 1 } },
      ]),
    )
    for (let length = 1; length < whole.length - 2; length += 97) {
      const { stop, events } = await ask(async (script) => {
        script.sse()
        await script.send(whole.subarray(0, length))
        script.end()
      })
      assertContract(events)
      assert.ok(['truncated', 'malformed'].includes(failureOf(stop).code), `at ${length}: ${JSON.stringify(stop)}`)
    }
  })
})
