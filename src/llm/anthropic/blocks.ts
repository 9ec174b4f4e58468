/** Anthropic's content blocks as ours, and ours as Anthropic's. The two are exact inverses by way of `wire`. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import type { Block, Citation, Part } from '../../shared/message.ts'
import { residueOf, restore } from '../residue.ts'

/**
 * A whole block of the provider's. `json`: tool arguments as they streamed, empty where they came with the block itself.
 * `nameOf`: the names of the calls so far, because a result carries only the id.
 */
export function parseBlock(raw: JsonObject, json: string, nameOf: (id: string) => string | undefined): Block {
  const block = readBlock(raw, json, nameOf)
  const wire = residueOf(raw, rebuild(block))
  return wire ? { ...block, wire } : block
}

/** The block as the provider sent it. */
export function writeBlock(block: Block): JsonObject {
  const raw = restore(rebuild(block), block.wire)
  return isObject(raw) ? raw : rebuild(block)
}

/** The shared fields of a block that may still grow, without `wire`. */
export function readBlock(raw: JsonObject, json: string, nameOf: (id: string) => string | undefined): Block {
  const type = text(raw.type)
  if (type === 'text') return readText(raw)
  if (type === 'thinking') return { type, text: text(raw.thinking) }
  if (type === 'redacted_thinking') return { type: 'thinking', text: '', redacted: true }
  if (/(^|_)tool_use$/.test(type) && typeof raw.id === 'string') return readCall(type, raw, json)
  if (type.endsWith('_tool_result') && typeof raw.tool_use_id === 'string') {
    return readResult(raw, raw.tool_use_id, nameOf(raw.tool_use_id) ?? type.replace(/_tool_result$/, ''))
  }
  return { type: 'other', kind: type }
}

function readText(raw: JsonObject): Block {
  const citations = Array.isArray(raw.citations) ? raw.citations.filter(isObject).map(readCitation) : []
  return { type: 'text', text: text(raw.text), ...(citations.length > 0 ? { citations } : {}) }
}

function readCitation(raw: JsonObject): Citation {
  const title = text(raw.title) || text(raw.document_title)
  // A search result of the person's own tools names its source, which need not be an address.
  const url = text(raw.url) || (URL.canParse(text(raw.source)) ? text(raw.source) : '')
  const quote = text(raw.cited_text)
  return { ...(url ? { url } : {}), ...(title ? { title } : {}), ...(quote ? { quote } : {}) }
}

function readCall(type: string, raw: JsonObject, json: string): Block {
  const streamed = json.length > 0
  const input = streamed ? parseJson(json) : raw.input
  return {
    type: 'tool-call',
    id: text(raw.id),
    name: text(raw.name),
    ranBy: type === 'tool_use' ? 'host' : 'provider',
    json: streamed || raw.input === undefined ? json : JSON.stringify(raw.input),
    ...(input === undefined ? {} : { input }),
  }
}

function readResult(raw: JsonObject, callId: string, name: string): Block {
  const content = raw.content
  const failed = raw.is_error === true || (isObject(content) && text(content.type).endsWith('_error'))
  return {
    type: 'tool-result',
    callId,
    name,
    ranBy: 'provider',
    output: readOutput(content),
    ...(failed ? { failed: true } : {}),
  }
}

/** What a person can read of a tool's output. What this leaves out (encrypted pages, file ids) stays in `wire`. */
function readOutput(content: Json | undefined): Part[] {
  if (Array.isArray(content)) return content.flatMap(readOutput)
  if (typeof content === 'string') return part(content)
  if (!isObject(content)) return []
  if (typeof content.url === 'string') return part([text(content.title), content.url].filter(Boolean).join('\n'))
  if (typeof content.error_code === 'string') return part(content.error_code)
  if (typeof content.text === 'string') return part(content.text)
  const streams = [text(content.stdout), text(content.stderr)].filter(Boolean)
  if (streams.length > 0) return part(streams.join('\n'))
  return content.content === undefined ? [] : readOutput(content.content)
}

function part(content: string): Part[] {
  return content.length > 0 ? [{ type: 'text', text: content }] : []
}

/** What the shared fields alone make of a block. */
function rebuild(block: Block): JsonObject {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text }
    case 'thinking':
      return block.redacted ? { type: 'redacted_thinking' } : { type: 'thinking', thinking: block.text }
    case 'tool-call': {
      const type = block.ranBy === 'host' ? 'tool_use' : 'server_tool_use'
      const call = { type, id: block.id, name: block.name }
      return block.input === undefined ? call : { ...call, input: block.input }
    }
    case 'tool-result': {
      const content = block.output.map((each) => rebuild(each))
      const result = { type: 'mcp_tool_result', tool_use_id: block.callId, content }
      return block.failed ? { ...result, is_error: true } : result
    }
    case 'file':
      return { type: 'file' }
    case 'other':
      return { type: block.kind }
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
