import assert from 'node:assert/strict'
import type { Provider } from '../../src/llm/index.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { FailureCode } from '../../src/shared/failure.ts'
import type { AssistantMessage, Stop } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { gather } from '../harness/contract.ts'
import { chatFrames, namedFrames, responseEvents } from '../harness/openai-arbitraries.ts'
import type { Handler, Script } from '../harness/scripted-server.ts'
import { frame, startScriptedServer } from '../harness/scripted-server.ts'

const hello = {
  type: 'message',
  role: 'assistant',
  id: 'm',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Hé🎈llo', annotations: [] }],
}
const wholeResponse = responseEvents([hello], 2)

const partText = 'Hé🎈llo'

/** The two dialects, each with an answer and the part of it that comes before its end. */
const dialects = [
  {
    id: 'openai',
    whole: namedFrames(wholeResponse),
    part: namedFrames(wholeResponse.slice(0, -3)),
    errorFrame: frame({ type: 'error', code: 'server_error', message: 'It broke', param: null }, 'error'),
  },
  {
    id: 'compatible',
    whole: chatFrames([{ content: 'Hé🎈' }, { content: 'llo' }], 'stop'),
    part:
      chatFrames([{ content: 'Hé🎈' }, { content: 'llo' }], 'stop')
        .split('\n\n')
        .slice(0, 2)
        .join('\n\n') + '\n\n',
    errorFrame: frame({ error: { code: 502, message: 'It broke' }, choices: [] }),
  },
] as const

type Played = { stop: Stop; message: AssistantMessage; requests: number }

for (const { id, whole, part, errorFrame } of dialects) {
  const connect = async (handler: Handler, use: (provider: Provider) => Promise<void>) => {
    await using server = await startScriptedServer(handler)
    await use(createProvider(id, { baseUrl: `${server.origin}/v1`, apiKey: 'sk-canary-0123456789' }))
  }
  const ask = (provider: Provider, signal = new AbortController().signal) =>
    provider.stream({ model: 'model-x', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] }, signal)

  const play = async (handler: Handler): Promise<Played> => {
    let requests = 0
    let played: Omit<Played, 'requests'> | undefined
    const counted: Handler = (script) => (requests++, handler(script))
    await connect(counted, async (provider) => void (played = await gather(ask(provider))))
    assert.ok(played)
    return { ...played, requests }
  }
  const failing = async (code: FailureCode, handler: Handler) => {
    const { stop, message, requests } = await play(handler)
    assert.ok(stop.kind === 'failed', `it failed, but ended as ${stop.kind}`)
    assert.equal(stop.failure.code, code, JSON.stringify(stop.failure))
    assert.ok(!JSON.stringify(stop).includes('sk-canary'), 'the key is nowhere in the failure')
    assert.equal(requests, 1, 'nothing is tried again down here')
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

  describe(`The ${id} dialect on a bad day`, function () {
    this.timeout(10_000)

    it('reads an answer cut into single bytes', async () => {
      const { stop, message } = await play(async (script) => {
        script.sse()
        await script.cut(whole, [1])
        script.end()
      })
      assert.equal(stop.kind, 'done')
      assert.equal(textOf(message.content), 'Hé🎈llo')
      assert.equal(message.origin.model, 'gpt-test')
    })

    it('calls an end without a last word truncated, and keeps what came', async () => {
      const { text } = await failing(
        'truncated',
        streaming((script) => script.end()),
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

    it('calls garbage in mid-stream malformed, and keeps what came', async () => {
      const { text } = await failing(
        'malformed',
        streaming(async (script) => (await script.send('data: {"half\n\n'), script.end())),
      )
      assert.equal(text, partText)
    })

    it('calls a body of garbage malformed', () =>
      failing(
        'malformed',
        async (script) => (script.sse(), await script.send('so long, and thanks'), script.end()),
      ).then(() => undefined))

    it('calls a sign-in page malformed and names the base URL', async () => {
      const { failure } = await failing('malformed', async (script) => {
        script.head(200, { 'content-type': 'text/html; charset=utf-8' })
        await script.send('<html>Please sign in</html>')
        script.end()
      })
      assert.match(failure.message, /base URL/)
    })

    it('takes an error frame for what it says, and keeps what came', async () => {
      const { text, failure } = await failing(
        'unavailable',
        streaming(async (script) => (await script.send(errorFrame), script.end())),
      )
      assert.equal(text, partText)
      assert.match(failure.detail ?? '', /It broke/)
    })

    const refusals: [number, FailureCode, Record<string, unknown>][] = [
      [401, 'auth', { message: 'Incorrect API key provided: sk-canary-0123456789', code: 'invalid_api_key' }],
      [403, 'permission', { message: 'Country not supported' }],
      [404, 'not-found', { message: 'The model does not exist', code: 'model_not_found' }],
      [400, 'invalid-request', { message: 'Bad input', type: 'invalid_request_error' }],
      [400, 'context-length', { message: 'Too long', code: 'context_length_exceeded' }],
      [429, 'rate-limit', { message: 'Slow down', code: 'rate_limit_exceeded' }],
      [429, 'quota', { message: 'You exceeded your current quota', code: 'insufficient_quota' }],
      [500, 'unavailable', { message: 'Oops' }],
      [503, 'unavailable', { message: 'Later' }],
    ]
    for (const [status, code, error] of refusals) {
      it(`calls HTTP ${status} with ${error.code ?? 'no code'} ${code}, and says how long to wait`, async () => {
        const headers = { 'retry-after': '7', 'x-request-id': 'req_1' }
        const { failure } = await failing(code, (script) => script.json(status, { error }, headers))
        assert.equal(failure.status, status)
        assert.equal(failure.requestId, 'req_1')
        assert.equal(failure.retryAfterMs, 7000)
      })
    }

    it('closes the socket within 50 ms of an abort in mid-stream, and keeps what came', async () => {
      let closed: Promise<number> | undefined
      const controller = new AbortController()
      let abortedAt = 0
      await connect(
        async (script) => {
          closed = script.request.closed.then(({ at }) => at)
          await streaming((each) => each.silence())(script)
        },
        async (provider) => {
          const { stop, message } = await gather(ask(provider, controller.signal), (event) => {
            if (event.type !== 'block-delta' || abortedAt) return
            setTimeout(() => ((abortedAt = performance.now()), controller.abort()), 40)
            abortedAt = 1
          })
          assert.deepEqual(stop, { kind: 'aborted' })
          assert.equal(textOf(message.content), partText)
          assert.ok((await closed!) - abortedAt < 50, `it took ${(await closed!) - abortedAt} ms`)
        },
      )
    })

    it('closes the socket within 50 ms of an abort before the headers', async () => {
      const controller = new AbortController()
      let abortedAt = 0
      let closed: Promise<number> | undefined
      await connect(
        (script) => {
          closed = script.request.closed.then(({ at }) => at)
          setTimeout(() => ((abortedAt = performance.now()), controller.abort()), 20)
          return script.silence()
        },
        async (provider) => {
          const { stop } = await gather(ask(provider, controller.signal))
          assert.deepEqual(stop, { kind: 'aborted' })
          assert.ok((await closed!) - abortedAt < 50)
        },
      )
    })

    it('closes the socket when the reader leaves the loop', async () => {
      let closed: Promise<{ at: number; aborted: boolean }> | undefined
      await connect(
        async (script) => {
          closed = script.request.closed
          await streaming((each) => each.silence())(script)
        },
        async (provider) => {
          for await (const event of ask(provider)) if (event.type === 'block-delta') break
          const left = performance.now()
          const { at, aborted } = await closed!
          assert.ok(aborted && at - left < 50)
        },
      )
    })

    it('throws nothing but failures where there is no stream', () =>
      connect(
        (script) => script.json(401, { error: { message: 'No', code: 'invalid_api_key' } }),
        (provider) =>
          assert.rejects(provider.listModels(new AbortController().signal), (error: { failure?: { code: string } }) => {
            assert.equal(error.failure?.code, 'auth')
            return true
          }),
      ))

    it('sends the key and the headers of the connection, and nothing of the environment', async () => {
      const leaks = {
        OPENAI_ORG_ID: 'org-leak',
        OPENAI_PROJECT_ID: 'leak',
        OPENAI_CUSTOM_HEADERS: 'x-leak: leak',
        OPENAI_API_KEY: 'leak',
        OPENAI_BASE_URL: 'http://leak.test',
        OPENAI_ADMIN_KEY: 'leak',
      }
      const before = { ...process.env }
      Object.assign(process.env, leaks)
      try {
        for (const apiKey of ['key-1', undefined]) {
          await using server = await startScriptedServer((script) => (script.sse(), script.end()))
          const connection = {
            baseUrl: `${server.origin}/v1`,
            headers: { 'x-team': 'blue' },
            ...(apiKey && { apiKey }),
          }
          await gather(ask(createProvider(id, connection)))
          const { headers, url } = server.requests[0]!
          assert.equal(headers.authorization, apiKey && `Bearer ${apiKey}`)
          assert.equal(headers['x-team'], 'blue')
          assert.match(url, /^\/v1\/(responses|chat\/completions)$/)
          assert.ok(!JSON.stringify(headers).includes('leak'))
        }
      } finally {
        for (const name of Object.keys(leaks)) {
          if (before[name] === undefined) delete process.env[name]
          else process.env[name] = before[name]
        }
      }
    })
  })
}
