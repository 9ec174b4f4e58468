import assert from 'node:assert/strict'
import { createFetch, newExchange } from '../../src/llm/transport.ts'
import { FailureError } from '../../src/shared/failure.ts'
import type { Handler } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

const found: Handler = (script) => script.json(200, { path: script.request.url, body: script.request.body })
const isFailure = (error: unknown) => error instanceof FailureError

describe('the fetch of an endpoint', () => {
  it('sends nothing to another origin, whatever asks it to', async () => {
    await using elsewhere = await startScriptedServer(found)
    const endpoint = createFetch({ baseUrl: 'https://api.p.example/v1', apiKey: 'k' })
    for (const url of [elsewhere.origin, new URL(elsewhere.origin), new Request(elsewhere.origin)]) {
      await assert.rejects(endpoint(url), isFailure)
    }
    assert.equal(elsewhere.requests.length, 0)
  })

  it('follows a redirect within its origin with the same method and body', async () => {
    await using server = await startScriptedServer((script) => {
      if (script.request.url === '/v1/old') {
        script.head(308, { location: '/v1/new' })
        script.end()
      } else script.json(200, { path: script.request.url, body: script.request.body })
    })
    const endpoint = createFetch({ baseUrl: `${server.origin}/v1` })
    const response = await endpoint(`${server.origin}/v1/old`, { method: 'POST', body: 'hello' })
    assert.deepEqual(await response.json(), { path: '/v1/new', body: 'hello' })
  })

  it('does not turn a question into another by following what would lose its body', async () => {
    await using server = await startScriptedServer((script) => {
      script.head(302, { location: '/v1/new' })
      script.end()
    })
    const endpoint = createFetch({ baseUrl: `${server.origin}/v1` })
    await assert.rejects(endpoint(`${server.origin}/v1/old`, { method: 'POST', body: 'hello' }), isFailure)
    assert.equal(server.requests.length, 1)
  })

  it('gives up on a circle of redirects', async () => {
    await using server = await startScriptedServer((script) => {
      script.head(307, { location: '/round' })
      script.end()
    })
    await assert.rejects(createFetch({ baseUrl: server.origin })(`${server.origin}/round`), isFailure)
    assert.equal(server.requests.length, 6)
  })

  it('says of a redirect that leads to no address what it is, and not that the base URL is wrong', async () => {
    await using server = await startScriptedServer((script) => {
      script.head(307, { location: 'http://[nowhere' })
      script.end()
    })
    const asked = createFetch({ baseUrl: server.origin })(`${server.origin}/v1`)
    await assert.rejects(asked, (error) => isFailure(error) && /redirects \/v1 to nowhere/.test(String(error)))
  })

  it('keeps status, headers, the number of bytes and the first of them', async () => {
    await using server = await startScriptedServer(async (script) => {
      script.head(200, { 'request-id': 'r1' })
      await script.cut('é'.repeat(1000), [1, 3, 100])
      script.end()
    })
    const exchange = newExchange()
    const response = await createFetch({ baseUrl: server.origin }, exchange)(server.origin)
    assert.equal((await response.text()).length, 1000)
    assert.equal(exchange.status, 200)
    assert.equal(exchange.headers?.get('request-id'), 'r1')
    assert.equal(exchange.bytes, 2000)
    assert.match(exchange.head, /^é{100,}$/)
  })
})
