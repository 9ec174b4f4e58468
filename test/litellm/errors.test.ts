import assert from 'node:assert/strict'
import type { Failure, FailureCode } from '../../src/shared/failure.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Stop } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import type { Handler } from '../harness/scripted-server.ts'
import { frame } from '../harness/scripted-server.ts'
import { failing } from './configuration.ts'
import { virtualKey } from './gateway.ts'
import { ask, chat, gateway, says, signal } from './shared.ts'

function failureOf(stop: Stop): Failure {
  assert.ok(stop.kind === 'failed', `expected a failure, got ${JSON.stringify(stop)}`)
  assert.ok(!JSON.stringify(stop).includes(virtualKey))
  return stop.failure
}
const refuses =
  (status: number, error: JsonObject, headers: Record<string, string> = {}): Handler =>
  (script) =>
    script.json(status, { type: 'error', error }, headers)

describe('A real LiteLLM gateway', () => {
  it('that does not know the key says so, and asks nobody', async () => {
    gateway().upstream.requests.length = 0
    const stream = gateway()
      .provider('sk-wrong-key-of-the-tests')
      .stream({ model: 'house', messages: [says('Hi')] }, signal())
    const failure = failureOf((await gather(stream)).stop)
    assert.equal(failure.code, 'auth')
    assert.equal(gateway().upstream.requests.length, 0)
  })

  it('that does not know the model says so', async () => {
    const { stop } = await ask({ model: 'nobody' }, chat([{ content: 'Never.' }]))
    const failure = failureOf(stop)
    assert.equal(failure.code, 'not-found')
    assert.match(failure.message, /does not know the model "nobody"/)
    assert.match(failure.requestId ?? '', /^[\w-]{8,}$/)
  })

  it('whose deployments all rest after a 429 says how long', async () => {
    const answer = refuses(429, { message: 'Slow down', code: 'rate_limit_exceeded' }, { 'retry-after': '50' })
    // One request for each deployment, whose own hints the gateway keeps to itself, and one that finds both at rest.
    for (const _deployment of ['one', 'two']) {
      const failure = failureOf((await ask({ model: 'tired' }, answer)).stop)
      assert.deepEqual([failure.code, failure.status, failure.retryAfterMs], ['rate-limit', 429, undefined])
    }
    const { stop, upstream } = await ask({ model: 'tired' }, answer)
    const failure = failureOf(stop)
    assert.equal(upstream.length, 0)
    assert.deepEqual([failure.code, failure.status], ['rate-limit', 429])
    assert.ok(failure.retryAfterMs !== undefined && failure.retryAfterMs > 0 && failure.retryAfterMs <= 50_000)
    assert.match(failure.message, /Try again in (\d+ seconds|a second)/)
  })

  const behind: [FailureCode, number, JsonObject, provider?: 'claude'][] = [
    ['unavailable', 500, { message: 'boom', type: 'server_error' }],
    ['unavailable', 503, { message: 'busy', type: 'server_error' }],
    // The gateway's key, not the person's.
    ['unavailable', 401, { message: 'Incorrect API key provided', code: 'invalid_api_key' }],
    ['not-found', 404, { message: 'The model does not exist', code: 'model_not_found' }],
    ['quota', 429, { message: 'You exceeded your current quota', code: 'insufficient_quota' }],
    [
      'context-length',
      400,
      { message: "This model's maximum context length is 8192 tokens.", code: 'context_length_exceeded' },
    ],
    ['content-filter', 400, { message: 'Refused by our content policy', code: 'content_policy_violation' }],
    [
      'context-length',
      400,
      { message: 'prompt is too long: 210000 tokens > 200000 maximum', type: 'invalid_request_error' },
      'claude',
    ],
    ['overloaded', 529, { message: 'Overloaded', type: 'overloaded_error' }, 'claude'],
    ['rate-limit', 429, { message: 'Slow down', type: 'rate_limit_error' }, 'claude'],
    ['unavailable', 401, { message: 'invalid x-api-key', type: 'authentication_error' }, 'claude'],
    ['quota', 400, { message: 'Your credit balance is too low', type: 'invalid_request_error' }, 'claude'],
  ]
  for (const [at, [code, status, error, provider]] of behind.entries()) {
    const upstream = provider === 'claude' ? 'Anthropic' : 'OpenAI'
    it(`behind which ${upstream} answers ${status} “${String(error.message)}” fails as ${code}`, async () => {
      const model = provider === 'claude' ? `claude-${failing[at]}` : failing[at]
      assert.ok(model)
      const failure = failureOf((await ask({ model }, refuses(status, error))).stop)
      assert.equal(failure.code, code, failure.detail)
      assert.match(failure.detail ?? '', new RegExp(String(error.message).replace(/[^\w ]/g, '.')))
    })
  }

  const half = frame({ choices: [{ index: 0, delta: { content: 'Half' }, finish_reason: null }] })
  const more = frame({ choices: [{ index: 0, delta: { content: ' of it' }, finish_reason: null }] })
  const breaks: [string, Handler][] = [
    [
      'is cut off in mid-stream',
      async (script) => {
        script.sse()
        await script.send(half)
        await script.send(more)
        await script.pause(200)
        script.drop()
      },
    ],
    [
      'reports an error in mid-stream',
      async (script) => {
        script.sse()
        await script.send(half + more)
        await script.send(frame({ error: { message: 'it broke', type: 'server_error', code: '500' } }))
        script.end()
      },
    ],
  ]
  for (const [what, handler] of breaks) {
    it(`behind which the provider ${what} keeps what came and says that it failed`, async () => {
      const { stop, message } = await ask({ model: 'house' }, handler)
      assert.equal(failureOf(stop).code, 'unavailable')
      assert.match(textOf(message.content), /^Half/)
    })
  }
})
