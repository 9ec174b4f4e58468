/** A server's tools as the tools of Panelist. */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { Tool, ToolContext, ToolOutcome } from '../tools/tool.ts'
import type { ToolHints, ToolInfo } from './lists.ts'
import { toolName } from './names.ts'
import type { RequestSettings } from './ports.ts'
import { partsOfResult } from './results.ts'
import { oneLine } from './text.ts'

/** `hash`: changes with anything the server says of the tool; an approval is for one hash. */
export type McpTool = Tool & {
  readonly source: { kind: 'mcp'; server: string }
  /** The server's own name of the tool. */
  readonly tool: string
  readonly hints: ToolHints
  readonly hash: string
}

/** What a tool needs of its server. */
export type Caller = {
  readonly name: string
  readonly configured: { timeouts: { total: number } }
  readonly instructions?: string | undefined
  request(method: string, params: JsonObject, doing: string, settings?: RequestSettings): Promise<JsonObject>
}

/**
 * Whatever a server says of its tool, the effect is `send`: it does what nobody told us. The loop's limit of time leaves
 * room for the server's own.
 */
export function asTool(server: Caller, info: ToolInfo): McpTool {
  return {
    name: toolName(server.name, info.name),
    tool: info.name,
    title: info.title,
    description: info.description || info.title,
    inputSchema: info.inputSchema,
    source: { kind: 'mcp', server: server.name },
    effect: 'send',
    ...(server.instructions && { guidance: server.instructions }),
    hints: info.hints,
    hash: info.hash,
    timeoutMs: server.configured.timeouts.total + 5_000,
    describe: (input) => describe(server.name, info.title, input),
    run: (input, context) => call(server, info, input, context),
  }
}

async function call(server: Caller, info: ToolInfo, input: Json, context: ToolContext): Promise<ToolOutcome> {
  const { signal, onProgress } = context
  const params = { name: info.name, arguments: isObject(input) ? input : {} }
  const result = await server.request('tools/call', params, `call the tool ${oneLine(info.name, 80)}`, {
    signal,
    onProgress: (progress) => onProgress(progress),
  })
  const output = partsOfResult(result)
  const parts = output.length > 0 ? output : [{ type: 'text' as const, text: 'The tool gave no output.' }]
  return result.isError === true ? { output: parts, failed: true } : { output: parts }
}

function describe(server: string, title: string, input: Json): string {
  const pairs = isObject(input) ? Object.entries(input) : []
  const shown = pairs.map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value.slice(0, 200) : short(value)}`,
  )
  return oneLine(`${server}: ${title}${shown.length > 0 ? ` (${shown.slice(0, 20).join(', ')})` : ''}`)
}

function short(value: Json): string {
  return JSON.stringify(value).slice(0, 200)
}
