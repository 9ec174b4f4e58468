/** The page of MCP servers. */
import type { Bridge } from '../bridge.ts'
import type { McpAction, McpPageView } from '../../src/shared/protocol.ts'
import { PageStore } from './page-store.svelte.ts'

export class McpStore extends PageStore<McpPageView> {
  protected ask(): Promise<McpPageView> {
    return this.bridge.ask('mcp-servers', {})
  }

  async act(action: McpAction, server: string): Promise<void> {
    await this.try(() => this.bridge.ask('mcp-action', { action, server }))
    if (action !== 'test') return
    const test = this.view?.servers.find(({ name }) => name === server)?.test
    if (test) this.said = `${server}: ${test.text}`
  }

  async switchTool(server: string, tool: string, on: boolean): Promise<void> {
    await this.try(() => this.bridge.ask('switch-mcp-tool', { server, tool, on }))
  }

  /** The name of what was added, where the person added something. */
  async add(): Promise<string | undefined> {
    return (await this.try(() => this.bridge.ask('add-mcp-server', {})))?.server
  }
}

/** Made with the first part of the page that is drawn. */
export const mcpOf = (panel: { readonly bridge: Bridge; mcp: McpStore | undefined }): McpStore =>
  (panel.mcp ??= new McpStore(panel.bridge))
