/** Google's parts as our blocks, and ours as Google's. The two are exact inverses by way of `wire`. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, File, Part, ToolCall, ToolResult } from '../../shared/message.ts'
import { residueOf, restore } from '../residue.ts'

/** The name of Google's own interpreter, whose calls carry none. */
const CODE = 'code_execution'

/** What a part can say beside its one kind of content. */
const BESIDE = /^(thought|thoughtSignature|(part|video|speech)Metadata|media(Resolution|Processing))$/

/** What a part is read with. Ids are made where Google gives none. */
export type Reading = {
  newId(): string
  /** The id of the last call Google ran itself: a result may not say whose it is. */
  lastCall: string | undefined
  /** The name of a call by its id. */
  nameOf(id: string): string | undefined
}

/** True for a part that goes into a growing block: text, thought, or a signature that stands alone. */
export function isProse(part: JsonObject): boolean {
  return Object.keys(part).every((key) => key === 'text' || BESIDE.test(key))
}

/** A whole part that is no prose. */
export function parsePart(raw: JsonObject, reading: Reading): Block {
  const block = readPart(raw, reading)
  const wire = residueOf(raw, rebuild(block))
  return wire ? { ...block, wire } : block
}

/** The part as Google sent it. Not for prose, which may be several parts. */
export function writePart(block: Block): JsonObject {
  const raw = restore(rebuild(block), block.wire)
  return isObject(raw) ? raw : rebuild(block)
}

function readPart(raw: JsonObject, reading: Reading): Block {
  if (isObject(raw.functionCall) && text(raw.functionCall.name)) {
    const { id, name, args } = raw.functionCall
    return call(text(id) || reading.newId(), text(name), 'host', args ?? {})
  }
  if (isObject(raw.executableCode)) {
    const { id, ...input } = raw.executableCode
    return call(text(id) || reading.newId(), CODE, 'provider', input)
  }
  if (isObject(raw.toolCall)) {
    const { id, toolType, args } = raw.toolCall
    return call(text(id) || reading.newId(), text(toolType), 'provider', args ?? {})
  }
  if (isObject(raw.codeExecutionResult)) {
    const { id, outcome, output } = raw.codeExecutionResult
    const callId = text(id) || (reading.lastCall ?? reading.newId())
    return result(callId, CODE, text(output), outcome !== 'OUTCOME_OK')
  }
  if (isObject(raw.toolResponse)) {
    const { id, toolType, response } = raw.toolResponse
    const callId = text(id) || (reading.lastCall ?? reading.newId())
    return result(callId, text(toolType) || (reading.nameOf(callId) ?? ''), outputOf(response), false)
  }
  return readFile(raw) ?? { type: 'other', kind: Object.keys(raw).find((key) => !BESIDE.test(key)) ?? 'part' }
}

function call(id: string, name: string, ranBy: ToolCall['ranBy'], input: Json): ToolCall {
  return { type: 'tool-call', id, name, ranBy, json: JSON.stringify(input), input }
}

function result(callId: string, name: string, output: string, failed: boolean): ToolResult {
  const parts: Part[] = output === '' ? [] : [{ type: 'text', text: output }]
  return { type: 'tool-result', callId, name, ranBy: 'provider', output: parts, ...(failed && { failed: true }) }
}

function outputOf(response: Json | undefined): string {
  if (response === undefined) return ''
  const output = isObject(response) ? response.output : undefined
  return typeof output === 'string' ? output : JSON.stringify(response)
}

function readFile({ inlineData, fileData }: JsonObject): File | undefined {
  const held = isObject(inlineData) ? inlineData : isObject(fileData) ? fileData : {}
  const mediaType = text(held.mimeType) || 'application/octet-stream'
  const name = text(held.displayName)
  const named = name ? { name } : {}
  if (typeof held.data === 'string') return { type: 'file', media: { mediaType, data: held.data }, ...named }
  if (typeof held.fileUri === 'string') return { type: 'file', media: { mediaType, url: held.fileUri }, ...named }
  return undefined
}

/** What the shared fields alone make of a block. */
function rebuild(block: Block): JsonObject {
  switch (block.type) {
    case 'text':
      return prose(block.text, false)
    case 'thinking':
      return prose(block.text, true)
    case 'tool-call':
      return rebuildCall(block, block.input ?? {})
    case 'tool-result': {
      const output = block.output.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
      if (block.name !== CODE) {
        return { toolResponse: { id: block.callId, toolType: block.name, response: { output } } }
      }
      const outcome = block.failed ? 'OUTCOME_FAILED' : 'OUTCOME_OK'
      return { codeExecutionResult: { id: block.callId, outcome, output } }
    }
    case 'file':
      return filePart(block) ?? { text: `[File: ${block.name ?? block.media.mediaType}]` }
    case 'other':
      return {}
  }
}

function rebuildCall({ id, name, ranBy }: ToolCall, input: Json): JsonObject {
  if (ranBy === 'host') return { functionCall: { id, name, args: input } }
  if (name === CODE) return { executableCode: { id, ...(isObject(input) ? input : {}) } }
  return { toolCall: { id, toolType: name, args: input } }
}

/** What Gemini sees and hears. */
const SHOWN = /^(image\/(png|jpeg|webp|heic|heif)|application\/pdf|audio\/.+|video\/.+)$/

/** A file as a part, without its name: only Google's own tools take one. Undefined for what cannot be shown. */
export function filePart({ media }: File): JsonObject | undefined {
  const { mediaType: mimeType } = media
  if (media.url !== undefined) return { fileData: { mimeType, fileUri: media.url } }
  return media.data && SHOWN.test(mimeType) ? { inlineData: { mimeType, data: media.data } } : undefined
}

export function prose(words: string, thought: boolean): JsonObject {
  return thought ? { text: words, thought } : { text: words }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
