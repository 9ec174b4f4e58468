import assert from 'node:assert/strict'
import { boundedJson } from '../../src/host/bounded-json.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

describe('an answer that is read within bounds', () => {
  it('is its JSON, also where characters are cut between reads', async () => {
    await using server = await startScriptedServer(async (script) => {
      script.head(200)
      await script.cut('{"name": "größer"}', [1])
      script.end()
    })
    assert.deepEqual(await boundedJson(await fetch(server.origin)), { name: 'größer' })
  })

  it('is nothing where it is no JSON or has no body', async () => {
    for (const body of ['', '<html>', '{"a":']) assert.equal(await boundedJson(new Response(body)), undefined)
    assert.equal(await boundedJson(new Response(null, { status: 204 })), undefined)
  })

  it('is given up where it is longer than it may be, and its connection is closed', async () => {
    await using server = await startScriptedServer(async (script) => {
      script.head(200)
      while (script.request.url === '/endless') {
        await script.send('x'.repeat(64 * 1024))
        if (await Promise.race([script.request.closed, script.pause(0)])) return
      }
      script.end()
    })
    assert.equal(await boundedJson(await fetch(`${server.origin}/endless`)), undefined)
    assert.equal((await server.requests[0]?.closed)?.aborted, true)
  })

  it('may be exactly as long as it may be', async () => {
    const body = JSON.stringify('x'.repeat(98))
    assert.equal(await boundedJson(new Response(body), 100), 'x'.repeat(98))
    assert.equal(await boundedJson(new Response(body), 99), undefined)
  })
})
