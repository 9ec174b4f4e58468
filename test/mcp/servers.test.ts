import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { parseFile } from '../../src/mcp/configuration/parse.ts'
import type { ResolvePorts } from '../../src/mcp/configuration/resolve.ts'
import { approvalHash, resolveDefinition } from '../../src/mcp/configuration/resolve.ts'
import { McpError } from '../../src/mcp/errors.ts'
import { configured, context, desk, misbehaving, node, packaged, processesOf, runs, toolOf, until } from './support.ts'

const slow = (name: string, ms = 1) => configured(name, node(misbehaving('slow'), String(ms)))

describe('a set of servers', function () {
  this.timeout(90_000)

  it('starts nothing until somebody wants it, and then only what is wanted', async () => {
    await using open = await desk([slow('one'), slow('two')])
    assert.deepEqual(open.servers.tools(), [])
    assert.deepEqual(open.changes, [])
    const result = await open.servers.server('one').request('tools/call', { name: 'work' }, 'work')
    assert.match(JSON.stringify(result), /worked/)
    assert.deepEqual(
      open.servers.tools().map(({ name }) => name),
      ['mcp_one_work'],
    )
    assert.deepEqual(open.changes, ['one starting', 'one ready', 'one tools'])
  })

  it('keeps going what stays the same in a new configuration, and stops what changed or went', async () => {
    await using open = await desk([slow('same'), slow('changed'), slow('gone')])
    await open.servers.start()
    const same = open.servers.server('same')
    const was = processesOf('servers/slow.ts')
    assert.equal(was.length, 3)
    await open.servers.configure([slow('same'), slow('changed', 2), { ...slow('off'), disabled: true }])
    assert.equal(open.servers.server('same'), same)
    assert.equal(same.state.kind, 'ready')
    assert.equal(was.filter(runs).length, 1)
    assert.deepEqual(
      open.servers.tools().map(({ name }) => name),
      ['mcp_same_work'],
    )
    assert.deepEqual(
      open.servers.servers.map(({ name, state }) => [name, state.kind]),
      [
        ['same', 'ready'],
        ['changed', 'stopped'],
      ],
    )
    assert.throws(() => open.servers.server('gone'), {
      code: 'configuration',
      message: /^There is no MCP server gone\./,
    })
  })

  it('offers tools of one name from two servers by two names, which stay when one goes', async () => {
    await using open = await desk([slow('one'), slow('two')])
    await open.servers.start()
    const names = () => open.servers.tools().map(({ name }) => name)
    assert.deepEqual(names(), ['mcp_one_work', 'mcp_two_work'])
    await open.servers.server('one').stop()
    assert.deepEqual(names(), ['mcp_two_work'])
    await open.servers.server('one').start()
    assert.deepEqual(names(), ['mcp_one_work', 'mcp_two_work'])
  })

  it('stops a server that is still starting, at once', async () => {
    await using open = await desk([slow('late', 60_000)])
    const server = open.servers.server('late')
    const starting = assert.rejects(server.start(), { code: 'stopped' })
    await until(() => processesOf('servers/slow.ts').length === 1, 'the process')
    const before = performance.now()
    await server.stop()
    await starting
    assert.ok(performance.now() - before < 30_000, 'it takes a minute to start')
    assert.deepEqual(processesOf('servers/slow.ts'), [])
    assert.deepEqual(server.state, { kind: 'stopped' })
  })

  it('leaves no process and no watchdog when it is disposed, also in the middle of a start', async () => {
    const open = await desk([
      slow('ready'),
      slow('late', 60_000),
      configured('stubborn', node(misbehaving('stubborn'))),
    ])
    await open.servers.start(['ready', 'stubborn'])
    void open.servers.start(['late'])
    await until(() => processesOf('servers/slow.ts').length === 2, 'the processes')
    await open[Symbol.asyncDispose]()
    assert.deepEqual([...processesOf('misbehaving'), ...processesOf('test/mcp/servers')], [])
    await until(() => processesOf('signalTree').length === 0, 'the end of the watchdog')
  })

  it('settles everything and leaves nothing behind, whatever is done to it in whatever order', async () => {
    const step = fc.constantFrom('start', 'stop', 'restart', 'call', 'crash', 'configure', 'wait')
    const folder = await mkdtemp(path.join(tmpdir(), 'panelist-mcp-'))
    const restarts = { delaysMs: [5, 20], most: 4, withinMs: 60_000 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 10 }), async (steps) => {
        const list = (turn: number) => [
          configured('one', node(misbehaving('crashing'), path.join(folder, 'count')), { start: 9_000 + turn }),
        ]
        const open = await desk(list(0), { restarts })
        const results: Promise<unknown>[] = []
        const keep = (work: Promise<unknown>) => void (work.catch(() => {}), results.push(work))
        for (const [turn, what] of steps.entries()) {
          const server = open.servers.server('one')
          const call = (name: string) => server.request('tools/call', { name }, 'call it')
          if (what === 'wait') await new Promise((resolve) => setTimeout(resolve, 60))
          else if (what === 'configure') keep(open.servers.configure(list(turn)))
          else if (what === 'call') keep(call('starts'))
          else if (what === 'crash') keep(call('crash'))
          else keep(server[what]())
        }
        const settled = Promise.allSettled(results)
        await open[Symbol.asyncDispose]()
        for (const each of await settled) {
          if (each.status === 'rejected') assert.ok(each.reason instanceof McpError, String(each.reason))
        }
        assert.deepEqual(processesOf('servers/crashing.ts'), [])
      }),
      { numRuns: 10, endOnFailure: true },
    )
    await rm(folder, { recursive: true })
  })

  it('ends a call whose server is stopped, and says so', async () => {
    await using open = await desk([configured('silent', node(misbehaving('silent'), 'later'))])
    await open.servers.start()
    const call = toolOf(open.servers, 'never').run({}, context())
    call.catch(() => {})
    await open.servers.server('silent').stop()
    await assert.rejects(call, {
      code: 'stopped',
      message: 'silent could not call the tool never: it is stopped. Start it on the page of MCP servers.',
    })
  })

  it('lets a waiting call go when the person stops', async () => {
    await using open = await desk([slow('late', 60_000)])
    const stop = new AbortController()
    const call = open.servers.resources('late', stop.signal)
    setTimeout(() => stop.abort(), 100)
    await assert.rejects(call, { code: 'cancelled', server: 'late' })
  })

  it('tells servers of new folders of the workspace', async () => {
    let roots = [{ uri: 'file:///first', name: 'first' }]
    const list = [configured('everything', node(packaged('everything')))]
    await using open = await desk(list, { ports: { roots: () => roots } })
    await open.servers.start()
    await until(() => open.servers.tools().some(({ tool }) => tool === 'get-roots-list'), 'the tool')
    roots = [{ uri: 'file:///second', name: 'second' }]
    await open.servers.rootsChanged()
    const told = async () => JSON.stringify(await toolOf(open.servers, 'get-roots-list').run({}, context()))
    for (let tries = 0; tries < 1_000 && !(await told()).includes('second'); tries += 1)
      await new Promise((r) => setTimeout(r, 20))
    assert.match(await told(), /file:\/\/\/second/)
  })

  it('runs what a workspace file says, its variables filled in, and asks anew when any of it changes', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'panelist-mcp-'))
    await writeFile(path.join(folder, 'note.txt'), 'from the workspace')
    await writeFile(path.join(folder, '.env'), 'A=1')
    const ports: ResolvePorts = {
      folders: () => [{ name: 'w', path: folder }],
      env: () => undefined,
      ask: async () => undefined,
      readFile: (file) => readFile(file, 'utf8'),
    }
    const server = {
      command: process.execPath,
      args: [packaged('filesystem'), '${workspaceFolder}'],
      envFile: '${workspaceFolder}/.env',
    }
    const { servers } = parseFile('vscode', JSON.stringify({ servers: { files: server } }))
    await using open = await desk(servers, { resolve: (each, signal) => resolveDefinition(each, ports, signal) })
    await open.servers.start()
    const read = await toolOf(open.servers, 'read_text_file').run({ path: path.join(folder, 'note.txt') }, context())
    assert.match(JSON.stringify(read.output), /from the workspace/)

    const [files] = servers
    assert.ok(files)
    const approved = await approvalHash(files, ports)
    assert.equal(await approvalHash(files, ports), approved)
    await writeFile(path.join(folder, '.env'), 'NODE_OPTIONS=--require=./evil.cjs')
    assert.notEqual(await approvalHash(files, ports), approved)
    await rm(folder, { recursive: true })
  })
})
