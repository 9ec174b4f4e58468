import assert from 'node:assert/strict'
import { freePort } from '../harness/processes.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { configured, context, desk, everythingOver, toolOf, until } from './support.ts'

const http = (url: string, headers: Record<string, string> = {}) => ({ transport: 'http' as const, url, headers })
const hi = { output: [{ type: 'text', text: 'Echo: hi' }] }

describe('a server that is reached by HTTP', function () {
  this.timeout(90_000)

  it('and forgot the session is greeted anew, and the call that found out is made', async () => {
    const first = await everythingOver('streamableHttp')
    await using open = await desk([configured('web', http(first.url))])
    await open.servers.start()
    const echo = toolOf(open.servers, 'echo')
    await first.kill()
    await using _again = await everythingOver('streamableHttp', first.port)
    assert.deepEqual(await echo.run({ message: 'hi' }, context()), hi)
    assert.equal(open.servers.server('web').state.kind, 'ready')
  })

  it('and is gone fails the call, is looked for, and is found when it comes back', async () => {
    const first = await everythingOver('streamableHttp')
    const restarts = { delaysMs: [100, 200, 300], most: 50, withinMs: 60_000 }
    await using open = await desk([configured('web', http(first.url))], { restarts })
    const server = open.servers.server('web')
    await server.start()
    const echo = toolOf(open.servers, 'echo')
    await first.kill()
    await assert.rejects(echo.run({ message: 'hi' }, context()), {
      code: 'unreachable',
      message: /^web could not call the tool echo: it cannot be reached \(E\w+|no connection\)\. Check its address/,
    })
    await until(() => server.state.kind === 'failed' && server.state.restartAt !== undefined, 'the failure')
    await using _again = await everythingOver('streamableHttp', first.port)
    assert.deepEqual(await echo.run({ message: 'hi' }, context()), hi)
  })

  it('and was given up is tried again by the next call', async () => {
    const first = await everythingOver('streamableHttp')
    await using open = await desk([configured('web', http(first.url))], {
      restarts: { delaysMs: [10], most: 2, withinMs: 60_000 },
    })
    const server = open.servers.server('web')
    await server.start()
    const echo = toolOf(open.servers, 'echo')
    await first.kill()
    await assert.rejects(echo.run({ message: 'hi' }, context()))
    await until(() => server.state.kind === 'failed' && server.state.restartAt === undefined, 'giving up')
    await assert.rejects(echo.run({ message: 'hi' }, context()), { code: 'unreachable' })
    await using _again = await everythingOver('streamableHttp', first.port)
    assert.deepEqual(await echo.run({ message: 'hi' }, context()), hi)
  })

  it('by SSE and is gone is looked for too', async () => {
    const first = await everythingOver('sse')
    const restarts = { delaysMs: [100], most: 50, withinMs: 60_000 }
    await using open = await desk([configured('web', { ...http(first.url), transport: 'sse' })], { restarts })
    await open.servers.start()
    const echo = toolOf(open.servers, 'echo')
    await first.kill()
    await assert.rejects(echo.run({ message: 'hi' }, context()), { code: 'unreachable' })
    await using _again = await everythingOver('sse', first.port)
    assert.deepEqual(await echo.run({ message: 'hi' }, context()), hi)
  })

  it('and knows only SSE is found by its address alone', async () => {
    await using server = await everythingOver('sse')
    await using open = await desk([configured('old', http(server.url))])
    await open.servers.server('old').start()
    assert.deepEqual(await toolOf(open.servers, 'echo').run({ message: 'hi' }, context()), hi)
  })

  it('and is not there says so at once', async () => {
    await using open = await desk([configured('web', http(`http://127.0.0.1:${await freePort()}/mcp`))])
    await assert.rejects(open.servers.server('web').start(), {
      code: 'unreachable',
      message: 'web could not start: it cannot be reached (ECONNREFUSED). Check its address and that it runs.',
    })
  })
})

describe('a web server that is no good', () => {
  let server: ScriptedServer
  afterEach(() => server.close())

  it('never holds us longer than its time', async () => {
    server = await startScriptedServer(async () => {
      await new Promise(() => {})
    })
    await using open = await desk([configured('web', http(`${server.origin}/mcp`), { start: 400 })])
    await assert.rejects(open.servers.server('web').start(), { code: 'timeout' })
  })

  for (const [name, status, body] of [
    ['an error', 500, { error: 'no' }],
    ['a page that is not there', 404, {}],
    ['what is no answer', 200, { hello: 'world' }],
  ] as const) {
    it(`that answers ${name} is a sentence`, async () => {
      server = await startScriptedServer((script) => script.json(status, body))
      await using open = await desk([configured('web', http(`${server.origin}/mcp`))])
      await assert.rejects(open.servers.server('web').start(), (error: Error) => {
        assert.match(error.message, status === 200 ? /does not follow the protocol/ : new RegExp(`HTTP ${status}`))
        return true
      })
    })
  }

  it('that answers without end is left when it is more than we read', async () => {
    server = await startScriptedServer(async (script) => {
      script.head(200, { 'content-type': 'application/json' })
      for (let time = 0; time < 100; time += 1) await script.send(Buffer.alloc(1024 * 1024, ' '))
      script.end()
    })
    await using open = await desk([configured('web', http(`${server.origin}/mcp`))])
    await assert.rejects(open.servers.server('web').start(), {
      code: 'answer',
      message: 'web could not start: an answer of more than 33554432 bytes came.',
    })
  })

  it('sends our headers nowhere else by a redirect', async () => {
    const other = await startScriptedServer((script) => script.json(200, {}))
    server = await startScriptedServer((script) => {
      script.head(307, { location: `${other.origin}/mcp` })
      script.end()
    })
    await using open = await desk([configured('web', http(`${server.origin}/mcp`, { 'x-key': 'k' }))])
    await assert.rejects(open.servers.server('web').start())
    assert.ok(server.requests.length > 0)
    assert.deepEqual(other.requests, [])
    await other.close()
  })
})
