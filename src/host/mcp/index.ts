/** MCP in this window: the servers, their page, and what of the editor they listen to. */
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import { MCP_CALLBACK } from './desk.ts'
import { mcpDesk, watchFiles } from './editor-desk.ts'
import type { HubParts } from './hub.ts'
import { McpHub } from './hub.ts'
import type { McpPageParts } from './page.ts'
import { McpPage } from './page.ts'

export type WindowMcpParts = Pick<HubParts, 'memory' | 'log' | 'sampling' | 'wanted'> &
  Pick<McpPageParts, 'whyNone' | 'contextChanged'> & {
    context: vscode.ExtensionContext
    /** Told at most every `PAUSE` milliseconds. */
    changed(): void
  }

export type WindowMcp = {
  hub: McpHub
  page: McpPage
  /** What comes back from browsers. */
  callbacks: Record<string, (query: string) => string | undefined>
  disposable: vscode.Disposable
}

const PAUSE = 50

export function windowMcp({ context, changed, whyNone, contextChanged, ...parts }: WindowMcpParts): WindowMcp {
  const { secrets } = context
  let told: Promise<void> | undefined
  const tell = (): void => {
    told ??= pause(PAUSE).then(() => {
      told = undefined
      changed()
    })
  }
  const hub = new McpHub({
    ...parts,
    desk: mcpDesk,
    secrets: {
      get: async (key) => secrets.get(key),
      set: async (key, value) => secrets.store(key, value),
      delete: async (key) => secrets.delete(key),
    },
    version: String((context.extension.packageJSON as { version?: unknown }).version),
    changed: tell,
    load: () => import('../../mcp/index.ts'),
  })
  const page = new McpPage({ hub, desk: mcpDesk, whyNone, contextChanged, changed: tell })
  const again = (): void => void hub.configure()
  const disposable = vscode.Disposable.from(
    watchFiles(again),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('panelist.mcp') && again()),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('panelist.tools') && again()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => hub.trust()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      again()
      void hub.rootsChanged()
    }),
  )
  return { hub, page, callbacks: { [MCP_CALLBACK]: (query) => hub.callbacks.handle(query) }, disposable }
}
