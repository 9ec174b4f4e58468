/** When nothing is sent, to whom nothing is sent, and what a collector that does not answer can do: nothing. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { openOtlp } from '../../../src/host/telemetry/otlp/index.ts'
import { ContentConsent } from '../../../src/host/telemetry/consent.ts'
import { parseHeaders, TelemetryHeaders } from '../../../src/host/telemetry/headers.ts'
import { readTelemetry } from '../../../src/host/settings/telemetry.ts'
import { memory } from '../fakes.ts'
import type { Collector } from './collector.ts'
import { startCollector } from './collector.ts'
import { says, WatchedWindow } from './watched-window.ts'
import { SteadyTime } from '../../harness/steady.ts'

/** When a collector that is too busy wants to be asked again. */
const AT_ONCE = { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }

describe('telemetry that nobody wants', () => {
  let collector: Collector
  beforeEach(async () => void (collector = await startCollector()))
  afterEach(() => collector[Symbol.asyncDispose]())

  it('is not even loaded without a collector, nor while VS Code’s own telemetry is off', async () => {
    await using watched = new WatchedWindow()
    await watched.turn('Hi', says('Hello'))
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
    watched.switchedOn = false
    await watched.turn('Hi', says('Hello'))
    await watched.telemetry.close()
    assert.equal(watched.loaded, 0)
    assert.equal(collector.requests.length, 0)
  })

  it('is dropped where it is switched off before it went out, and begins anew where it is switched on again', async () => {
    await using watched = new WatchedWindow()
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
    await watched.turn('Before', says('Hello'))
    watched.switchedOn = false
    watched.telemetry.changed()
    await watched.turn('Between', says('Hello'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(collector.requests.length, 0)
    watched.switchedOn = true
    await watched.turn('After', says('Hello'))
    await watched.telemetry.close()
    assert.equal(collector.spans().filter(({ name }) => name === 'invoke_agent').length, 1)
  })

  it('is dropped where the switch goes off in the middle of a turn, although nobody told of it', async () => {
    await using watched = new WatchedWindow()
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
    await watched.turn('Hi', says('Hello'))
    watched.switchedOn = false
    await watched.telemetry.close()
    assert.equal(collector.requests.length, 0)
  })

  it('is not sent again where the switch goes off while its collector asks to try later', async () => {
    await using watched = new WatchedWindow((options) =>
      Promise.resolve(openOtlp(options, { spans: 5, metrics: 60_000 })),
    )
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
    collector.answers(503, AT_ONCE, () => {
      watched.switchedOn = false
      watched.telemetry.changed()
    })
    await watched.turn('Hi', says('Hello'))
    while (collector.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(collector.requests.length, 1)
    assert.deepEqual(watched.logged, [])
  })

  it('holds nothing of what was said where the person takes that back before it went out', async () => {
    await using watched = new WatchedWindow()
    watched.settings = { ...watched.settings, endpoint: collector.endpoint, captureContent: true }
    watched.consent = true
    await watched.turn('PROMPT', says('ANSWER'))
    watched.settings = { ...watched.settings, captureContent: false }
    watched.telemetry.changed()
    await watched.turn('PROMPT', says('ANSWER'))
    await watched.telemetry.close()
    assert.equal(collector.spans().filter(({ name }) => name === 'invoke_agent').length, 1)
    assert.doesNotMatch(JSON.stringify(collector.requests), /PROMPT|ANSWER/)
  })

  it('holds nothing of what was said where that is taken back while its collector asks to try later', async () => {
    await using watched = new WatchedWindow((options) =>
      Promise.resolve(openOtlp(options, { spans: 5, metrics: 60_000 })),
    )
    watched.settings = { ...watched.settings, endpoint: collector.endpoint, captureContent: true }
    watched.consent = true
    collector.answers(503, AT_ONCE, () => (watched.consent = false))
    await watched.turn('PROMPT', says('ANSWER'))
    while (collector.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(collector.requests.length, 1)
    collector.answers(200)
    await watched.turn('PROMPT', says('ANSWER'))
    await watched.telemetry.close()
    assert.ok(collector.requests.length > 1)
    assert.doesNotMatch(JSON.stringify(collector.requests.slice(1)), /PROMPT|ANSWER/)
  })

  it('goes to the collector that is named now, and what was meant for another one to nobody', async () => {
    await using other = await startCollector()
    await using watched = new WatchedWindow()
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
    await watched.turn('Hi', says('Hello'))
    watched.settings = { ...watched.settings, endpoint: other.endpoint }
    watched.telemetry.changed()
    await watched.turn('Hi', says('Hello'))
    await watched.telemetry.close()
    assert.equal(collector.requests.length, 0)
    assert.equal(other.spans().length, 2)
  })
})

describe('a collector that does not answer', () => {
  it('delays no answer and no end of a window by more than 2 s', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    await using watched = new WatchedWindow((options) => Promise.resolve(openOtlp(options, { spans: 5, metrics: 20 })))
    watched.settings = { ...watched.settings, endpoint }
    using time = new SteadyTime()
    const began = performance.now()
    for (const words of ['one', 'two', 'three']) await watched.turn(words, says('Hello'))
    assert.ok(time.between(began) < 1_500)
    const closing = performance.now()
    await watched.telemetry.close()
    assert.ok(time.between(closing) < 2_500)
    assert.deepEqual(
      watched.window.logged.filter((line) => /telemetry|OTLP/i.test(line)),
      [],
    )
    silent.close()
  })

  it('that is not there at all is told once in the log, and so is that it is there again', async () => {
    await using collector = await startCollector()
    collector.answers(400)
    await using watched = new WatchedWindow((options) =>
      Promise.resolve(openOtlp(options, { spans: 5, metrics: 60_000 })),
    )
    watched.settings = { ...watched.settings, endpoint: collector.endpoint }
    for (const words of ['one', 'two', 'three']) {
      await watched.turn(words, says('Hello'))
      const before = collector.requests.length
      while (collector.requests.length === before) await new Promise((resolve) => setTimeout(resolve, 5))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const host = URL.parse(collector.endpoint)?.host
    assert.equal(watched.logged.length, 1, watched.logged.join('\n'))
    assert.match(watched.logged[0] ?? '', new RegExp(`^warn telemetry cannot be sent to ${host}: `))
    collector.answers(200)
    await watched.turn('four', says('Hello'))
    await watched.telemetry.close()
    assert.deepEqual(watched.logged.slice(1), [`info telemetry is sent to ${host} again`])
  })

  it('can be of no harm where what exports cannot be loaded', async () => {
    await using watched = new WatchedWindow(() => Promise.reject(new Error('no bundle')))
    watched.settings = { ...watched.settings, endpoint: 'http://127.0.0.1:9' }
    await watched.turn('Hi', says('Hello'))
    assert.equal(watched.window.services.store().requests.list().length, 1)
    assert.deepEqual(watched.logged, ['error telemetry could not be started: Error: no bundle'])
  })
})

describe('what a request to a collector carries', () => {
  const secrets = () => {
    const kept = new Map<string, string>()
    return {
      get: (key: string) => Promise.resolve(kept.get(key)),
      store: async (key: string, value: string) => void kept.set(key, value),
      delete: async (key: string) => void kept.delete(key),
    }
  }

  it('is what the person set for it, is hidden from every log, and goes to no other origin', async () => {
    const hidden: string[] = []
    const headers = new TelemetryHeaders(secrets(), (secret) => hidden.push(secret))
    await headers.set('https://collector.example/otlp', 'Authorization=Bearer token-canary=, x-team=tools')
    const carried = { authorization: 'Bearer token-canary=', 'x-team': 'tools' }
    assert.deepEqual(await headers.of('https://collector.example/other'), carried)
    assert.ok(hidden.includes('token-canary=') && hidden.includes('Bearer token-canary='))
    for (const other of ['http://collector.example/otlp', 'https://collector.example:8443', 'https://evil.example'])
      assert.deepEqual(await headers.of(other), {})
    await headers.set('https://collector.example/otlp', ' ')
    assert.deepEqual(await headers.of('https://collector.example/otlp'), {})
  })

  it('comes over the wire beside nothing of the environment, and describes the window as it was told to', async () => {
    process.env.OTEL_EXPORTER_OTLP_HEADERS = 'x-other=environment-canary'
    process.env.OTEL_RESOURCE_ATTRIBUTES = 'user=environment-canary'
    try {
      await using collector = await startCollector()
      await using watched = new WatchedWindow()
      watched.settings = { ...watched.settings, endpoint: collector.endpoint, attributes: { 'team.name': 'tools' } }
      watched.headers = { authorization: 'Bearer token-canary' }
      await watched.turn('Hi', says('Hello'))
      await watched.telemetry.close()
      assert.deepEqual([...new Set(collector.requests.map(({ path }) => path))].sort(), ['/v1/metrics', '/v1/traces'])
      for (const { headers } of collector.requests) assert.equal(headers.authorization, 'Bearer token-canary')
      assert.doesNotMatch(JSON.stringify(collector.requests), /environment-canary/)
      const { 'service.instance.id': instance, ...resource } = collector.resource()
      assert.match(String(instance), /^[\da-f-]{36}$/)
      assert.deepEqual(resource, { 'service.name': 'panelist', 'service.version': '1.2.3', 'team.name': 'tools' })
      assert.doesNotMatch([...watched.logged, ...watched.window.logged].join('\n'), /token-canary/)
      assert.equal(process.env.OTEL_EXPORTER_OTLP_HEADERS, 'x-other=environment-canary', 'others still find theirs')
    } finally {
      delete process.env.OTEL_EXPORTER_OTLP_HEADERS
      delete process.env.OTEL_RESOURCE_ATTRIBUTES
    }
  })

  it('cannot be what is no header, and why it cannot names no value', () => {
    for (const text of [
      'secret-canary',
      '=secret-canary',
      'a b=secret-canary',
      'host=secret-canary',
      'x=secret-canary\u00e4',
    ])
      assert.ok(parseHeaders(text).problem && !parseHeaders(text).problem?.includes('canary'), text)
    assert.deepEqual(parseHeaders(''), { headers: {} })
  })
})

describe('the consent to send content', () => {
  it('is asked once for each collector, counts from the answer on, and is asked anew after the setting was off', async () => {
    const asked: string[] = []
    const answer = Promise.withResolvers<boolean>()
    const consent = new ContentConsent({
      memory: memory(),
      ask: (endpoint) => {
        asked.push(endpoint)
        return asked.length === 1 ? answer.promise : Promise.resolve(false)
      },
    })
    assert.equal(consent.has('https://one'), false)
    assert.equal(consent.has('https://one'), false)
    answer.resolve(true)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(consent.has('https://one'), true)
    assert.equal(consent.has('https://two'), false)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(consent.has('https://two'), false)
    assert.deepEqual(asked, ['https://one', 'https://two'])
    consent.forget()
    assert.equal(consent.has('https://one'), false)
    assert.deepEqual(asked, ['https://one', 'https://two', 'https://one'])
  })
})

describe('the consent to send content, while the person is asked', () => {
  it('is not given by an answer to what was asked before the setting was off', async () => {
    const answers: ((agreed: boolean) => void)[] = []
    const consent = new ContentConsent({
      memory: memory(),
      ask: () => new Promise<boolean>((resolve) => answers.push(resolve)),
    })
    assert.equal(consent.has('https://one'), false)
    consent.forget()
    answers[0]?.(true)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(consent.has('https://one'), false)
    assert.equal(answers.length, 2)
  })
})

describe('the address of a collector', () => {
  const read = (endpoint: unknown): [string | undefined, string[]] => {
    const problems: string[] = []
    return [readTelemetry(endpoint, false, {}, problems).endpoint, problems]
  }

  it('is one of the web, without a password in it; what is none is said', () => {
    assert.deepEqual(read('http://localhost:4318/'), ['http://localhost:4318', []])
    assert.deepEqual(read('https://collector.example/otlp'), ['https://collector.example/otlp', []])
    assert.deepEqual(read(''), [undefined, []])
    for (const wrong of [
      'collector:4317',
      'grpc://collector',
      'https://me:secret-canary@collector.example',
      'http://c?x=1',
    ]) {
      const [endpoint, problems] = read(wrong)
      assert.equal(endpoint, undefined)
      assert.equal(problems.length, 1, wrong)
      assert.doesNotMatch(problems[0] ?? '', /canary/)
    }
  })
})
