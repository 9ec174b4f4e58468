import assert from 'node:assert/strict'
import type { FailureContext } from '../../src/llm/failures.ts'
import { failureFrom, frameError } from '../../src/llm/failures.ts'
import { retryAfterMs } from '../../src/llm/retry-after.ts'
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
    const words = `Incorrect API key provided: sk-proj-abcdef123456, Bearer abc.def, x-api-key: zzz-1, https://me:hunter2@p.example/v1, ${secret}, ${'x'.repeat(900)}`
    const { detail = '' } = from(refused(401, { message: words }))
    for (const leak of ['sk-proj', 'abc.def', 'zzz-1', 'hunter2', secret])
      assert.ok(!detail.includes(leak), `${leak} in ${detail}`)
    assert.ok(detail.length <= 501)
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

describe('the time a provider asks us to wait', () => {
  const now = Date.parse('2026-11-01T00:00:00Z')
  const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now)

  it('is read from seconds, milliseconds and dates', () => {
    assert.equal(wait({ 'retry-after': '2.5' }), 2500)
    assert.equal(wait({ 'retry-after-ms': '120', 'retry-after': '9' }), 120)
    assert.equal(wait({ 'retry-after': 'Sun, 01 Nov 2026 00:00:30 GMT' }), 30_000)
    assert.equal(wait({ 'retry-after': 'Sun, 01 Nov 2020 00:00:30 GMT' }), 0)
    assert.equal(wait({ 'retry-after': 'soon' }), undefined)
    assert.equal(wait({}), undefined)
  })

  it('is the latest reset of the limits that are used up', () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-01T00:00:05Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-01T00:00:20Z',
      'anthropic-ratelimit-output-tokens-remaining': '900',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-01T01:00:00Z',
    }
    assert.equal(wait(headers), 20_000)
  })

  it('is read from what is left of a limit and when it is full again, as a duration, seconds or a moment', () => {
    const reset = (left: string, when: string) =>
      wait({ 'x-ratelimit-remaining-tokens': left, 'x-ratelimit-reset-tokens': when })
    assert.equal(reset('0', '6m0.5s'), 360_500)
    assert.equal(reset('0', '1h2m'), 3_720_000)
    assert.equal(reset('0', '20ms'), 20)
    assert.equal(reset('0', '7.66'), 7660)
    assert.equal(reset('12', '6m0s'), undefined, 'what is left holds nobody back')
    assert.equal(reset('0', 'soon'), undefined)
    const general = (when: number) => wait({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(when) })
    assert.equal(general(45), 45_000)
    assert.equal(general(now / 1000 + 30), 30_000)
    assert.equal(general(now + 30_000), 30_000)
    assert.equal(general(now - 30_000), 0)
  })

  it('is read from a sentence only where waiting is what helps', () => {
    const said = (message: string, error: object = { code: 'rate_limit_exceeded' }) =>
      from(refused(429, { message, ...error })).retryAfterMs
    assert.equal(said('Please try again in 1.898s. Visit the site.'), 1898)
    assert.equal(said('Limit reached. Please try again in 6m0s'), 360_000)
    assert.equal(said('No deployments available, Try again in 60 seconds.'), 60_000)
    assert.equal(said('Please retry after 2 minutes'), 120_000)
    assert.equal(said('Please retry in 34.07s.'), 34_070)
    assert.equal(said('Try again later, or in the 3 other regions.'), undefined)
    assert.equal(said('Try again in 30 days.', { code: 'insufficient_quota' }), undefined)
  })
})
