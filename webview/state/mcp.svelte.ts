/** The page of MCP servers: what the host says of each, and what is being done about it. */
import type { McpAction, McpPageView } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'

export class McpStore {
  view: McpPageView | undefined = $state.raw()
  /** Why the last thing asked for could not be done. */
  problem: string | undefined = $state()
  /** What a screen reader hears: how the last test ended. */
  said = $state('')
  readonly #bridge: Bridge
  #shown = false
  #latest = 0

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /** The page is open: from now on changes are asked for as they are told. */
  async open(): Promise<void> {
    this.#shown = true
    this.problem = undefined
    this.said = ''
    await this.#load()
  }

  close(): void {
    this.#shown = false
  }

  /** What is known is stale. What is shown stays until there is better. */
  forget(): void {
    if (this.#shown) void this.#load()
  }

  async act(action: McpAction, server: string): Promise<void> {
    await this.#try(() => this.#bridge.ask('mcp-action', { action, server }))
    if (action !== 'test') return
    const test = this.view?.servers.find(({ name }) => name === server)?.test
    if (test) this.said = `${server}: ${test.text}`
  }

  async switchTool(server: string, tool: string, on: boolean): Promise<void> {
    await this.#try(() => this.#bridge.ask('switch-mcp-tool', { server, tool, on }))
  }

  /** The name of what was added, where the person added something. */
  async add(): Promise<string | undefined> {
    let added: string | undefined
    await this.#try(async () => {
      added = (await this.#bridge.ask('add-mcp-server', {})).server
    })
    return added
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.problem = undefined
    try {
      await work()
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
    await this.#load()
  }

  /** Of several answers under way only that of the last question counts. */
  async #load(): Promise<void> {
    const ask = ++this.#latest
    try {
      const view = await this.#bridge.ask('mcp-servers', {})
      if (ask === this.#latest) this.view = view
    } catch (error) {
      this.problem ??= error instanceof Error ? error.message : String(error)
    }
  }
}
