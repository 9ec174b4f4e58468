/** What is found on this machine is offered before anything was chosen, and used with one click. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chooser } from '../../src/host/choice.ts'
import { Connections } from '../../src/host/connections.ts'
import { discover } from '../../src/host/discovery/discover.ts'
import { FirstRun } from '../../src/host/first-run.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import { Present } from '../../src/host/presence.ts'
import type { EditorModels } from '../../src/host/presence.ts'
import type { Settings } from '../../src/host/settings.ts'
import { readProviders } from '../../src/host/settings/providers.ts'
import type { Provider } from '../../src/llm/types.ts'
import { openStore } from '../../src/store/open.ts'
import type { Script, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { memory, noSettings } from './fakes.ts'

const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** The models of an editor that has some, or none. */
class FakeEditor implements EditorModels {
  readonly info = { id: 'vscode', label: 'VS Code', dialect: 'vscode', keyless: true as const, defaultBaseUrl: '' }
  has = false
  #listener = (): void => undefined
  available = () => Promise.resolve(this.has)
  onDidChange = (listener: () => void): void => void (this.#listener = listener)
  create(): Provider {
    const models = this.has ? [{ id: 'm', provider: 'vscode', name: 'M', source: 'provider' as const }] : []
    return { id: 'vscode', listModels: () => Promise.resolve(models), stream: () => assert.fail('not asked') }
  }
  change(has: boolean): void {
    this.has = has
    this.#listener()
  }
}

function ollama(script: Script): void {
  const { url } = script.request
  if (url === '/api/version') return script.json(200, { version: '0.9.0' })
  if (url === '/api/tags') return script.json(200, { models: [{ name: 'qwen3:8b', model: 'qwen3:8b' }] })
  script.json(200, { capabilities: ['completion'], model_info: {} })
}

describe('a first run', () => {
  let server: ScriptedServer
  const endings: (() => unknown)[] = []

  beforeEach(async () => {
    server = await startScriptedServer(ollama)
    endings.push(() => server.close())
  })
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })

  /** A window where nothing was chosen yet. */
  function open(written: Record<string, unknown> = {}, environment: Record<string, string> = {}) {
    const settings: Settings = { ...noSettings, providers: readProviders(written, []) }
    const { store } = openStore({ path: join(mkdtempSync(join(tmpdir(), 'panelist-')), 'panelist.db') })
    endings.push(() => store.close())
    const editor = new FakeEditor()
    const changes: string[] = []
    const present: Present = new Present({
      connections: () => connections,
      editor,
      changed: (provider) => changes.push(provider),
    })
    endings.push(() => present.stop())
    const keys = new Keys(new FakeSecrets(), new FakeMemento(), environment)
    const connections = new Connections({ keys, settings: () => settings, editor: [editor], presence: present })
    const models = new Models({ connections, settings: () => settings, store: () => store, log, changed: () => {} })
    const chooser = new Chooser(connections, models, () => settings, memory())
    const firstRun = new FirstRun({
      connections,
      chooser,
      models,
      discover: () =>
        discover(
          {
            environment,
            providers: connections.offered(),
            vscodeModels: async () => (await editor.create().listModels(AbortSignal.timeout(100))).length,
            addresses: { ollama: server.origin, lmstudio: server.origin },
          },
          AbortSignal.timeout(5000),
        ),
      addProvider: async (id, value) => void Object.assign(settings.providers, { [id]: value }),
    })
    return { connections, chooser, firstRun, present, editor, changes, settings }
  }

  const atServer = () => ({ ollama: { baseUrl: server.origin } })
  const status = (connections: Connections, id: string) => connections.status(connections.info(id)!)

  it('finds a running Ollama, and one click makes its model the one new chats begin with', async () => {
    const { chooser, firstRun, present } = open(atServer())
    await present.check()
    const found = await firstRun.find()
    assert.deepEqual(
      found.map(({ kind, provider }) => [kind, provider]),
      [['running', 'ollama']],
    )
    await firstRun.take('ollama')
    const chosen = await chooser.choose(undefined, false)
    assert.deepEqual([chosen?.provider, chosen?.model], ['ollama', 'qwen3:8b'])
    assert.deepEqual(await firstRun.find(), [], 'it is offered although the person has chosen')
  })

  it('finds keys of the environment by the name of their variable, never by their value', async () => {
    const { firstRun } = open({}, { ANTHROPIC_API_KEY: 'sk-secret-1' })
    const [found] = await firstRun.find()
    assert.equal(found?.provider, 'anthropic')
    assert.match(found?.detail ?? '', /ANTHROPIC_API_KEY/)
    assert.equal(JSON.stringify(found).includes('sk-secret-1'), false)
  })

  it('finds the models of the editor', async () => {
    const { editor, chooser, firstRun, present } = open({ ollama: { enabled: false } })
    editor.has = true
    await present.check()
    const found = await firstRun.find()
    assert.ok(found.some(({ provider }) => provider === 'vscode'))
    assert.equal(await chooser.needsKey(), true, 'models that nobody chose count as a provider')
    assert.equal(await chooser.choose(undefined, false), undefined)
    await firstRun.take('vscode')
    assert.equal(await chooser.needsKey(), false)
    assert.equal((await chooser.choose(undefined, false))?.model, 'm')
  })

  it('says why what was found cannot be used after all', async () => {
    const { firstRun, present } = open(atServer())
    await present.check()
    await firstRun.find()
    await server.close()
    await assert.rejects(firstRun.take('ollama'), /Ollama|answer|running/i)
  })

  it('counts Ollama as there only while it runs', async () => {
    const { connections, chooser, present, changes } = open({ ...atServer(), vscode: { enabled: false } })
    assert.equal(await status(connections, 'ollama'), 'absent')
    assert.equal(await chooser.needsKey(), true)
    await present.check()
    assert.equal(await status(connections, 'ollama'), 'not-needed')
    assert.equal(await chooser.needsKey(), false)
    await server.close()
    await present.check()
    assert.equal(await status(connections, 'ollama'), 'absent')
    assert.deepEqual(changes, ['ollama', 'ollama'])
  })

  it('looks for Ollama at once when somebody turns to a panel, and not while none is shown', async () => {
    const { present, changes } = open({ ...atServer(), vscode: { enabled: false } })
    present.look()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual([changes, server.requests.length], [[], 0])
    present.start()
    await present.check()
    await server.close()
    present.look()
    for (const deadline = Date.now() + 30_000; changes.length < 2 && Date.now() < deadline;) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    assert.deepEqual(changes, ['ollama', 'ollama'])
  })

  it('follows the editor’s models as they come and go while a panel is shown', async () => {
    const { connections, editor, present } = open({ ollama: { enabled: false } })
    editor.change(true)
    assert.equal(await status(connections, 'vscode'), 'absent', 'looked although no panel is shown')
    present.start()
    await new Promise(setImmediate)
    assert.equal(await status(connections, 'vscode'), 'not-needed')
    editor.change(false)
    await new Promise(setImmediate)
    assert.equal(await status(connections, 'vscode'), 'absent')
  })
})
