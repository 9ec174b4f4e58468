/**
 * A window whose model attacks: real sessions, store and approvals, Panelist's own tools on a folder of this machine, and
 * a model that calls what a test says. Beside the workspace lies a folder with a secret.
 */
import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Services } from '../../src/host/services.ts'
import { CommandKeeper } from '../../src/host/workspace-tools/processes.ts'
import type { ChatRequest } from '../../src/llm/types.ts'
import type { Json } from '../../src/shared/json.ts'
import type { StreamEvent, ToolResult } from '../../src/shared/message.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import type { ApprovalDecision, ApprovalRequest, CallState } from '../../src/shared/tool-state.ts'
import { isOver } from '../../src/shared/tool-state.ts'
import { Approvals } from '../../src/tools/approvals.ts'
import { builtInTools } from '../../src/tools/built-in/index.ts'
import { LocalGit } from '../../src/tools/machine/git.ts'
import { LocalNet } from '../../src/tools/machine/net.ts'
import { PlainShell } from '../../src/tools/machine/shell.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { FolderWorkspace } from '../tools/built-in/workspaces.ts'
import { FakePage, FakeWindow, end, text } from './fakes.ts'

/** What came of one call. `asked`: what the person was asked before it ran, where they were. */
export type Attempt = {
  asked: ApprovalRequest | undefined
  state: CallState | undefined
  failed: boolean
  text: string
}

export const SECRET = 'the-secret-of-another-project'

export class Attacked {
  /** The folder that holds both others. */
  readonly parent = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-attacked-')))
  readonly folder = path.join(this.parent, 'work')
  readonly outside = path.join(this.parent, 'other')
  /** Beside Panelist's own. */
  others: Tool[] = []
  readonly window: FakeWindow
  readonly page: FakePage
  readonly #keeper = new CommandKeeper()
  #calls = 0

  /** `mcp`: the servers of the window. */
  constructor(mcp?: Services['mcp']) {
    for (const each of [this.folder, this.outside]) mkdirSync(each)
    writeFileSync(path.join(this.outside, 'secret.txt'), `${SECRET}\n`)
    const workspace = new FolderWorkspace(this.folder)
    const own = builtInTools({
      workspace,
      terminal: new PlainShell('/bin/sh', this.#keeper),
      language: {
        symbols: () => Promise.resolve(undefined),
        references: () => Promise.resolve([]),
        diagnostics: () => [],
      },
      git: new LocalGit(),
      net: new LocalNet(() => []),
    })
    const approvals = new Approvals({
      paths: () => ({ roots: [this.folder], windows: false, realPath: (file) => workspace.realPath(file) }),
      shell: () => 'posix',
      workspace: () => 'file:///project',
      readsUnasked: () => true,
      redact: (text) => text,
      save: () => undefined,
    })
    this.window = new FakeWindow({
      tools: () => Promise.resolve(new Toolbox([...own, ...this.others])),
      approvals,
      ...(mcp && { mcp }),
    })
    this.page = new FakePage(this.window)
  }

  get requests(): readonly ChatRequest[] {
    return this.window.provider.requests
  }

  get events(): PanelEvent[] {
    return this.page.batches.flatMap(({ events }) => events)
  }

  /** Begins a turn: from here on the model decides. */
  async begin(): Promise<void> {
    const before = this.requests.length
    await this.page.ready()
    await this.page.say('Help me')
    await this.page.until(() => this.requests.length > before)
  }

  /** Ends the turn with an answer. */
  async finish(words = 'Done.'): Promise<void> {
    const ends = (): number => this.events.filter((event) => event.type === 'turn' && event.end !== undefined).length
    const before = ends()
    this.window.provider.send(...text(words), ...end(words))
    await this.page.until(() => ends() > before)
  }

  /** The model calls a tool, and the person decides where they are asked; `meanwhile` happens while they look at it. */
  async attempt(
    name: string,
    input: Json,
    decision: ApprovalDecision = { kind: 'deny' },
    meanwhile?: () => void,
  ): Promise<Attempt> {
    const id = `call-${++this.#calls}`
    const before = this.requests.length
    this.window.provider.send(...call(id, name, input))
    const states = (): CallState[] =>
      this.events.flatMap((event) =>
        event.type === 'call' && event.event.type === 'state' && event.event.callId === id ? [event.event.state] : [],
      )
    const asked = () => states().find((state) => state.kind === 'asking')?.request
    await this.page.until(() => asked() !== undefined || this.requests.length > before)
    if (asked()) {
      meanwhile?.()
      await this.page.ask('decide', { callId: id, decision })
      await this.page.until(() => this.requests.length > before)
    }
    // The page is told a little later than the model.
    await this.page.until(() => states().some(isOver))
    const result = this.#result(id)
    const words = result.output
      .map((part) => (part.type === 'text' ? part.text : `[${part.media.mediaType}]`))
      .join('\n')
    return { asked: asked(), state: states().at(-1), failed: result.failed === true, text: words }
  }

  /** Everything that left: to the provider, to the page, and into the database. */
  async everything(): Promise<string> {
    const snapshot = await this.page.ready()
    const stored = snapshot.page.messages.map(({ id }) => this.window.services.store().messages.get(id))
    return JSON.stringify([this.requests, this.page.batches, snapshot, stored])
  }

  /** Every path below the folder that holds all, with its content and when it was changed. */
  onDisk(): string[] {
    return readdirSync(this.parent, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const file = path.join(this.parent, name)
        const stat = lstatSync(file)
        return `${name} ${stat.mtimeMs} ${stat.isFile() ? readFileSync(file, 'base64') : ''}`
      })
  }

  async end(): Promise<void> {
    await this.window.services.answers.stopAll()
    this.page.session.dispose()
    this.window.close()
    this.#keeper[Symbol.dispose]()
    rmSync(this.parent, { recursive: true })
  }

  #result(id: string): ToolResult {
    const results = this.requests
      .at(-1)
      ?.messages.flatMap((message) => (message.role === 'tool' ? message.content : []))
    const result = results?.find(({ callId }) => callId === id)
    assert.ok(result, `the next request holds no result of ${id}`)
    return result
  }
}

function call(id: string, name: string, input: Json): StreamEvent[] {
  const json = JSON.stringify(input)
  return [
    { type: 'block-start', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json: '' } },
    { type: 'block-end', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json, input } },
    { type: 'end', stop: { kind: 'tools' } },
  ]
}
