/** The MCP servers of a window: what is asked before anything runs, what is kept where, and what models are told. */
import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'
import { defaultTimeouts } from '../../src/mcp/configuration/definition.ts'
import { digestOf } from '../../src/tools/digest.ts'
import { hashOf } from '../../src/tools/scope.ts'
import { packaged, processesOf, until } from '../mcp/support.ts'
import { McpWindow } from './mcp-window.ts'

const node = process.execPath
const memory = { command: node, args: [packaged('memory')] }
/** Says what it was given before it serves. */
const talkative = {
  command: node,
  args: [
    '-e',
    `console.error('my token is ' + process.env.TOKEN); import('${pathToFileURL(packaged('memory')).href}')`,
  ],
}

describe('the MCP servers of a window', function () {
  this.timeout(90_000)
  const windows: McpWindow[] = []
  const open = (options: ConstructorParameters<typeof McpWindow>[0] = {}): McpWindow => {
    const window = new McpWindow(options)
    windows.push(window)
    return window
  }
  /** Another window of the same person on the same workspace. */
  const again = (before: McpWindow): McpWindow =>
    open({ folder: before.folder, memory: before.memory, secrets: before.secrets, entries: before.entries })
  afterEach(async () => {
    await Promise.all(windows.splice(0).map((window) => window.hub.dispose()))
  })
  const started = (window: McpWindow, name: string): Promise<unknown> =>
    until(() => window.state(name) === 'ready', `${name} is ready`)
  const dialogs = (window: McpWindow, count: number): Promise<unknown> =>
    until(() => window.boxes.dialogs.length >= count, `${count} dialogs`)

  it('offers the tools of a server of the settings to models, and stops it with the window', async () => {
    const window = open({ entries: { memory } })
    assert.ok((await window.names()).includes('mcp_memory_create_entities'))
    assert.deepEqual(window.boxes.dialogs, [])
    assert.equal(processesOf(packaged('memory')).length, 1)
    await window.hub.dispose()
    assert.deepEqual(processesOf(packaged('memory')), [])
  })

  it('loads nothing where no server is configured, or none may run', async () => {
    const empty = open()
    assert.deepEqual(await empty.names(), [])
    const restricted = open({ entries: { memory }, trusted: false })
    restricted.write('.mcp.json', { mcpServers: { other: memory } })
    assert.deepEqual(await restricted.names(), [])
    assert.deepEqual(await restricted.page.view(), { servers: [], problems: [], whyNone: 'untrusted' })
    assert.deepEqual([empty.loads, restricted.loads, restricted.boxes.dialogs.length], [0, 0, 0])
  })

  it('begins when the workspace is trusted, if a panel was shown meanwhile', async () => {
    const window = open({ entries: { memory }, trusted: false })
    window.trusted = true
    window.hub.trust()
    await window.hub.settled
    assert.equal(window.loads, 0, 'nobody wanted anything yet')
    window.trusted = false
    window.hub.begin()
    window.trusted = true
    window.hub.trust()
    await started(window, 'memory')
  })

  it('starts nothing by itself where no model is told of tools, but for a person who wants it', async () => {
    const window = open({ entries: { memory } })
    window.wanted = false
    await window.names()
    assert.equal(window.loads, 0)
    assert.equal(window.state('memory'), 'stopped')
    await window.page.act('start', 'memory')
    assert.equal(window.state('memory'), 'ready')
  })

  for (const [file, field] of [
    ['.vscode/mcp.json', 'servers'],
    ['.mcp.json', 'mcpServers'],
  ] as const) {
    it(`asks once before it starts a server of ${file}, showing what would run, and not again in another window`, async () => {
      const window = open()
      window.write(file, { [field]: { graph: { ...memory, env: { NODE_OPTIONS: '--no-deprecation' } } } })
      window.boxes.answers = ['Allow']
      window.hub.begin()
      await started(window, 'graph')
      const [dialog = ''] = window.boxes.dialogs
      for (const words of ['graph', file, node, packaged('memory'), 'NODE_OPTIONS=--no-deprecation'])
        assert.ok(dialog.includes(words), words)
      const next = again(window)
      await next.names()
      await started(next, 'graph')
      assert.deepEqual(next.boxes.dialogs, [])
    })
  }

  it('never starts a server of a file before it is allowed', async () => {
    const window = open()
    window.write('.mcp.json', { mcpServers: { graph: memory } })
    assert.deepEqual(await window.names(), [])
    await dialogs(window, 1)
    await window.hub.configure()
    assert.deepEqual(await window.names(), [])
    assert.equal(window.boxes.dialogs.length, 1, 'what was put off is not asked again in this window')
    assert.equal(window.state('graph'), 'waiting')
    assert.deepEqual([window.loads, processesOf(packaged('memory')).length], [0, 0])
    window.boxes.answers = ['Allow']
    await window.page.act('start', 'graph')
    assert.equal(window.state('graph'), 'ready')
  })

  it('asks about several one after another, each as it stands when it is asked about', async () => {
    const window = open()
    const first = Promise.withResolvers<string>()
    window.write('.mcp.json', { mcpServers: { one: memory, two: memory } })
    window.boxes.answers = [first.promise, 'Allow']
    window.hub.begin()
    await dialogs(window, 1)
    window.write('.mcp.json', { mcpServers: { one: memory, two: { ...memory, args: [...memory.args, '--changed'] } } })
    await window.hub.configure()
    first.resolve('Allow')
    await started(window, 'one')
    await started(window, 'two')
    assert.equal(window.boxes.dialogs.length, 2)
    assert.ok(window.boxes.dialogs[1]?.includes('--changed'))
  })

  it('takes no word that came before anybody could read what it was for', async () => {
    const window = open({ readingTime: 10_000 })
    window.write('.mcp.json', { mcpServers: { graph: memory } })
    window.boxes.answers = ['Allow', 'Allow', undefined]
    window.hub.begin()
    await dialogs(window, 3)
    await window.hub.settled
    assert.deepEqual([window.state('graph'), window.loads], ['waiting', 0])
  })

  const changes: Record<string, object> = {
    'an argument': { ...memory, args: [...memory.args, '--more'] },
    'the environment': { ...memory, env: { A: 'b' } },
    'the folder': { ...memory, cwd: '/' },
    'the program': { url: 'http://127.0.0.1:9/mcp' },
  }
  for (const [what, changed] of Object.entries(changes)) {
    it(`stops a server of a file and asks again when ${what} changes`, async () => {
      const window = open()
      window.write('.mcp.json', { mcpServers: { graph: memory } })
      window.boxes.answers = ['Allow']
      window.hub.begin()
      await started(window, 'graph')
      window.write('.mcp.json', { mcpServers: { graph: changed } })
      await window.hub.configure()
      await dialogs(window, 2)
      assert.equal(window.state('graph'), 'waiting')
      assert.deepEqual(await window.names(), [])
      assert.deepEqual(processesOf(packaged('memory')), [])
      window.write('.mcp.json', { mcpServers: { graph: memory } })
      await window.hub.configure()
      await started(window, 'graph')
    })
  }

  it('asks again when the text of an envFile changes, also between the word and the start', async () => {
    const window = open()
    window.write('the.env', 'A=1')
    window.write('.mcp.json', { mcpServers: { graph: { ...memory, envFile: '${workspaceFolder}/the.env' } } })
    window.boxes.answers = ['Allow']
    window.hub.begin()
    await started(window, 'graph')
    window.write('the.env', 'NODE_OPTIONS=--require=./evil.js')
    // Nobody told that the file changed: the restart of a server that crashed reads it anew.
    await window.hub
      .running('graph')!
      .restart()
      .catch(() => undefined)
    assert.match(window.card('graph').problem ?? '', /not the one you allowed/)
    await window.page.act('start', 'graph')
    assert.equal(window.boxes.dialogs.length >= 2, true)
    assert.equal(window.state('graph'), 'waiting')
  })

  it('asks in each workspace of its own, and takes never for an answer', async () => {
    const window = open()
    window.write('.mcp.json', { mcpServers: { graph: memory } })
    window.boxes.answers = ['Never']
    window.hub.begin()
    await until(() => window.state('graph') === 'refused', 'refused')
    const next = again(window)
    await next.names()
    assert.deepEqual([next.boxes.dialogs.length, next.state('graph')], [0, 'refused'])
    const elsewhere = open({ memory: window.memory })
    elsewhere.write('.mcp.json', { mcpServers: { graph: memory } })
    elsewhere.hub.begin()
    await dialogs(elsewhere, 1)
  })

  it('leaves a server of the settings in its place when a file names one the same', async () => {
    const window = open({ entries: { memory } })
    window.write('.mcp.json', { mcpServers: { memory: { command: 'evil' } } })
    await window.names()
    assert.equal(window.card('memory').place, 'User settings')
    assert.match((await window.page.view()).problems.join(), /\.mcp\.json is not used/)
    assert.deepEqual(window.boxes.dialogs, [])
  })

  it('asks for inputs in a box that hides them, keeps them as secrets for one definition, and never logs them', async () => {
    const secret = 'canary-of-the-input'
    const window = open()
    const file = (more: object) => ({
      servers: { graph: { ...talkative, env: { TOKEN: '${input:token}', ...more } } },
      inputs: [{ id: 'token', type: 'promptString', password: true, description: 'The token' }],
    })
    window.write('.vscode/mcp.json', file({}))
    window.boxes.answers = ['Allow', secret]
    window.hub.begin()
    await started(window, 'graph')
    await until(() => window.log.some((line) => line.includes('my token is')), 'it said its token')
    assert.equal(window.boxes.texts[0]?.secret, true)
    assert.deepEqual([...window.secrets.values.keys()], ['panelist.mcp.input.graph.token'])
    const seen = JSON.stringify([window.log, [...window.memory.values], await window.page.view()])
    assert.ok(!seen.includes(secret))
    assert.ok(window.log.some((line) => line.includes('my token is [redacted]')))
    const same = again(window)
    await same.names()
    await started(same, 'graph')
    assert.equal(same.boxes.texts.length, 0)
    const other = again(window)
    other.write('.vscode/mcp.json', file({ MORE: '1' }))
    other.boxes.answers = ['Allow', undefined]
    other.hub.begin()
    await until(() => other.state('graph') === 'failed', 'not started without a value')
    assert.equal(other.boxes.texts.length, 1, 'another definition gets nothing of what was kept')
  })

  it('binds what is remembered of a tool to the definition of its server', async () => {
    const first = open({ entries: { memory } })
    const second = open({ entries: { memory: { ...memory, env: { A: 'b' } } } })
    const hash = async (window: McpWindow): Promise<string> => {
      const tool = (await window.hub.tools()).find(({ name }) => name === 'mcp_memory_read_graph')
      assert.ok(tool?.definition)
      return digestOf(hashOf(tool))
    }
    const same = open({ entries: { memory } })
    assert.equal(await hash(first), await hash(same))
    assert.notEqual(await hash(first), await hash(second))
  })

  it('takes tools away that are switched off, and servers', async () => {
    const window = open({ entries: { memory } })
    await window.names()
    await window.page.switchTool('memory', 'read_graph', false)
    assert.ok(!(await window.names()).includes('mcp_memory_read_graph'))
    assert.equal(window.card('memory').tools.find(({ name }) => name === 'read_graph')?.on, false)
    await window.page.switchTool('memory', 'read_graph', true)
    assert.ok((await window.names()).includes('mcp_memory_read_graph'))
    await window.page.act('disable', 'memory')
    assert.deepEqual(window.entries, { memory: { ...memory, disabled: true } })
    assert.deepEqual([await window.names(), window.state('memory')], [[], 'off'])
    await window.page.act('enable', 'memory')
    assert.deepEqual(window.entries, { memory })
    await until(() => window.state('memory') === 'ready', 'on again')
  })

  it('does not let a turn wait long for a server that is slow to start', async () => {
    const slow = { command: node, args: ['-e', 'setInterval(() => {}, 1000)'] }
    const window = open({ entries: { slow, memory }, patience: 2_000 })
    const began = Date.now()
    await window.names()
    assert.ok(Date.now() - began < defaultTimeouts.start / 2, 'its own time to start is longer')
    await until(() => window.state('memory') === 'ready', 'the one that is not slow')
    const again = Date.now()
    for (let times = 0; times < 20; times++)
      assert.ok((await window.names()).includes('mcp_memory_read_graph'), 'what the other one has')
    assert.ok(Date.now() - again < 20_000, 'the time was given once')
    assert.equal(window.state('slow'), 'starting')
  })
})
