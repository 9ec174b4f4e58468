/** Every provider on its bad days, over real sockets: what must hold whatever format it speaks. */
import assert from 'node:assert/strict'
import type { ChatRequest, Provider } from '../../src/llm/index.ts'
import type { FailureCode } from '../../src/shared/failure.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { AssistantMessage, Stop } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { closesSoon } from './closes-soon.ts'
import { gather } from './contract.ts'
import type { Reason } from './formats/format.ts'
import { partText } from './formats/format.ts'
import type { Handler, Script } from './scripted-server.ts'
import { startScriptedServer } from './scripted-server.ts'
import type { Speaker } from './speakers.ts'
import { connect as connectTo, KEY, nameOf } from './speakers.ts'

const question: ChatRequest = {
  model: 'model-x',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
}

type Played = { stop: Stop; message: AssistantMessage; requests: number }

export function describeBadDays(speaker: Speaker): void {
  const { contentType, model, part, garbage, errorFrame, long, refusal, hints, answer } = speaker.format
  const connect = async (handler: Handler, use: (provider: Provider) => Promise<void>) => {
    await using server = await startScriptedServer(handler)
    await use(connectTo(speaker, server.origin))
  }
  const ask = (provider: Provider, signal = new AbortController().signal) => provider.stream(question, signal)

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
    assert.ok(!JSON.stringify(stop).includes(KEY), 'the key is nowhere in the failure')
    assert.equal(requests, 1, 'nothing is tried again down here')
    return { failure: stop.failure, text: textOf(message.content) }
  }
  const streaming =
    (then: (script: Script) => void | Promise<void>): Handler =>
    async (script) => {
      script.head(200, { 'content-type': contentType })
      await script.send(part)
      await script.pause(20)
      await then(script)
    }

  describe(`${nameOf(speaker)} on a bad day`, function () {
    this.timeout(90_000)

    it('reads an answer cut into single bytes', async () => {
      const { stop, message } = await play(async (script) => {
        script.head(200, { 'content-type': contentType })
        await script.cut(answer({ text: partText }), [1])
        script.end()
      })
      assert.equal(stop.kind, 'done')
      assert.equal(textOf(message.content), partText)
      assert.equal(message.origin.model, model)
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
        streaming(async (script) => (await script.send(garbage), script.end())),
      )
      assert.equal(text, partText)
    })

    it('calls a body of garbage malformed', () =>
      failing(
        'malformed',
        async (script) => (
          script.head(200, { 'content-type': contentType }),
          await script.send('so long, and thanks\n'),
          script.end()
        ),
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

    const refusals: [number, Reason][] = [
      [401, 'auth'],
      [403, 'permission'],
      [404, 'not-found'],
      [400, 'invalid-request'],
      [400, 'context-length'],
      [429, 'rate-limit'],
      [429, 'quota'],
      [500, 'unavailable'],
      [503, 'unavailable'],
    ]
    for (const [status, code] of refusals) {
      const body = refusal(status, code, `It says ${KEY}`)
      if (body === undefined) continue
      it(`calls HTTP ${status} ${code}, says in its words why, and how long to wait`, async () => {
        const headers = { 'retry-after': '7', 'x-request-id': 'req_1' }
        const { failure } = await failing(code, (script) => script.json(status, body, headers))
        assert.equal(failure.status, status)
        assert.equal(failure.requestId, 'req_1')
        assert.equal(failure.retryAfterMs, 7000)
        assert.match(failure.detail ?? '', /It says \[redacted\]/)
      })
    }

    for (const { what } of hints()) {
      it(`waits as long as the provider itself asks: ${what}`, async () => {
        const { headers = {}, body, milliseconds } = hints().find((hint) => hint.what === what)!
        const { failure } = await failing('rate-limit', (script) => script.json(429, body, headers))
        const wait = failure.retryAfterMs ?? 0
        assert.ok(wait > milliseconds - 5000 && wait <= milliseconds, `it waits ${wait} ms`)
        if (milliseconds !== 30_000) assert.equal(wait, milliseconds)
      })
    }

    const leaves = (
      handler: (abort: () => void) => Handler,
      leave: (provider: Provider, signal: AbortSignal, abort: () => void) => Promise<number | undefined>,
    ): Promise<void> =>
      closesSoon(async ({ controller: { signal }, abort }) => {
        let closed: Script['request']['closed'] | undefined
        let at: number | undefined
        await connect(
          (script) => {
            closed = script.request.closed
            return handler(abort)(script)
          },
          async (provider) => {
            at = await leave(provider, signal, abort)
            await closed
          },
        )
        return { at, closed: closed! }
      })

    it('closes the socket within 50 ms of an abort in mid-stream, and keeps what came', () =>
      leaves(
        () => streaming((script) => script.silence()),
        async (provider, signal, abort) => {
          let heard = ''
          const { stop, message } = await gather(ask(provider, signal), (event) => {
            if (event.type !== 'block-delta') return
            heard += event.text
            if (heard === partText) setTimeout(abort, 40)
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
        async (provider, signal) => {
          const { stop } = await gather(ask(provider, signal))
          assert.deepEqual(stop, { kind: 'aborted' })
          return undefined
        },
      ))

    it('closes the socket when the reader leaves the loop', () =>
      leaves(
        () => streaming((script) => script.silence()),
        async (provider) => {
          for await (const event of ask(provider)) if (event.type === 'block-delta') break
          return performance.now()
        },
      ))

    it('throws nothing but failures where there is no stream', () =>
      connect(
        (script) => script.json(401, refusal(401, 'auth', 'No')),
        (provider) =>
          assert.rejects(provider.listModels(new AbortController().signal), (error: { failure?: { code: string } }) => {
            assert.equal(error.failure?.code, 'auth')
            return true
          }),
      ))

    it('is ended in silence by a timer, with the failure that the timer gave, and keeps what came', async () => {
      const controller = new AbortController()
      const failure = { code: 'timeout', message: 'Nothing came for a while.' } as const
      await connect(
        streaming((script) => (setTimeout(() => controller.abort(new FailureError(failure)), 20), script.silence())),
        async (provider) => {
          const { stop, message } = await gather(ask(provider, controller.signal))
          assert.deepEqual(stop, { kind: 'failed', failure })
          assert.equal(textOf(message.content), partText)
        },
      )
    })

    it('is ended before the headers by a timer, with the failure that the timer gave', async () => {
      const controller = new AbortController()
      const failure = { code: 'timeout', message: 'It did not answer in time.' } as const
      await connect(
        (script) => (setTimeout(() => controller.abort(new FailureError(failure)), 20), script.silence()),
        async (provider) => {
          const { stop } = await gather(ask(provider, controller.signal))
          assert.deepEqual(stop, { kind: 'failed', failure })
        },
      )
    })

    for (const said of [true, false])
      it(`hears that it ${said ? 'may' : 'should not'} be asked again`, async () => {
        const headers = { 'x-should-retry': String(said) }
        const { failure } = await failing('rate-limit', (script) =>
          script.json(429, refusal(429, 'rate-limit', 'Slow down'), headers),
        )
        assert.equal(failure.shouldRetry, said)
      })

    it('waits until the date that a retry hint names', async () => {
      const headers = { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }
      const { failure } = await failing('rate-limit', (script) =>
        script.json(429, refusal(429, 'rate-limit', 'Slow down'), headers),
      )
      const wait = failure.retryAfterMs ?? 0
      assert.ok(wait > 20_000 && wait <= 30_000, `it waits ${wait} ms`)
    })

    it('reads an answer of 100,000 chunks, each at the cost of one of 20,000', async function () {
      this.timeout(180_000)
      const timed = async (count: number): Promise<number> => {
        const bytes = long(count)
        // Of this process alone: what else the machine does must not count.
        const before = process.cpuUsage()
        const { stop, message } = await play(async (script) => {
          script.head(200, { 'content-type': contentType })
          await script.send(bytes)
          script.end()
        })
        const { user, system } = process.cpuUsage(before)
        assert.equal(stop.kind, 'done')
        assert.equal(textOf(message.content), 'ab'.repeat(count))
        return (user + system) / 1000
      }
      // Five times as much; where the cost of a chunk grew with the answer it would be 25 times, each time. Memory that is
      // tidied up in one run and not in the other makes single ones dear.
      const runs: string[] = []
      for (let run = 0; run < 3; run++) {
        const short = Math.min(await timed(20_000), await timed(20_000))
        const whole = await timed(100_000)
        if (whole < 15 * Math.max(short, 20)) return
        runs.push(`${whole.toFixed()} ms, against ${short.toFixed()} ms for a fifth`)
      }
      assert.fail(runs.join('; '))
    })
  })
}
