/** Calls that the provider runs itself (web search, code, images, MCP): one item holds the call and what came of it. */
import { isObject, parseJson } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { Part, ToolCall } from '../../shared/message.ts'

/** The call as it is shown: `json` is what the model asked for, `output` what we know of the result. */
export function providerCall(item: JsonObject, kind: string): ToolCall {
  const json = argumentsOf(item, kind)
  const input = parseJson(json)
  const output = outputOf(item, kind)
  return {
    type: 'tool-call',
    id: textOr(item.id) ?? textOr(item.call_id) ?? '',
    name: textOr(item.name) ?? kind.replace(/_call$/, ''),
    ranBy: 'provider',
    json,
    ...(input !== undefined && { input }),
    ...(output.length > 0 && { output }),
  }
}

/** What of the item the shown call can rebuild: the long fields, so that the seal does not hold them twice. */
export function providerItem(call: ToolCall, kind: string): JsonObject {
  const fields: JsonObject = { type: kind, id: call.id }
  const [first] = call.output ?? []
  if (kind === 'image_generation_call' && first?.type === 'file') fields.result = first.media.data ?? null
  if (kind === 'mcp_call') {
    fields.name = call.name
    fields.arguments = call.json
    if (first?.type === 'text') fields.output = first.text
  }
  if (kind === 'code_interpreter_call' && isObject(call.input)) fields.code = call.input.code ?? null
  return fields
}

/** The fields in which the kinds of call keep what the model asked for; the first that is there is shown. */
const ASKED = ['arguments', 'action', 'operation', 'input', 'queries', 'code', 'revised_prompt', 'actions']

function argumentsOf(item: JsonObject, kind: string): string {
  const field = ASKED.find((name) => item[name] !== undefined && item[name] !== null)
  if (field === undefined) return '{}'
  const value = item[field] as Json
  if (field === 'arguments' && typeof value === 'string') return value.trim() || '{}'
  if (isObject(value)) return JSON.stringify(value)
  return JSON.stringify({ [kind === 'image_generation_call' ? 'prompt' : field]: value })
}

function outputOf(item: JsonObject, kind: string): Part[] {
  switch (kind) {
    case 'image_generation_call': {
      const data = textOr(item.result)
      const mediaType = `image/${textOr(item.output_format) ?? 'png'}`
      return data === undefined ? [] : [{ type: 'file', media: { mediaType, data } }]
    }
    case 'code_interpreter_call':
      return texts(item.outputs, 'logs')
    case 'file_search_call':
      return texts(item.results, 'text')
    case 'mcp_call':
      return [item.output, item.error].flatMap((value) => text(value))
    default:
      return []
  }
}

function texts(list: Json | undefined, field: string): Part[] {
  return Array.isArray(list) ? list.flatMap((entry) => (isObject(entry) ? text(entry[field]) : [])) : []
}

function text(value: Json | undefined): Part[] {
  if (value === undefined || value === null || value === '') return []
  return [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }]
}

function textOr(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
