import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { LocalServersPorts, ServerState, WatchedServer } from '../../src/host/discovery/local-servers.ts'
import { LocalServers } from '../../src/host/discovery/local-servers.ts'
import type { Handler, RecordedRequest, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import * as fake from './fake-local-servers.ts'

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** A server whose answers can be changed, behind a door that opens and shuts at an address that stays. */
class ComingAndGoing {
  handler: Handler = fake.ollama()
  /** The most requests that waited for an answer at once. */
  mostAtOnce = 0
  address = ''
  readonly #sockets = new Set<Socket>()
  #open = 0
  #server: ScriptedServer | undefined
  #door: Server | undefined

  get requests(): RecordedRequest[] {
    return this.#server?.requests ?? []
  }

  async appear(): Promise<void> {
    this.#server ??= await startScriptedServer(async (script) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open)
      try {
        await this.handler(script)
      } finally {
        this.#open--
      }
    })
    const inside = Number(new URL(this.#server.origin).port)
    const door = createServer((outer) => {
      const inner = connect(inside, '127.0.0.1')
      for (const socket of [outer, inner]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
      }
      outer.pipe(inner).pipe(outer)
    })
    await new Promise<void>((resolve) =>
      door.listen(this.address ? Number(new URL(this.address).port) : 0, '127.0.0.1', resolve),
    )
    this.address = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
    this.#door = door
  }

  async vanish(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#door?.close(() => resolve())
    for (const socket of this.#sockets) socket.destroy()
    await promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#door?.listening) await this.vanish()
    await this.#server?.close()
  }
}

describe('the servers that need no key', () => {
  let ollama: ComingAndGoing
  let changes: [string, ServerState][]
  let watched: WatchedServer[]
  let servers: LocalServers

  beforeEach(async () => {
    ollama = new ComingAndGoing()
    await ollama.appear()
    changes = []
    watched = [{ provider: 'ollama', baseUrl: ollama.address }]
    servers = watching()
  })
  afterEach(async () => {
    servers.stop()
    await ollama[Symbol.asyncDispose]()
  })

  function watching(more: Partial<LocalServersPorts> = {}): LocalServers {
    return new LocalServers({
      servers: () => watched,
      onChange: (provider, state) => void changes.push([provider, state]),
      ...more,
    })
  }

  async function untilChanged(count: number): Promise<void> {
    while (changes.length < count) await pause(5)
  }

  it('are unknown until somebody looked, and known afterwards', async () => {
    assert.equal(servers.state('ollama'), 'unknown')
    await servers.check()
    assert.equal(servers.state('ollama'), 'running')
    assert.deepEqual(changes, [['ollama', 'running']])
    assert.equal(servers.state('lmstudio'), 'unknown')
  })

  it('are seen to vanish and to appear again, each once', async () => {
    await servers.check()
    await servers.check()
    await ollama.vanish()
    await servers.check()
    await servers.check()
    assert.equal(servers.state('ollama'), 'absent')
    await ollama.appear()
    await servers.check()
    assert.equal(servers.state('ollama'), 'running')
    assert.deepEqual(
      changes.map(([, state]) => state),
      ['running', 'absent', 'running'],
    )
  })

  it('are looked at when the watch starts, and then again and again', async () => {
    servers.start(20)
    await untilChanged(1)
    await ollama.vanish()
    await untilChanged(2)
    await ollama.appear()
    await untilChanged(3)
    assert.deepEqual(
      changes.map(([, state]) => state),
      ['running', 'absent', 'running'],
    )
  })

  it('are asked one small question a look, without a key', async () => {
    await servers.check()
    const [request, ...more] = ollama.requests
    assert.deepEqual([request?.method, request?.url, more], ['GET', '/api/version', []])
    for (const name of ['authorization', 'x-api-key', 'cookie']) assert.equal(request?.headers[name], undefined)
  })

  it('are left in peace once the watch has stopped, however often it was started', async () => {
    servers.start(10)
    servers.start(10)
    await untilChanged(1)
    servers.stop()
    await servers.check()
    const asked = ollama.requests.length
    await pause(80)
    assert.equal(ollama.requests.length, asked)
    servers.stop()
  })

  it('are not asked a second time while the first answer is awaited', async () => {
    ollama.handler = async (script) => {
      await script.pause(60)
      await fake.ollama()(script)
    }
    servers.start(5)
    await Promise.all([servers.check(), servers.check(), servers.check()])
    assert.equal(servers.state('ollama'), 'running')
    assert.equal(ollama.requests.length, 1)
    await pause(100)
    assert.equal(ollama.mostAtOnce, 1)
  })

  it('are asked at the address they have now', async () => {
    await servers.check()
    await using other = new ComingAndGoing()
    await other.appear()
    watched = [{ provider: 'ollama', baseUrl: other.address }]
    assert.equal(servers.state('ollama'), 'unknown')
    await other.vanish()
    await servers.check()
    assert.equal(servers.state('ollama'), 'absent')
    watched = [{ provider: 'ollama', baseUrl: ollama.address }]
    assert.equal(servers.state('ollama'), 'unknown')
    watched = []
    await servers.check()
    assert.equal(servers.state('ollama'), 'unknown')
  })

  it('tell nothing of an address that was given up while it was asked, and all once it is back', async () => {
    ollama.handler = async (script) => {
      await script.pause(40)
      await fake.ollama()(script)
    }
    const looking = servers.check()
    watched = []
    await looking
    assert.deepEqual(changes, [])
    watched = [{ provider: 'ollama', baseUrl: ollama.address }]
    await servers.check()
    assert.deepEqual(changes, [['ollama', 'running']])
  })

  it('may lie under a path, and one address may serve several', async () => {
    ollama.handler = fake.answering({ '/behind/api/version': { version: '0.30.1' } })
    watched = [
      { provider: 'ollama', baseUrl: `${ollama.address}/behind/` },
      { provider: 'second', baseUrl: `${ollama.address}/behind/` },
    ]
    await servers.check()
    assert.deepEqual(changes, [
      ['ollama', 'running'],
      ['second', 'running'],
    ])
    assert.equal(ollama.requests.length, 1)
  })

  it('are absent where somebody else answers, or nobody properly', async () => {
    const others: Record<string, Handler> = {
      'another server': fake.lmStudio(),
      garbage: fake.garbage('<html>'),
      'no version': fake.garbage('{"version":7}'),
      'an error': fake.garbage('{"version":"1"}', 500),
      'a dropped connection': fake.dropping,
      'a redirect': fake.redirecting(ollama.address),
      'far too much': fake.tooLong(fake.ollama(), 1024 * 1024),
    }
    for (const [name, handler] of Object.entries(others)) {
      ollama.handler = handler
      servers = watching()
      await servers.check()
      assert.equal(servers.state('ollama'), 'absent', name)
    }
  })

  it('stay unknown behind a door that wants a key, which is not tried', async () => {
    for (const status of [401, 403]) {
      ollama.handler = fake.garbage('{"error":"who are you?"}', status)
      servers = watching()
      await servers.check()
      assert.equal(servers.state('ollama'), 'unknown')
    }
    assert.deepEqual(changes, [])
  })

  it('are not taken for gone when they are silent once, but when they are silent twice', async () => {
    servers = watching({ limit: 400 })
    await servers.check()
    for (const handler of [fake.silent, fake.ollama(), fake.stuck]) {
      ollama.handler = handler
      await servers.check()
      assert.equal(servers.state('ollama'), 'running')
    }
    await servers.check()
    assert.equal(servers.state('ollama'), 'absent')
    assert.equal(changes.length, 2)
  })

  it('that never said a word are absent', async () => {
    ollama.handler = fake.silent
    servers = watching({ limit: 400 })
    await servers.check()
    assert.equal(servers.state('ollama'), 'absent')
  })

  it('keep no process alive', async () => {
    const module = new URL('../../src/host/discovery/local-servers.ts', import.meta.url).href
    const script = `
      const { LocalServers } = await import(${JSON.stringify(module)})
      const servers = () => [{ provider: 'ollama', baseUrl: ${JSON.stringify(ollama.address)} }]
      const watch = new LocalServers({ servers, onChange: (id, state) => console.log(id, state) })
      watch.start(1000)
    `
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => (said += String(chunk)))
    const timer = setTimeout(() => child.kill(), 8000)
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    clearTimeout(timer)
    assert.deepEqual({ code, signal, said }, { code: 0, signal: null, said: 'ollama running\n' })
  })
})
