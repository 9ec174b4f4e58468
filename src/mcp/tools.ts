/** A server's tools as the tools of Panelist. */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { Tool, ToolContext, ToolOutcome } from '../tools/tool.ts'
import type { ToolHints, ToolInfo } from './lists.ts'
import { toolName } from './names.ts'
import { pagesFirst } from './pages-first.ts'
import type { McpPorts, RequestSettings } from './ports.ts'
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
  readonly instructions?: string | undefined
  request(method: string, params: JsonObject, doing: string, settings?: RequestSettings): Promise<JsonObject>
}

/**
 * Whatever a server says of its tool, the effect is `send`: it does what nobody told us. The loop sets no limit of time: the
 * server's own counts, which stands still while a person is asked. `onElicit`: asks the person to open a page.
 */
export function asTool(server: Caller, info: ToolInfo, onElicit?: McpPorts['onElicit']): McpTool {
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
    timeoutMs: 0,
    describe: (input) => describe(server.name, info.title, input),
    run: async (input, context) => {
      try {
        return await call(server, info, input, context)
      } catch (error) {
        return pagesFirst(error, server.name, onElicit, context.signal)
      }
    },
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
