import assert from 'node:assert/strict'
import type { ChatRequest, Connection, Provider } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { FailureCode } from '../../src/shared/failure.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import { textOf } from '../../src/shared/message.ts'
import type { Left } from '../harness/closes-soon.ts'
import { closesSoon } from '../harness/closes-soon.ts'
import { gather } from '../harness/contract.ts'
import { answerOf, bytesOf, chunkOf } from '../harness/google-answers.ts'
import type { Handler, Script, ScriptedServer } from '../harness/scripted-server.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const KEY = 'AIzaCanary-0123456789'
const partText = 'Hé🎈llo'
const part = bytesOf([chunkOf([{ text: 'Hé🎈' }]), chunkOf([{ text: 'llo' }])])
const request: ChatRequest = {
  model: 'gemini-x',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
}
const never = () => new AbortController().signal

async function withServer(
  handler: Handler,
  use: (provider: Provider, server: ScriptedServer) => Promise<unknown>,
): Promise<void> {
  await using server = await startScriptedServer(handler)
  await use(createProvider('google', { baseUrl: server.origin, apiKey: KEY }), server)
}

async function failing(code: FailureCode, handler: Handler) {
  await using server = await startScriptedServer(handler)
  const provider = createProvider('google', { baseUrl: server.origin, apiKey: KEY })
  const { stop, message } = await gather(provider.stream(request, never()))
  assert.ok(stop.kind === 'failed', `it failed, but ended as ${stop.kind}`)
  assert.equal(stop.failure.code, code, JSON.stringify(stop.failure))
  assert.ok(!JSON.stringify(stop).includes(KEY), 'the key is nowhere in the failure')
  assert.equal(server.requests.length, 1, 'nothing is tried again down here')
  return { failure: stop.failure, text: textOf(message.content) }
}

const streaming =
  (then: (script: Script) => void | Promise<void>): Handler =>
  async (script) => {
    script.sse()
    await script.send(part)
    await script.pause(20)
    await then(script)
  }

describe('Gemini on a bad day', function () {
  this.timeout(90_000)

  it('calls an end without a reason to stop truncated, and keeps what came', async () => {
    const { text } = await failing(
      'truncated',
      streaming((script) => script.end()),
    )
    assert.equal(text, partText)
  })

  it('calls an end within an event truncated', async () => {
    const { text } = await failing(
      'truncated',
      streaming(async (script) => (await script.send('data: {"candidates":[{"fini'), script.end())),
    )
    assert.equal(text, partText)
  })

  it('calls a dropped socket a network failure, and keeps what came', async () => {
    const { text } = await failing(
      'network',
      streaming((script) => script.drop()),
    )
    assert.equal(text, partText)
  })

  for (const garbage of [
    '{"half',
    '[1, 2]',
    '"words"',
    JSON.stringify({ candidates: [{ content: { parts: ['words'] } }] }),
  ]) {
    it(`calls ${garbage} in mid-stream malformed, and keeps what came`, async () => {
      const { text } = await failing(
        'malformed',
        streaming(async (script) => (await script.send(`data: ${garbage}\n\n`), script.end())),
      )
      assert.equal(text, partText)
    })
  }

  it('calls a body of garbage malformed, also where it says that it is JSON', async () => {
    for (const type of ['text/event-stream', 'application/json', 'text/html']) {
      const { failure } = await failing('malformed', async (script) => {
        script.head(200, { 'content-type': type })
        await script.send('<html>so long, and thanks</html>')
        script.end()
      })
      assert.match(failure.message, /base URL/)
    }
  })

  it('takes an error in mid-stream for what it says, and keeps what came', async () => {
    const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' }
    const bare = JSON.stringify({ error }, null, 2)
    for (const bytes of [frame({ error }), frame([{ error }]), bare, `${bare}\r\n\r\n`]) {
      const { text, failure } = await failing(
        'overloaded',
        streaming(async (script) => (await script.send(bytes), script.end())),
      )
      assert.equal(text, partText)
      assert.match(failure.detail ?? '', /overloaded/)
    }
  })

  const info = (reason: string) => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'd' })
  const spent = 'You exceeded your current quota, please check your plan and billing details.'
  const violation = (quotaId: string) => ({
    '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
    violations: [{ quotaMetric: 'requests', quotaId }],
  })
  const retry = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay })
  const longAsked = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'
  const refusals: [string, number, FailureCode, JsonObject][] = [
    [
      'a wrong key',
      400,
      'auth',
      { message: `API key not valid: ${KEY}`, status: 'INVALID_ARGUMENT', details: [info('API_KEY_INVALID')] },
    ],
    ['no key', 403, 'auth', { message: "Method doesn't allow unregistered callers.", status: 'PERMISSION_DENIED' }],
    ['a login', 401, 'auth', { message: 'Expected OAuth 2 access token.', status: 'UNAUTHENTICATED' }],
    ['a ban', 403, 'permission', { message: 'Permission denied.', status: 'PERMISSION_DENIED' }],
    ['a place', 400, 'permission', { message: 'User location is not supported.', status: 'FAILED_PRECONDITION' }],
    ['no such model', 404, 'not-found', { message: 'models/x is not found.', status: 'NOT_FOUND' }],
    ['a bad request', 400, 'invalid-request', { message: 'Invalid value.', status: 'INVALID_ARGUMENT' }],
    ['a long conversation', 400, 'context-length', { message: longAsked, status: 'INVALID_ARGUMENT' }],
    ['a busy service', 429, 'rate-limit', { message: 'Resource has been exhausted.', status: 'RESOURCE_EXHAUSTED' }],
    ['an empty account', 429, 'quota', { message: spent, status: 'RESOURCE_EXHAUSTED' }],
    ['spent credits', 429, 'quota', { message: 'Your prepayment credits are depleted.', status: 'RESOURCE_EXHAUSTED' }],
    [
      'a full minute',
      429,
      'rate-limit',
      {
        message: spent,
        status: 'RESOURCE_EXHAUSTED',
        details: [violation('GenerateRequestsPerMinutePerProjectPerModel'), retry('34.074824224s')],
      },
    ],
    [
      'a full day',
      429,
      'quota',
      {
        message: spent,
        status: 'RESOURCE_EXHAUSTED',
        details: [violation('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), retry('34.074824224s')],
      },
    ],
    ['a fault', 500, 'unavailable', { message: 'An internal error has occurred.', status: 'INTERNAL' }],
    ['an overload', 503, 'overloaded', { message: 'The model is overloaded.', status: 'UNAVAILABLE' }],
    ['an outage', 503, 'unavailable', { message: 'The service is unavailable.', status: 'UNAVAILABLE' }],
    ['a slow model', 504, 'timeout', { message: 'Deadline expired.', status: 'DEADLINE_EXCEEDED' }],
  ]
  for (const [what, status, code, said] of refusals) {
    it(`calls HTTP ${status} for ${what} ${code}, in whichever form it comes`, async () => {
      const error = { code: status, ...said }
      const text = JSON.stringify({ error }, null, 2)
      const bodies: [string, string][] = [
        ['application/json; charset=UTF-8', text],
        ['application/json', `[${text}]`],
        ['text/event-stream', text],
        ['application/json', JSON.stringify({ error: { code: status, status: 'Wrapped', message: `[${text}]` } })],
      ]
      for (const [type, body] of bodies) {
        const { failure } = await failing(code, async (script) => {
          script.head(status, { 'content-type': type })
          await script.send(body)
          script.end()
        })
        assert.equal(failure.status, status)
        assert.equal(failure.retryAfterMs, text.includes('RetryInfo') ? 34_075 : undefined)
        assert.equal(failure.detail, String(said.message).replace(KEY, '[redacted]'))
      }
    })
  }

  it('keeps the status of a refusal without a body, and what its headers say', async () => {
    for (const type of ['application/json', 'text/html']) {
      const { failure } = await failing('unavailable', (script) => {
        script.head(502, { 'content-type': type, 'retry-after': '7', 'x-request-id': 'req_1' })
        script.end()
      })
      assert.deepEqual([failure.status, failure.retryAfterMs, failure.requestId], [502, 7000, 'req_1'])
    }
  })

  const leaves = (
    handler: (abort: () => void) => Handler,
    leave: (provider: Provider, controller: AbortController, abort: () => void) => Promise<number | undefined>,
  ): Promise<void> =>
    closesSoon(async ({ controller, abort }) => {
      let left: Left | undefined
      await withServer(handler(abort), async (provider, server) => {
        const at = await leave(provider, controller, abort)
        left = { at, closed: server.requests[0]!.closed }
        await left.closed
      })
      return left!
    })

  it('closes the socket within 50 ms of an abort in mid-stream, and keeps what came', () =>
    leaves(
      () => streaming((script) => script.silence()),
      async (provider, { signal }, abort) => {
        const { stop, message } = await gather(provider.stream(request, signal), (event) => {
          if (event.type === 'block-delta' && event.text === 'llo') setTimeout(abort, 30)
        })
        assert.deepEqual(stop, { kind: 'aborted' })
        assert.equal(textOf(message.content), partText)
        return undefined
      },
    ))

  it('closes the socket within 50 ms of an abort before the headers', () =>
    leaves(
      (abort) => (script) => {
        setTimeout(abort, 20)
        return script.silence()
      },
      async (provider, { signal }) => {
        const { stop } = await gather(provider.stream(request, signal))
        assert.deepEqual(stop, { kind: 'aborted' })
        return undefined
      },
    ))

  it('closes the socket when the reader leaves the loop', () =>
    leaves(
      () => streaming((script) => script.silence()),
      async (provider) => {
        for await (const event of provider.stream(request, never())) if (event.type === 'block-delta') break
        return performance.now()
      },
    ))

  it('throws nothing but failures where there is no stream', () =>
    withServer(
      (script) =>
        script.json(400, { error: { code: 400, message: 'No.', details: [info('API_KEY_INVALID')], status: 'X' } }),
      async (provider) => {
        const isAuth = (error: unknown) => error instanceof FailureError && error.failure.code === 'auth'
        await assert.rejects(provider.listModels(never()), isAuth)
        await assert.rejects(async () => provider.countTokens?.(request, never()), isAuth)
        const cancelled = AbortSignal.abort()
        await assert.rejects(provider.listModels(cancelled), FailureError)
      },
    ))
})

describe('A request to Gemini', () => {
  const leaks = {
    GOOGLE_API_KEY: 'leak',
    GEMINI_API_KEY: 'leak',
    GOOGLE_GENAI_API_KEY: 'leak',
    GOOGLE_GEMINI_BASE_URL: 'http://leak.test',
    GOOGLE_VERTEX_BASE_URL: 'http://leak.test',
    GOOGLE_GENAI_USE_VERTEXAI: 'true',
    GOOGLE_GENAI_USE_ENTERPRISE: 'true',
    GOOGLE_CLOUD_PROJECT: 'leak',
    GOOGLE_CLOUD_LOCATION: 'leak',
    GOOGLE_APPLICATION_CREDENTIALS: '/leak.json',
  }

  it('carries the key and the headers of the connection, and nothing of the environment', async () => {
    const before = { ...process.env }
    Object.assign(process.env, leaks)
    try {
      const cases: [Partial<Connection>, string | undefined][] = [
        [{ apiKey: 'key-1' }, 'key-1'],
        [{}, undefined],
        [{ apiKey: 'key-1', headers: { 'X-Goog-Api-Key': 'key-2' } }, 'key-2'],
      ]
      for (const [connection, key] of cases) {
        await using server = await startScriptedServer((script) => (script.sse(), script.end()))
        const headers = { 'x-team': 'blue', ...connection.headers }
        const provider = createProvider('google', { baseUrl: server.origin, ...connection, headers })
        await gather(provider.stream(request, never()))
        const [sent] = server.requests
        assert.equal(sent?.headers['x-goog-api-key'], key)
        assert.equal(sent?.headers['x-team'], 'blue')
        assert.equal(sent?.headers.authorization, undefined)
        assert.equal(sent?.url, '/v1beta/models/gemini-x:streamGenerateContent?alt=sse')
        assert.ok(!JSON.stringify([sent?.headers, sent?.url, sent?.body]).includes('leak'))
      }
    } finally {
      for (const name of Object.keys(leaks)) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    }
  })

  it('writes nothing to the console, also without a key', async () => {
    const written: unknown[] = []
    const methods = ['log', 'warn', 'error', 'info', 'debug'] as const
    const originals = methods.map((method) => console[method])
    for (const method of methods) console[method] = (...args: unknown[]) => void written.push(args)
    try {
      await using server = await startScriptedServer((script) => (script.sse(), script.end()))
      await gather(createProvider('google', { baseUrl: server.origin }).stream(request, never()))
    } finally {
      methods.forEach((method, at) => (console[method] = originals[at]!))
    }
    assert.deepEqual(written, [])
  })

  it('never takes the key to another origin', async () => {
    await using other = await startScriptedServer((script) => (script.sse(), script.end()))
    await using server = await startScriptedServer(
      (script) => (script.head(307, { location: other.origin }), script.end()),
    )
    const provider = createProvider('google', { baseUrl: server.origin, apiKey: KEY })
    const { stop } = await gather(provider.stream(request, never()))
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'not-found')
    await assert.rejects(provider.listModels(never()), FailureError)
    await assert.rejects(async () => provider.countTokens?.(request, never()), FailureError)
    assert.equal(other.requests.length, 0)
  })

  it('goes to the address of a proxy, with or without the version that is added to it', async () => {
    await using server = await startScriptedServer(async (script) => {
      script.sse()
      await script.send(answerOf([{ text: 'Hi' }]))
      script.end()
    })
    for (const path of ['', '/v1beta', '/v1/', '/gemini', '/gemini/v1beta']) {
      const provider = createProvider('google', { baseUrl: server.origin + path, apiKey: KEY })
      const { stop } = await gather(provider.stream({ ...request, model: 'tunedModels/a b?' }, never()))
      assert.equal(stop.kind, 'done')
    }
    const method = 'v1beta/tunedModels/a%20b%3F:streamGenerateContent?alt=sse'
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [`/${method}`, `/${method}`, `/${method}`, `/gemini/${method}`, `/gemini/${method}`],
    )
  })
})
