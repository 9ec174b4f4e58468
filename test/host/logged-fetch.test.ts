import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { LiveLog } from '../../src/host/live-log.ts'
import { withRequestLog } from '../../src/host/logged-fetch.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { noSettings } from './fakes.ts'

describe('the log of requests', () => {
  let server: Server
  let origin: string
  let answer: RequestListener
  let log: LiveLog
  const texts = (): string[] => log.after(0).map(({ level, text }) => `${level} ${text.replace(/#\d+/, '#')}`)
  const withoutTimes = (): string[] => texts().map((line) => line.replace(/\d+ ms/g, '… ms'))
  const asks = (): typeof fetch => withRequestLog(fetch, log.from('request'))

  beforeEach(async () => {
    const drop = (): void => undefined
    log = new LiveLog({ trace: drop, debug: drop, info: drop, warn: drop, error: drop })
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  it('says where it went, how it ended, how long each part took and how much came, and leaves the answer as it is', async () => {
    answer = (_, response) => {
      response.writeHead(201, { 'content-type': 'text/plain', 'x-request-id': 'req_9', 'x-other': 'VALUE-CANARY' })
      response.write('one ')
      setTimeout(() => response.end('BODY-CANARY'), 60)
    }
    const headers = { authorization: 'Bearer KEY-CANARY', 'content-type': 'application/json' }
    const response = await asks()(`${origin}/v1/chat?key=QUERY-CANARY`, {
      method: 'POST',
      headers,
      body: '{"a":"BODY-CANARY"}',
    })
    assert.deepEqual([response.status, await response.text()], [201, 'one BODY-CANARY'])
    const path = `# POST ${origin.slice('http://'.length)}/v1/chat`
    const [sent, head, end, ...more] = withoutTimes()
    assert.equal(sent, `debug ${path}: sent with content-type application/json, authorization`)
    assert.match(
      head ?? '',
      /^debug # POST .*: 201, headers after … ms: content-type text\/plain, x-request-id req_9, /,
    )
    assert.match(head ?? '', /x-other/)
    assert.equal(end, `debug ${path}: ended after … ms, first byte after … ms, 15 bytes`)
    assert.deepEqual(more, [])
    assert.ok(Number(/ended after (\d+)/.exec(texts()[2] ?? '')?.[1]) >= 50)
    assert.doesNotMatch(texts().join(), /CANARY/)
  })

  it('warns of an answer that is an error and of a server that is not there, and tells what was stopped', async () => {
    answer = (_, response) => response.writeHead(429, { 'retry-after': '7' }).end('{}')
    await (await asks()(origin)).text()
    assert.match(texts()[1] ?? '', /^warn # GET .*: 429, headers after \d+ ms: retry-after 7/)
    answer = (_, response) => void response.flushHeaders()
    const controller = new AbortController()
    const reading = (await asks()(origin, { signal: controller.signal })).text()
    controller.abort()
    await assert.rejects(reading, { name: 'AbortError' })
    assert.match(texts().at(-1) ?? '', /^debug # GET .*: broke off after \d+ ms, first byte after -, 0 bytes/)
    await assert.rejects(asks()(origin, { signal: AbortSignal.abort() }))
    assert.match(texts().at(-1) ?? '', /^debug # GET .*: stopped after/)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await assert.rejects(asks()(origin))
    assert.match(texts().at(-1) ?? '', /^warn # GET .*: failed after \d+ ms/)
  })

  it('tells of what providers ask, and never the key, even where a server repeats one of no known shape', async () => {
    const key = 'no shape at all 42'
    const token = 'opaque.value.42'
    const ids = { 'request-id': `for ${key}, ${token}`, 'x-request-id': `${'r'.repeat(90)}${key}` }
    answer = (_, response) => response.writeHead(401, ids).end(`{"error":"${key}"}`)
    const keys = new Keys(new FakeSecrets(), new FakeMemento(), {})
    const anthropic = {
      baseUrl: `${origin}/here`,
      headers: { 'x-gateway': `Bearer ${token}`, 'x-gateway-provider': 'anthropic' },
    }
    const settings = { ...noSettings, providers: { anthropic } }
    const requestLog = Object.assign(log.from('request'), { hide: (secret: string) => log.hide(secret) })
    const connections = new Connections({ keys, settings: () => settings, log: requestLog })
    await keys.set(connections.info('anthropic')!, settings.providers.anthropic, key)
    const opened = await connections.open('anthropic')
    if ('code' in opened) return assert.fail(opened.message)
    assert.equal(opened.host, new URL(origin).host)
    await assert.rejects(opened.provider.listModels(AbortSignal.timeout(5_000)))
    log.info('it was anthropic')
    const all = texts().join('\n')
    assert.match(all, /it was anthropic/, 'a word is no secret')
    assert.match(all, /GET .*\/here\/v1\/models: sent with/)
    assert.match(all, /warn # GET .*: 401, .*request-id for \[redacted\], \[redacted\]/)
    for (const secret of [key.slice(0, 8), token]) assert.ok(!all.includes(secret), all)
  })
})
