/** What is configured of MCP servers, whichever file or setting it comes from. */

/** `env`: null takes a variable away. `envFile`: a file of `NAME=value` lines; `env` wins over it. */
export type StdioDefinition = {
  transport: 'stdio'
  command: string
  args: string[]
  env: Record<string, string | null>
  cwd?: string
  envFile?: string
}

/** `http`: streamable HTTP, and SSE where a server knows only that. `oauth`: a client registered by hand. */
export type RemoteDefinition = {
  transport: 'http' | 'sse'
  url: string
  headers: Record<string, string>
  oauth?: { clientId: string; clientSecret?: string }
}

export type McpDefinition = StdioDefinition | RemoteDefinition

/** What `${input:id}` asks for. */
export type McpInput =
  | { type: 'text'; id: string; description: string; secret: boolean; default?: string }
  | { type: 'pick'; id: string; description: string; options: string[]; default?: string }

/** Milliseconds. `request`: without an answer or progress. `total`: whatever progress there is. */
export type McpTimeouts = { start: number; request: number; total: number }

export const defaultTimeouts: McpTimeouts = { start: 60_000, request: 60_000, total: 30 * 60_000 }

/** Where a server stands: the person's settings, `.vscode/mcp.json` or `.mcp.json`. */
export type McpOrigin = 'settings' | 'vscode' | 'project'

export type ConfiguredServer = {
  /** Unique after `merge`. */
  name: string
  origin: McpOrigin
  /** As configured: variables are not filled in. */
  definition: McpDefinition
  /** The inputs that the definition refers to. */
  inputs: McpInput[]
  timeouts: McpTimeouts
  disabled?: true
}
