/** All servers of a window: what they offer together, and what becomes of them when the configuration changes. */
import type { JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { Part } from '../shared/message.ts'
import type { ConfiguredServer } from './configuration/definition.ts'
import { McpError } from './errors.ts'
import { canonical } from './hash.ts'
import type { PromptInfo, ResourceInfo, ResourceTemplateInfo } from './lists.ts'
import { promptsOf, resourcesOf, templatesOf } from './lists.ts'
import { partsOfContent, partsOfResource } from './results.ts'
import { McpServer } from './server.ts'
import type { McpChange, McpServerContext } from './state.ts'
import { Watchdog } from './stdio/watchdog.ts'
import { oneLine } from './text.ts'
import type { McpTool } from './tools.ts'
import { asTool } from './tools.ts'

export type PromptMessage = { role: 'user' | 'assistant'; content: Part[] }

/** Messages of one prompt. */
const MOST_MESSAGES = 50

export type McpServersOptions = Omit<McpServerContext, 'watchdog' | 'changed'>

export class McpServers implements AsyncDisposable {
  readonly #options: McpServersOptions
  readonly #watchdog = new Watchdog()
  readonly #servers = new Map<string, McpServer>()
  readonly #listeners = new Set<(change: McpChange) => void>()
  /** Who wants to hear of a resource: `server` and `uri` as one key. */
  readonly #watched = new Map<string, Set<() => void>>()
  #disposed = false

  constructor(options: McpServersOptions) {
    this.#options = options
  }

  /** Calls `listener` at every change of a state or a list until the result is called. */
  onChange(listener: (change: McpChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * What is configured now, approved and enabled alone. Servers that are no more, or changed in any part, are stopped;
   * new ones wait to be started. Those that stay the same go on.
   */
  async configure(configured: readonly ConfiguredServer[]): Promise<void> {
    const wanted = new Map(configured.filter(({ disabled }) => !disabled).map((each) => [each.name, each]))
    const gone = [...this.#servers.values()].filter((server) => {
      const now = wanted.get(server.name)
      return !now || canonical(now) !== canonical(server.configured)
    })
    for (const { name } of gone) this.#servers.delete(name)
    for (const each of wanted.values()) {
      if (!this.#servers.has(each.name) && !this.#disposed) this.#servers.set(each.name, this.#create(each))
    }
    await Promise.all(gone.map((server) => server.dispose()))
    for (const { name } of gone) this.#tell({ server: name, kind: 'tools' })
  }

  /** Starts those named, or all. Settles when each is ready or has failed; their states tell. Never throws. */
  async start(names: readonly string[] = [...this.#servers.keys()]): Promise<void> {
    await Promise.all(
      names.map((name) =>
        this.#servers
          .get(name)
          ?.start()
          .catch(() => {}),
      ),
    )
  }

  get servers(): readonly McpServer[] {
    return [...this.#servers.values()]
  }

  /** Throws an `McpError` where there is no such server. */
  server(name: string): McpServer {
    const server = this.#servers.get(name)
    if (server) return server
    const what = `There is no MCP server ${oneLine(name, 80)}.`
    throw new McpError({ code: 'configuration', server: name, what, todo: 'Add it on the page of MCP servers.' })
  }

  /** What the running servers offer, in the order of the configuration. No two have a name in common. */
  tools(): McpTool[] {
    const tools = new Map<string, McpTool>()
    for (const server of this.#servers.values()) {
      for (const info of server.tools) {
        const tool = asTool(server, info, this.#options.ports.onElicit)
        if (!tools.has(tool.name)) tools.set(tool.name, tool)
      }
    }
    return [...tools.values()]
  }

  async resources(server: string, signal?: AbortSignal): Promise<ResourceInfo[]> {
    return resourcesOf(await this.server(server).list('resources', signal))
  }

  async resourceTemplates(server: string, signal?: AbortSignal): Promise<ResourceTemplateInfo[]> {
    return templatesOf(await this.server(server).list('templates', signal))
  }

  async readResource(server: string, uri: string, signal?: AbortSignal): Promise<Part[]> {
    const doing = `read ${oneLine(uri, 120)}`
    return partsOfResource(
      await this.server(server).request('resources/read', { uri }, doing, signal ? { signal } : {}),
    )
  }

  /**
   * Calls `changed` whenever the server says that the resource did. The result ends it. Throws an `McpError`, also where
   * the server cannot tell. A server that was started again is asked again.
   */
  async subscribe(server: string, uri: string, changed: () => void): Promise<() => void> {
    const found = this.server(server)
    await found.request('resources/subscribe', { uri }, `watch ${oneLine(uri, 120)}`)
    const key = keyOf(server, uri)
    const watchers = this.#watched.get(key) ?? new Set()
    this.#watched.set(key, watchers.add(changed))
    return () => {
      if (!watchers.delete(changed) || watchers.size > 0) return
      this.#watched.delete(key)
      if (found.state.kind !== 'ready') return
      void found.request('resources/unsubscribe', { uri }, `leave ${oneLine(uri, 120)}`).catch(() => {})
    }
  }

  async prompts(server: string, signal?: AbortSignal): Promise<PromptInfo[]> {
    return promptsOf(await this.server(server).list('prompts', signal))
  }

  async prompt(
    server: string,
    name: string,
    given: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<PromptMessage[]> {
    const doing = `give the prompt ${oneLine(name, 80)}`
    const params = { name, arguments: given }
    const result = await this.server(server).request('prompts/get', params, doing, signal ? { signal } : {})
    const messages = Array.isArray(result.messages) ? result.messages.filter(isObject).slice(0, MOST_MESSAGES) : []
    return messages.map(({ role, content }) => ({
      role: role === 'assistant' ? 'assistant' : 'user',
      content: partsOfContent([content ?? null]),
    }))
  }

  /**
   * What the server proposes for an argument of a prompt or a variable of a template, `typed` so far; nothing where it
   * has no proposals. `known`: the arguments that are filled in already.
   */
  async complete(
    server: string,
    of: { prompt: string } | { template: string },
    argument: string,
    typed: string,
    known: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<string[]> {
    const ref: JsonObject =
      'prompt' in of ? { type: 'ref/prompt', name: of.prompt } : { type: 'ref/resource', uri: of.template }
    const context = Object.keys(known).length > 0 ? { context: { arguments: { ...known } } } : {}
    const params = { ref, argument: { name: argument, value: typed }, ...context }
    try {
      const { completion } = await this.server(server).request(
        'completion/complete',
        params,
        'propose words',
        signal ? { signal } : {},
      )
      const values = isObject(completion) && Array.isArray(completion.values) ? completion.values : []
      return values.filter((value): value is string => typeof value === 'string').slice(0, 100)
    } catch (error) {
      if (error instanceof McpError && (error.code === 'unsupported' || error.code === 'refused')) return []
      throw error
    }
  }

  /** The folders of the workspace changed. */
  async rootsChanged(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.rootsChanged()))
  }

  /** Ends every server; settles when no process is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    await this.configure([])
    this.#watchdog[Symbol.dispose]()
    this.#listeners.clear()
  }

  #create(configured: ConfiguredServer): McpServer {
    const server: McpServer = new McpServer(configured, {
      ...this.#options,
      watchdog: this.#watchdog,
      changed: (change) => {
        if (this.#servers.get(configured.name) !== server) return
        if (change.kind === 'resource') this.#watched.get(keyOf(change.server, change.uri))?.forEach((each) => each())
        if (change.kind === 'state' && server.state.kind === 'ready') this.#subscribeAgain(server)
        this.#tell(change)
      },
    })
    return server
  }

  #subscribeAgain(server: McpServer): void {
    for (const key of this.#watched.keys()) {
      const [name, uri] = JSON.parse(key) as [string, string]
      if (name !== server.name) continue
      void server.request('resources/subscribe', { uri }, `watch ${oneLine(uri, 120)}`).catch(() => {})
    }
  }

  #tell(change: McpChange): void {
    for (const listener of [...this.#listeners]) listener(change)
  }
}

function keyOf(server: string, uri: string): string {
  return JSON.stringify([server, uri])
}
