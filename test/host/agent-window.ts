/** A window with files of agents, prompts and instructions: real chooser, tools, answers and store over a scripted provider. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Answers } from '../../src/host/answers.ts'
import { Chooser } from '../../src/host/choice.ts'
import { Connections } from '../../src/host/connections.ts'
import * as room from '../../src/host/customisation/index.ts'
import { promptSource } from '../../src/host/customisation/prompt-source.ts'
import { Customising } from '../../src/host/customisation/window.ts'
import { Keys } from '../../src/host/keys.ts'
import { Models } from '../../src/host/models.ts'
import type { Settings } from '../../src/host/settings.ts'
import { ToolSet } from '../../src/host/tool-set.ts'
import type { BuiltIn } from '../../src/host/built-in-tools.ts'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { messages as format } from '../harness/fakes/anthropic.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { Script, ScriptedServer } from '../harness/scripted-server.ts'
import { tool } from '../harness/turn.ts'
import { DiskFiles, folderWith } from './customisation/disk-files.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { FakePage, FakeWindow, memory, noSettings } from './fakes.ts'

const LISTED = ['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5'].map((id) => ({ id, max_tokens: 64_000 }))

export class AgentWindow {
  readonly server: ScriptedServer
  readonly window: FakeWindow
  readonly page: FakePage
  readonly customising: Customising
  readonly folder: string
  readonly own: string
  readonly files: DiskFiles
  readonly keys: Keys
  readonly connections: Connections
  readonly opened: string[] = []
  settings: Settings
  /** How often a list of models turned out to be another one. */
  changes = 0
  /** Lists of models wait for it. */
  listing: Promise<void> | undefined
  /** What the provider lists beside its usual models. */
  #more: JsonObject[] = []
  /** How many answers call the first tool before one is done. */
  calls = 0

  private constructor(server: ScriptedServer, workspace: Record<string, string>, own: Record<string, string>) {
    this.server = server
    this.folder = folderWith(workspace)
    this.own = folderWith(own)
    this.files = new DiskFiles([this.folder], this.own)
    this.settings = {
      ...noSettings,
      providers: { anthropic: { baseUrl: server.origin } },
      models: LISTED.map(({ id }) => ({ provider: 'anthropic', id, price: { input: 1e6, output: 1e6 } })),
    }
    const remembered = memory()
    const tools: Tool[] = [
      tool({ name: 'read_file' }),
      tool({ name: 'search_text' }),
      tool({ name: 'write_file', effect: 'write' }),
      tool({ name: 'run_command', effect: 'run' }),
      tool({ name: 'mcp_github_list', source: { kind: 'mcp', server: 'github' }, effect: 'send' }),
    ]
    this.customising = new Customising({
      files: this.files,
      settings: () => {
        const { systemPrompt, instructions: kinds, agent } = this.settings
        return { systemPrompt, kinds, ...(agent && { agent }) }
      },
      memory: remembered,
      log: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
      load: async () => room,
      desk: {
        create: async () => {},
        configure: async () => {},
        open: async (uri) => void this.opened.push(uri),
        edit: async (uri, change) => {
          const file = fileURLToPath(uri)
          writeFileSync(file, change(readFileSync(file, 'utf8')))
        },
        surroundings: () => ({ selection: 'let x', file: 'src/x.ts' }),
      },
    })
    const set = new ToolSet({
      memory: remembered,
      settings: () => this.settings,
      trusted: () => this.files.isTrusted,
      redact: (text) => text,
      workspace: () => 'file:///project',
      load: () => Promise.resolve({ tools: () => tools, paths: noPaths, shell: () => 'posix' } as unknown as BuiltIn),
      others: () => Promise.resolve([]),
      named: async (conversation) => (await this.customising.of(conversation)).agent?.tools,
    })
    this.window = new FakeWindow({ toolSet: set, customising: this.customising })
    const { log, store } = this.window.services
    const keys = (this.keys = new Keys(new FakeSecrets(), new FakeMemento(), {}))
    const connections = (this.connections = new Connections({ keys, settings: () => this.settings }))
    const models = new Models({
      connections,
      settings: () => this.settings,
      store,
      log,
      changed: () => void this.changes++,
    })
    const chooser = new Chooser(connections, models, () => this.settings, remembered, this.customising)
    const answers = new Answers({
      customising: this.customising,
      fitting: this.window.services.fitting.fitting,
      store,
      log,
      toolLog: log,
      settings: () => this.settings,
      resilience: new Resilience({ settings: () => this.settings, log }),
      tools: (conversation) => set.toolbox(conversation),
      approvals: set.approvals,
      choose: (conversation) => chooser.choose(conversation, true),
      connect: (provider, profile) => connections.open(provider, profile),
      whyNone: (conversation) => chooser.whyNone(conversation),
      stored: () => undefined,
      outcome: () => undefined,
    })
    Object.assign(this.window.services, { answers, chooser, models })
    this.window.services.suggestions.add(promptSource(this.customising))
    const page = new FakePage(this.window)
    this.page = page
    this.ready = (async () => {
      const info = connections.info('anthropic')!
      await keys.set(info, connections.settingsOf('anthropic'), 'sk-ant-first-1')
      await keys.set(info, connections.settingsOf('anthropic'), 'sk-ant-team-22', 'team')
      await models.refresh(info)
      await page.ready()
    })()
  }

  private readonly ready: Promise<void>

  static async open(workspace: Record<string, string>, own: Record<string, string> = {}): Promise<AgentWindow> {
    const answering: { window?: AgentWindow } = {}
    const server = await startScriptedServer((script) => answer(script, answering.window))
    const opened = new AgentWindow(server, workspace, own)
    answering.window = opened
    await opened.ready
    return opened
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8')
  }

  async chosen() {
    return (await this.page.ready()).conversation.chosen!
  }

  /** The request that a message came to: the last one of its turn. */
  async asked(text = 'Hello'): Promise<JsonObject & { system: string; tools: string[]; key: string }> {
    await this.page.say(text)
    while (this.window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const request = this.server.requests.filter(({ method }) => method === 'POST').at(-1)!
    const body = request.json() as JsonObject
    const tools = ((body.tools ?? []) as { name: string }[]).map(({ name }) => name)
    const system = body.system ?? ''
    const key = String(request.headers['x-api-key'])
    return { ...body, system: typeof system === 'string' ? system : wordsOf(system), tools, key }
  }

  /** One more provider, whose list nobody has asked for, with this model; the list comes once what this gives is called. */
  async offerUnasked(model: JsonObject): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.listing = promise
    this.#more = [{ max_tokens: 64_000, ...model }]
    const providers = {
      ...this.settings.providers,
      lab: { baseUrl: this.server.origin, dialect: 'anthropic' as const },
    }
    this.settings = { ...this.settings, providers }
    this.changes = 0
    await this.keys.set(this.connections.info('lab')!, providers.lab, 'sk-ant-lab-3')
    return resolve
  }

  get listed(): JsonObject[] {
    return [...LISTED, ...this.#more]
  }

  async close(): Promise<void> {
    await this.window.services.answers.stopAll()
    this.page.session.dispose()
    this.window.close()
    await this.server.close()
  }
}

const wordsOf = (blocks: unknown): string => (blocks as { text: string }[]).map(({ text }) => text).join('\n')

const noPaths = () => ({
  roots: ['/w'],
  windows: false,
  realPath: (path: string) => Promise.resolve({ kind: 'found', path }),
})

async function answer(script: Script, window: AgentWindow | undefined): Promise<void> {
  if (script.request.method === 'GET') {
    await window?.listing
    return script.json(200, { data: window?.listed ?? LISTED, has_more: false })
  }
  const written = format.answer('claude')
  script.head(200, { 'content-type': format.contentType })
  if (window && window.calls > 0) {
    window.calls--
    await script.send(calling())
  } else await script.send(written.say('Hi.') + written.end({ input: 10, output: 2, cached: 0 }))
  script.end()
}

let calls = 0

function calling(): string {
  const event = (type: string, fields: JsonObject): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  const call = { type: 'tool_use', id: `toolu_${++calls}`, name: 'read_file', input: {} }
  const about = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [] }
  return [
    event('message_start', { message: { ...about, usage: { input_tokens: 10, output_tokens: 1 } } }),
    event('content_block_start', { index: 0, content_block: call }),
    event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: '{"city":"Rome"}' } }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } }),
    event('message_stop', {}),
  ].join('')
}
