/** The page of MCP servers of a window without VS Code: cards, buttons, and servers that come and go. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { wordsOf } from '../../src/host/mcp/add.ts'
import { Switches } from '../../src/host/mcp/switches.ts'
import { Callbacks } from '../../src/host/mcp/callbacks.ts'
import { startProtectedServer } from '../mcp/authorisation.ts'
import { packaged, processesOf, until } from '../mcp/support.ts'
import { FakeMemento } from './fake-editor.ts'
import { McpWindow } from './mcp-window.ts'

const memory = { command: process.execPath, args: [packaged('memory')] }

describe('the page of MCP servers, on the host', function () {
  this.timeout(90_000)
  let window: McpWindow
  beforeEach(() => {
    window = new McpWindow()
  })
  afterEach(() => window.hub.dispose())

  it('adds a server by a command line typed into a box, writes it to the settings and starts it', async () => {
    await window.page.view()
    window.boxes.answers = ['Command line', `"${process.execPath}" ${packaged('memory')}`, 'graph']
    assert.equal(await window.page.add(), 'graph')
    assert.deepEqual(window.entries, { graph: memory })
    assert.equal(window.card('graph').state, 'ready')
    assert.equal(window.boxes.texts[1]?.value, 'memory', 'a name is proposed')
    assert.equal(window.boxes.texts[1].check('graph and more'), 'Use at most 40 letters, digits, - and _.')
    assert.deepEqual(window.boxes.dialogs, [], 'what the person typed needs no other word')
  })

  it('adds a server by its address, and says that nothing answers there and what to do', async () => {
    window.boxes.answers = ['Address', 'http://127.0.0.1:9/mcp', 'remote']
    await window.page.add()
    assert.deepEqual(window.entries, { remote: { type: 'http', url: 'http://127.0.0.1:9/mcp' } })
    const { state, problem, definition } = window.card('remote')
    assert.equal(state, 'failed')
    assert.match(problem ?? '', /remote could not start.*Check its address/)
    assert.equal(definition, 'http://127.0.0.1:9/mcp')
    const check = (typed: string) => window.boxes.texts[0]?.check(typed)
    assert.equal(
      check('https://me:word@host.example/'),
      'Leave the name and the password out: add a header in the settings.',
    )
    assert.match(String(check('ftp://host')), /https/)
  })

  it('changes nothing when the person leaves a box', async () => {
    for (const answers of [[], ['Command line'], ['Command line', 'node x']]) {
      window.boxes.answers = answers
      assert.equal(await window.page.add(), undefined)
    }
    assert.deepEqual(window.entries, {})
  })

  it('shows what failed, what to do, and the last lines of standard error', async () => {
    const broken = { command: process.execPath, args: ['-e', 'console.error("no such module"); process.exit(3)'] }
    window.entries = { broken, missing: { command: '/there/is/no/such/program' } }
    await window.hub.tools()
    const { problem, lastWords } = window.card('broken')
    assert.match(problem ?? '', /exit code 3.*no such module/)
    assert.deepEqual(lastWords, ['no such module'])
    assert.match(window.card('missing').problem ?? '', /\/there\/is\/no\/such\/program/)
  })

  it('stops a server so that no turn starts it again, until the person does', async () => {
    window.entries = { memory }
    await window.hub.tools()
    await window.page.act('stop', 'memory')
    assert.deepEqual([await window.hub.tools(), processesOf(packaged('memory'))], [[], []])
    await window.hub.configure()
    assert.equal(window.card('memory').state, 'stopped')
    await window.page.act('start', 'memory')
    assert.equal(window.card('memory').state, 'ready')
    await window.page.act('restart', 'memory')
    assert.equal(window.card('memory').state, 'ready')
  })

  it('opens where a server is configured, and removes one of the settings when the person is sure', async () => {
    window.entries = { memory }
    window.write('.mcp.json', { mcpServers: { graph: memory } })
    await window.hub.tools()
    await window.page.act('edit', 'memory')
    await window.page.act('edit', 'graph')
    assert.equal(window.edited[0], undefined)
    assert.match(window.edited[1] ?? '', /\.mcp\.json$/)
    window.boxes.answers = [undefined, 'Remove']
    await window.page.act('remove', 'memory')
    assert.deepEqual(window.entries, { memory })
    await window.page.act('remove', 'memory')
    assert.deepEqual(window.entries, {})
    assert.deepEqual(
      (await window.page.view()).servers.map(({ name }) => name),
      ['graph'],
    )
    assert.deepEqual(processesOf(packaged('memory')), [])
  })

  it('switches servers of files off without touching the files', async () => {
    window.write('.mcp.json', { mcpServers: { graph: memory } })
    window.boxes.answers = ['Allow']
    await window.page.view()
    await until(() => window.state('graph') === 'ready', 'ready')
    await window.page.act('disable', 'graph')
    assert.equal(window.card('graph').state, 'off')
    assert.deepEqual(window.entries, {})
    await window.page.act('enable', 'graph')
    await until(() => window.state('graph') === 'ready', 'ready again, without another question')
    assert.equal(window.boxes.dialogs.length, 1)
  })

  it('asks for inputs anew when the person wants to fill them in again', async () => {
    const inputs = [{ id: 'where', type: 'pickString', options: ['here', 'there'] }]
    window.write('.vscode/mcp.json', { inputs, servers: { graph: { ...memory, env: { WHERE: '${input:where}' } } } })
    window.boxes.answers = ['Allow', 'here']
    await window.page.view()
    await until(() => window.state('graph') === 'ready', 'ready')
    assert.equal(window.card('graph').hasInputs, true)
    window.boxes.answers = ['there']
    await window.page.act('ask-again', 'graph')
    assert.deepEqual(window.boxes.answers, [])
    assert.match(window.secrets.values.get('panelist.mcp.input.graph.where') ?? '', /"there"/)
  })
})

describe('a server that wants a sign-in', () => {
  it('says so on its card, and is ready once the person came back from the browser; the token is a secret', async () => {
    await using server = await startProtectedServer()
    const window = new McpWindow({
      entries: { safe: { url: server.url }, local: { command: process.execPath, args: ['-e', ''] } },
    })
    try {
      await window.hub.tools()
      assert.equal(window.card('safe').state, 'sign-in')
      window.browse = async (url) => {
        const answer = await fetch(url, { redirect: 'manual' })
        assert.equal(window.hub.callbacks.handle(new URL(answer.headers.get('location') ?? '').search), undefined)
      }
      await window.page.act('sign-in', 'safe')
      assert.equal(window.card('safe').state, 'ready')
      assert.deepEqual([...window.secrets.values.keys()], ['panelist.mcp.oauth.safe'])
      const token = /"access_token":"([^"]+)"/.exec([...window.secrets.values.values()][0] ?? '')?.[1]
      assert.ok(token)
      assert.ok(!JSON.stringify([window.log, [...window.memory.values]]).includes(token))
      const signedIn = async () => (await window.page.view()).servers.map((card) => [card.name, card.signedIn])
      assert.deepEqual(await signedIn(), [
        ['safe', true],
        ['local', undefined],
      ])
      await window.page.act('sign-out', 'safe')
      assert.deepEqual([...window.secrets.values.keys()], [])
      assert.deepEqual(await signedIn(), [
        ['safe', undefined],
        ['local', undefined],
      ])
      assert.equal(window.card('safe').state, 'sign-in')
    } finally {
      await window.hub.dispose()
    }
  })
})

describe('tools that are switched off', () => {
  const place = { name: 'graph', origin: 'settings' } as const
  it('are off by where their server stands, not by its name alone, and come back for nothing but the switch', async () => {
    const memory = new FakeMemento()
    let workspace = 'file:///one'
    const switches = new Switches(memory, () => workspace)
    const file = { name: 'graph', origin: 'project' } as const
    await switches.switchTool(file, 'read', false)
    assert.deepEqual([switches.toolOff(file, 'read'), switches.toolOff(place, 'read')], [true, false])
    workspace = 'file:///two'
    assert.equal(switches.toolOff(file, 'read'), false)
    workspace = 'file:///one'
    await switches.switchTool(file, 'read', true)
    assert.equal(switches.toolOff(file, 'read'), false)
  })

  it('are off still where they were switched off by the name of the server alone, and forgotten with the server', async () => {
    const memory = new FakeMemento()
    await memory.update('panelist.mcp.toolsOff', { graph: ['read', 'write'] })
    const switches = new Switches(memory, () => 'file:///one')
    assert.equal(switches.toolOff(place, 'read'), true)
    await switches.switchTool(place, 'read', true)
    assert.deepEqual([switches.toolOff(place, 'read'), switches.toolOff(place, 'write')], [false, true])
    await switches.forgetTools(place)
    assert.equal(switches.toolOff(place, 'write'), false)
  })
})

describe('a command line', () => {
  it('is taken as words, with quotes and backslashes as people type them', () => {
    assert.deepEqual(wordsOf('npx -y  "a b"c \'d e\''), ['npx', '-y', 'a bc', 'd e'])
    assert.deepEqual(wordsOf('C:\\tools\\x.exe "" \\"'), ['C:\\tools\\x.exe', '', '"'])
    assert.equal(wordsOf('a "b'), undefined)
    assert.deepEqual(wordsOf('   '), [])
  })

  it('gives back whatever words are quoted', () => {
    const word = fc.string().filter((text) => !/['\\]/.test(text))
    fc.assert(
      fc.property(fc.array(word), (words) => {
        assert.deepEqual(wordsOf(words.map((each) => `'${each}'`).join(' ')), words)
      }),
    )
  })
})

describe('a browser that comes back', () => {
  it('reaches the one who waits for it, and nobody else', async () => {
    const callbacks = new Callbacks()
    const waiting = callbacks.wait('right', AbortSignal.timeout(5_000))
    assert.match(callbacks.handle('state=wrong&code=1') ?? '', /No sign-in/)
    assert.equal(callbacks.handle('state=right&code=2'), undefined)
    assert.equal((await waiting).get('code'), '2')
    assert.match(callbacks.handle('state=right&code=3') ?? '', /No sign-in/)
  })

  it('is waited for until the person leaves', async () => {
    const callbacks = new Callbacks()
    const controller = new AbortController()
    const waiting = callbacks.wait('a', controller.signal)
    waiting.catch(() => undefined)
    controller.abort()
    await assert.rejects(waiting, /Nobody came back/)
    await pause(0)
    assert.match(callbacks.handle('state=a') ?? '', /No sign-in/)
  })
})
