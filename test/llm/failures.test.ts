import assert from 'node:assert/strict'
import type { FailureContext } from '../../src/llm/failures.ts'
import { contextOf, failureFrom, frameError } from '../../src/llm/failures.ts'
import type { FailureCode } from '../../src/shared/failure.ts'
import { FailureError } from '../../src/shared/failure.ts'

const secret = 'my-own-key-1'
const context: FailureContext = {
  provider: 'Provider',
  baseUrl: 'https://api.p.example:8443/v1',
  model: 'm-1',
  secrets: [secret],
}
const from = (error: unknown) => failureFrom(error, context)
const caused = (code: string, more: object = {}) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`it says ${code}`), { code }, more) })
/** As an SDK throws it. */
const refused = (status: number, error?: unknown, headers: Record<string, string> = {}) =>
  Object.assign(new Error(`${status} refused`), { status, error, headers: new Headers(headers) })

describe('an error of the network', () => {
  const causes: [string, FailureCode, RegExp][] = [
    ['ENOTFOUND', 'network', /could not be found/],
    ['EAI_AGAIN', 'network', /could not be found/],
    ['ECONNREFUSED', 'network', /refused the connection/],
    ['EHOSTUNREACH', 'network', /cannot be reached/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'network', /certificate/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'network', /certificate/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'network', /certificate/],
    ['CERT_HAS_EXPIRED', 'network', /certificate/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'network', /certificate/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'network', /http:\/\/ or https:\/\//],
    ['ECONNRESET', 'network', /was cut/],
    ['UND_ERR_SOCKET', 'network', /was cut/],
    ['ETIMEDOUT', 'timeout', /in time/],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', /in time/],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', /not one byte .* for 300 s/],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', /not one byte .* for 300 s/],
    ['HPE_INVALID_CONSTANT', 'malformed', /not a valid answer/],
    ['SOMETHING_NEW', 'network', /failed/],
  ]
  for (const [code, expected, says] of causes) {
    it(`${code} is ${expected}, and the sentence names the host`, () => {
      // SDKs wrap what fetch threw once more.
      const failure = from(new Error('Connection error.', { cause: caused(code) }))
      assert.equal(failure.code, expected)
      assert.match(failure.message, says)
      assert.match(failure.message, /api\.p\.example:8443/)
      assert.match(failure.detail ?? '', new RegExp(code))
    })
  }

  it('lasts where a person has to mend something first, and may pass by itself elsewhere', () => {
    const lasts = (code: string, baseUrl = 'https://api.p.example:8443') =>
      failureFrom(caused(code), { provider: 'P', baseUrl, secrets: [] }).lasting === true
    for (const code of ['CERT_HAS_EXPIRED', 'ERR_SSL_WRONG_VERSION_NUMBER']) assert.ok(lasts(code), code)
    for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT']) assert.ok(!lasts(code), code)
    // Nobody listens on this machine before somebody starts it.
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      assert.ok(lasts('ECONNREFUSED', `http://${host}:11434`), host)
  })

  it('is found among several that happened at once', () => {
    const both = Object.assign(new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]), {
      code: '',
    })
    assert.match(from(new TypeError('fetch failed', { cause: both })).message, /refused the connection/)
  })

  it('at another port than the endpoint was the proxy', () => {
    assert.match(from(caused('ECONNREFUSED', { port: 3128 })).message, /proxy/)
    assert.match(from(caused('ECONNREFUSED', { port: 8443 })).message, /refused the connection/)
    assert.match(from(new Error('Proxy response (407) !== 200 when HTTP Tunneling')).message, /proxy/)
    assert.match(from(refused(407)).message, /proxy/)
  })

  it('in the middle of a stream is a cut connection', () => {
    assert.match(from(new TypeError('terminated')).message, /was cut/)
  })

  it('that is a bug of ours is unknown, not the network', () => {
    assert.equal(from(new TypeError("Cannot read properties of undefined (reading 'x')")).code, 'unknown')
    assert.equal(from(undefined).code, 'unknown')
  })
})

describe('the answer of a provider', () => {
  const answers: [string, unknown, FailureCode][] = [
    [
      "OpenAI's wrong key",
      refused(401, { message: 'no', type: 'invalid_request_error', code: 'invalid_api_key' }),
      'auth',
    ],
    [
      "OpenAI's used-up quota",
      refused(429, { message: 'no', type: 'insufficient_quota', code: 'insufficient_quota' }),
      'quota',
    ],
    [
      "OpenAI's unknown model",
      refused(404, { message: 'no', type: 'invalid_request_error', code: 'model_not_found' }),
      'not-found',
    ],
    [
      "OpenAI's long prompt",
      refused(400, { message: 'no', type: 'invalid_request_error', code: 'context_length_exceeded' }),
      'context-length',
    ],
    ['a filter by code', refused(400, { message: 'no', code: 'content_filter' }), 'content-filter'],
    ['a filter by words', refused(400, { message: 'Output blocked by content filtering policy' }), 'content-filter'],
    ['a plain text body', refused(503, 'upstream is overloaded'), 'overloaded'],
    [
      'a body wrapped twice',
      refused(400, { error: { error: { message: 'no', code: 'context_length_exceeded' } } }),
      'context-length',
    ],
    ["FastAPI's detail", refused(422, { detail: 'field required' }), 'invalid-request'],
    [
      'a gateway that calls its own trouble not found',
      refused(502, { type: 'not_found_error', message: 'x' }),
      'unavailable',
    ],
    ['a frame in a stream', frameError({ error: { type: 'overloaded_error', message: 'x' } }), 'overloaded'],
    ['a frame with a status', frameError({ error: { message: 'x', code: 429 } }), 'rate-limit'],
    ['a frame of a kind nobody knows', frameError({ message: 'x' }), 'unknown'],
  ]
  for (const [what, error, code] of answers) it(`${what} is ${code}`, () => assert.equal(from(error).code, code))

  it('never shows a key', () => {
    const words = `Incorrect API key provided: sk-proj-abcdef123456, Bearer abc.def, x-api-key: zzz-1, Authorization: Basic bWU6cHc=, {"authorization":"Token t0ken"}, https://me:hunter2@p.example/v1, ${secret}, ${'x'.repeat(900)}`
    const { detail = '' } = from(refused(401, { message: words }))
    for (const leak of ['sk-proj', 'abc.def', 'zzz-1', 'bWU6cHc=', 't0ken', 'hunter2', secret])
      assert.ok(!detail.includes(leak), `${leak} in ${detail}`)
    assert.ok(detail.length <= 501)
  })

  it('repeats no header that a person set, but for a plain word that no key is', () => {
    const headers = {
      'x-provider': 'anthropic',
      'x-access': 'q7-opaque',
      'x-api-key': 'plainword',
      'x-team': 'abcdefghijklmnop',
    }
    const words = 'anthropic refused q7-opaque, plainword and abcdefghijklmnop'
    const { detail } = failureFrom(
      refused(400, { message: words }),
      contextOf('compatible', { baseUrl: 'https://p.example', headers }),
    )
    assert.equal(detail, 'anthropic refused [redacted], [redacted] and [redacted]')
  })

  it('names its request, whichever header it uses', () => {
    assert.equal(from(refused(500, {}, { 'x-request-id': 'r1' })).requestId, 'r1')
    assert.equal(from(refused(500, { request_id: 'r2', error: {} })).requestId, 'r2')
  })

  it('that already is a failure stays as it is, however deep', () => {
    const failure = { code: 'budget' as const, message: 'No.' }
    assert.equal(from(new Error('a', { cause: new Error('b', { cause: new FailureError(failure) }) })), failure)
  })
})
