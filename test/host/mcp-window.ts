/** The MCP servers of a window without VS Code: real servers in child processes; boxes that a test answers. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Entries, McpBoxes, McpDesk } from '../../src/host/mcp/desk.ts'
import { McpHub } from '../../src/host/mcp/hub.ts'
import type { HubParts } from '../../src/host/mcp/hub.ts'
import { McpPage } from '../../src/host/mcp/page.ts'
import type { Item, TextBox } from '../../src/host/provider-page/boxes.ts'
import type { McpCard } from '../../src/shared/protocol.ts'
import { FakeMemento, FakeSecrets } from './fake-editor.ts'
import { askOnce } from './fakes.ts'

/** A promise is a dialog that stands open. */
type Answer = string | string[] | undefined | Promise<string>

/** Answers in the order the boxes are shown; undefined leaves one. A pick is answered by the label of the item. */
export class FakeMcpBoxes implements McpBoxes {
  answers: Answer[] = []
  readonly texts: (TextBox & { secret?: boolean })[] = []
  /** What the dialogs said, each with its detail. */
  readonly dialogs: string[] = []

  async ask(box: TextBox & { secret?: boolean }): Promise<string | undefined> {
    this.texts.push(box)
    const answer = this.answers.shift() as string | undefined
    const objection = answer === undefined ? undefined : box.check(answer)
    if (typeof objection === 'string') throw new Error(`the box takes no “${answer}”: ${objection}`)
    return answer
  }

  async pick<T>(items: readonly Item<T>[]): Promise<Item<T> | undefined> {
    const label = (await this.answers.shift()) as string | undefined
    const item = items.find((one) => one.label === label)
    if (label !== undefined && !item) throw new Error(`nothing is called ${label}`)
    return item
  }

  async pickMany<T>(items: readonly Item<T>[]): Promise<Item<T>[] | undefined> {
    const labels = (await this.answers.shift()) as string[] | undefined
    return labels === undefined ? undefined : items.filter((one) => labels.includes(one.label))
  }

  async choose(question: string, detail: string, answers: readonly string[]): Promise<string | undefined> {
    this.dialogs.push(`${question}\n${detail}`)
    const answer = (await this.answers.shift()) as string | undefined
    if (answer !== undefined && !answers.includes(answer)) throw new Error(`no button ${answer}`)
    return answer
  }

  waiting<T>(_: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return run(new AbortController().signal)
  }
}

type Options = {
  folder?: string
  memory?: FakeMemento
  secrets?: FakeSecrets
  entries?: Entries
  trusted?: boolean
  env?: Record<string, string>
  readingTime?: number
  patience?: number
  sampling?: Partial<HubParts['sampling']>
}

export class McpWindow {
  readonly boxes = new FakeMcpBoxes()
  readonly folder: string
  readonly memory: FakeMemento
  readonly secrets: FakeSecrets
  readonly log: string[] = []
  readonly edited: (string | undefined)[] = []
  readonly opened: string[] = []
  readonly hub: McpHub
  readonly page: McpPage
  entries: Entries
  trusted: boolean
  wanted = true
  mode: 'ask' | 'never' = 'ask'
  loads = 0
  /** How often something that is attached may have changed. */
  contextChanges = 0
  /** What the person does with a page that is opened. */
  browse: ((url: string) => Promise<void>) | undefined

  constructor(options: Options = {}) {
    this.folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'panelist-mcp-'))
    this.memory = options.memory ?? new FakeMemento()
    this.secrets = options.secrets ?? new FakeSecrets()
    this.entries = options.entries ?? {}
    this.trusted = options.trusted ?? true
    const write = (line: string): void => void this.log.push(line)
    const never = (): never => {
      throw new Error('nobody may ask for this')
    }
    const desk = this.#desk(options.env ?? {})
    this.hub = new McpHub({
      desk,
      memory: this.memory,
      secrets: {
        get: (key) => this.secrets.get(key),
        set: (key, value) => this.secrets.store(key, value),
        delete: (key) => this.secrets.delete(key),
      },
      log: { trace: write, debug: write, info: write, warn: write, error: write },
      sampling: {
        store: never,
        resilience: askOnce,
        choose: never,
        connect: never,
        workspace: () => 'file:///project',
        ...options.sampling,
      },
      version: '0.0.0',
      readingTime: options.readingTime ?? 0,
      // Real programs start as slowly as the machine is busy.
      patience: options.patience ?? 60_000,
      wanted: () => this.wanted,
      changed: () => undefined,
      load: () => {
        this.loads++
        return import('../../src/mcp/index.ts')
      },
    })
    this.page = new McpPage({
      hub: this.hub,
      desk,
      whyNone: () => (this.trusted ? undefined : 'untrusted'),
      changed: () => undefined,
      contextChanged: () => this.contextChanges++,
    })
  }

  /** Writes a file of the workspace. */
  write(file: string, value: unknown): void {
    const at = path.join(this.folder, file)
    mkdirSync(path.dirname(at), { recursive: true })
    writeFileSync(at, typeof value === 'string' ? value : JSON.stringify(value))
  }

  card(name: string): McpCard {
    const card = this.page.cards().find((one) => one.name === name)
    if (!card) throw new Error(`no card of ${name}`)
    return card
  }

  state(name: string): McpCard['state'] | undefined {
    return this.page.cards().find((one) => one.name === name)?.state
  }

  async names(): Promise<string[]> {
    return (await this.hub.tools()).map(({ name }) => name)
  }

  #desk(env: Record<string, string>): McpDesk {
    return {
      boxes: this.boxes,
      trusted: () => this.trusted,
      folders: () => [{ name: 'project', path: this.folder, uri: pathToFileURL(this.folder).href }],
      entries: () => this.entries,
      write: async (change) => {
        this.entries = change(structuredClone(this.entries))
        void this.hub.configure()
      },
      sampling: () => this.mode,
      env: (name) => env[name],
      readFile: (file) => readFile(file, 'utf8'),
      edit: async (file) => void this.edited.push(file),
      openExternal: async (url) => {
        this.opened.push(url)
        await this.browse?.(url)
        return true
      },
      redirectUri: async () => 'vscode://panelist.panelist/mcp-sign-in',
    }
  }
}
