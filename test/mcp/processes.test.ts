import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { build } from 'esbuild'
import type { McpError } from '../../src/mcp/errors.ts'
import { configured, context, desk, misbehaving, node, runs, toolOf, until } from './support.ts'
import { SteadyTime } from '../harness/steady.ts'

const textOf = (outcome: { output: unknown[] }): string => (outcome.output[0] as { text: string }).text

const hostProgram = path.join(import.meta.dirname, 'host-process.ts')

describe('a server process', function () {
  this.timeout(90_000)
  let folder: string
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'panelist-mcp-'))))
  after(() => rm(folder, { recursive: true }))

  it('is ended with all it started within 2 s, however stubborn', async () => {
    await using open = await desk([configured('stubborn', node(misbehaving('stubborn')))])
    const server = open.servers.server('stubborn')
    await server.start()
    const pids = JSON.parse(textOf(await toolOf(open.servers, 'pids').run({}, context()))) as number[]
    assert.equal(pids.length, 3)
    assert.ok(pids.every(runs))
    using time = new SteadyTime()
    const before = performance.now()
    await server.stop()
    assert.ok(time.between(before) < 2_000)
    assert.deepEqual(pids.filter(runs), [])
    assert.deepEqual(server.state, { kind: 'stopped' })
    await assert.rejects(server.request('tools/call', { name: 'pids' }, 'call it'), { code: 'stopped' })
  })

  const hosts: Record<string, () => Promise<string>> = {
    'a host that is killed': async () => hostProgram,
    // What the watchdog runs is taken from the text of functions, which a bundle writes anew.
    'a host that is killed, also as it is packed': async () => {
      const outfile = path.resolve(import.meta.dirname, '../../out/test/mcp-host.mjs')
      const define = { 'import.meta.dirname': JSON.stringify(import.meta.dirname) }
      const options = { platform: 'node', format: 'esm', target: 'node22', packages: 'external' } as const
      await build({ ...options, entryPoints: [hostProgram], outfile, define, bundle: true, minify: true })
      return outfile
    },
  }
  for (const [name, program] of Object.entries(hosts)) {
    it(`does not outlive ${name}, nor do its children`, async () => {
      const host = spawn(process.execPath, [await program()], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      host.stdout.on('data', (chunk: Buffer) => (said += chunk))
      await until(() => said.includes('\n'), 'the servers of the host')
      const pids = JSON.parse(said) as number[]
      assert.equal(pids.length, 4)
      assert.ok(pids.every(runs))
      host.kill('SIGKILL')
      await until(() => !pids.some(runs), 'the end of all servers')
    })
  }

  it('that does not exist is said to be missing', async () => {
    const definition = { transport: 'stdio' as const, command: 'no-such-program-here', args: [], env: {} }
    await using open = await desk([configured('missing', definition)])
    const server = open.servers.server('missing')
    await assert.rejects(server.start(), {
      code: 'missing-command',
      message:
        'missing cannot start: there is no program no-such-program-here on this machine. ' +
        'Install it, or give its full path in the configuration.',
    })
    assert.equal(server.state.kind, 'failed')
    const nowhere = { ...definition, command: process.execPath, cwd: '/no/such/folder' }
    await open.servers.configure([configured('missing', nowhere)])
    await assert.rejects(open.servers.server('missing').start(), { code: 'configuration' })
  })

  it('that ends before it is ready fails with its last words and is not tried again', async () => {
    const counter = path.join(folder, 'start')
    await using open = await desk([configured('crashing', node(misbehaving('crashing'), counter, 'always'))])
    const server = open.servers.server('crashing')
    await assert.rejects(server.start(), {
      code: 'start',
      message: 'crashing ended with exit code 7 before it was ready. It said last: the database is gone',
    })
    assert.deepEqual(server.lastWords, ['first line', 'the database is gone'])
    await pause(700)
    assert.equal(await readFile(counter, 'utf8'), 'x')
  })

  it('that crashes fails the call in flight, is started again, and works', async () => {
    const counter = path.join(folder, 'again')
    await using open = await desk([configured('crashing', node(misbehaving('crashing'), counter))])
    await open.servers.start()
    const crash = toolOf(open.servers, 'crash').run({}, context())
    await assert.rejects(crash, (error: McpError) => error.code === 'crashed' && error.server === 'crashing')
    // The next call waits for the start that is on its way.
    assert.equal(textOf(await toolOf(open.servers, 'starts').run({}, context())), '2')
    assert.ok(open.changes.includes('crashing failed'))
    assert.equal(open.servers.server('crashing').state.kind, 'ready')
  })

  it('that crashes over and over is given up with a sentence, until a person starts it', async () => {
    const counter = path.join(folder, 'over')
    const restarts = { delaysMs: [10, 20], most: 3, withinMs: 60_000 }
    const list = [configured('crashing', node(misbehaving('crashing'), counter, 'later'))]
    await using open = await desk(list, { restarts })
    const server = open.servers.server('crashing')
    await server.start()
    await assert.rejects(toolOf(open.servers, 'crash').run({}, context()))
    await until(() => server.state.kind === 'failed' && server.state.restartAt === undefined, 'giving up')
    assert.ok(server.state.kind === 'failed')
    assert.match(server.state.error.message, /It failed 3 times within 1 minutes? and is left alone\. .*Start it again/)
    assert.equal(await readFile(counter, 'utf8'), 'xxx')
    await assert.rejects(server.request('tools/call', { name: 'starts' }, 'call it'), { code: 'start' })
    assert.equal(await readFile(counter, 'utf8'), 'xxx')
    await assert.rejects(server.start())
    assert.equal(await readFile(counter, 'utf8'), 'xxxx')
  })

  it('that takes its time is waited for, and that takes too long is ended', async () => {
    await using open = await desk([
      configured('patient', node(misbehaving('slow'), '1500')),
      configured('hasty', node(misbehaving('slow'), '20000'), { start: 600 }),
    ])
    await open.servers.start()
    assert.equal(open.servers.server('patient').state.kind, 'ready')
    const { state } = open.servers.server('hasty')
    assert.ok(state.kind === 'failed')
    assert.match(state.error.message, /^hasty was not ready within 0\.6 s\./)
  })

  it('gets no variable that nobody gave it, and those that its definition names', async () => {
    process.env.PANELIST_TEST_API_KEY = 'secret'
    try {
      const script =
        "console.error('key ' + process.env.PANELIST_TEST_API_KEY + ' ' + process.env.GIVEN); process.exit(3)"
      const definition = {
        transport: 'stdio' as const,
        command: process.execPath,
        args: ['-e', script],
        env: { GIVEN: 'yes' },
      }
      await using open = await desk([configured('env', definition)])
      await assert.rejects(open.servers.server('env').start(), /It said last: key undefined yes/)
    } finally {
      delete process.env.PANELIST_TEST_API_KEY
    }
  })
})
