/** The page of MCP servers. */
import type { MessageId } from '../conversation.ts'
import type { Empty } from './empty.ts'
import type { ReadFile } from './files.ts'
import type { ProviderTest } from './providers.ts'
import type { ToolView } from './tools.ts'

/**
 * How an MCP server stands. `waiting`: a file of the workspace names it, and nobody has allowed it as it is. `refused`:
 * the person said never. `off`: switched off.
 */
export type McpCardState = 'stopped' | 'starting' | 'ready' | 'failed' | 'sign-in' | 'waiting' | 'refused' | 'off'

/** One server on the page of MCP servers. Variables of its definition stand as they are configured. */
export type McpCard = {
  name: string
  /** Where it is configured, in words. */
  place: string
  /** Its command line, or its address. */
  definition: string
  state: McpCardState
  version?: string
  /** What failed and what to do. */
  problem?: string
  /** Epoch milliseconds of the next try. */
  restartAt?: number
  /** The end of its standard error, where it failed. */
  lastWords: string[]
  /** What it tells models of its tools, as models read it. */
  instructions?: string
  hasInputs?: true
  /** True where it stands in a file of the workspace. */
  inFile?: true
  /** True where it holds a sign-in of the person's. */
  signedIn?: true
  testing?: true
  test?: McpTest
  tools: McpToolRow[]
}

/** `name`: the server's own. `tokens`: see `ToolView`. */
export type McpToolRow = Pick<ToolView, 'name' | 'title' | 'description' | 'tokens' | 'on'>

export type McpTest = ProviderTest

/** `problems`: what cannot be used of the configuration, in sentences. */
export type McpPageView = { servers: McpCard[]; problems: string[]; whyNone?: 'untrusted' | 'off' }

export type McpAction =
  | 'start'
  | 'stop'
  | 'restart'
  | 'enable'
  | 'disable'
  | 'sign-in'
  | 'sign-out'
  | 'edit'
  | 'test'
  /** Forgets what the person filled in, and asks anew. */
  | 'ask-again'
  | 'remove'

export type McpRequests = {
  /** What a tool's result links to, by the message of the results and the call: the server that gave the link reads it. */
  'attach-link': [{ message: MessageId; callId: string; uri: string }, ReadFile[]]
  'mcp-servers': [Empty, McpPageView]
  'mcp-action': [{ action: McpAction; server: string }, Empty]
  /** Switches one tool of a server, in all conversations. */
  'switch-mcp-tool': [{ server: string; tool: string; on: boolean }, Empty]
  /** Asks in boxes of the editor for one more server; without `server` the person left. */
  'add-mcp-server': [Empty, { server?: string }]
}
