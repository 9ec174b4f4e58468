/** Data parts of VS Code as blocks, and the blocks of an answer as parts again. */
import { missing } from '../../llm/openai/media.ts'
import { isObject } from '../../shared/json.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import type { AssistantMessage, Block, File, Other, ToolCall } from '../../shared/message.ts'
import type { AnswerPart, DataPart, PartClasses } from './api.ts'

/** A MIME type. Vendors also mark data of their own by plain words, to be sent back as they are. */
const MEDIA = /^(image|audio|video|text|application)\/[\w.+-]+$/

export function dataBlock({ mimeType, data }: DataPart): File | Other {
  const bytes = Buffer.from(data).toString('base64')
  if (MEDIA.test(mimeType)) return { type: 'file', media: { mediaType: mimeType, data: bytes } }
  return { type: 'other', kind: mimeType, wire: { data: bytes } }
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, 'base64'))
}

/** A call, which always comes whole. Results are matched by its id, so one without gets ours. */
export function callBlock(id: string, name: string, given: unknown): ToolCall {
  // What came through the editor's own serialisation is JSON, but for what never left this process nothing says so.
  const json = JSON.stringify(given ?? {})
  const callId = id === '' ? `call_${globalThis.crypto.randomUUID()}` : id
  return { type: 'tool-call', id: callId, name, ranBy: 'host', json, input: JSON.parse(json) as Json }
}

/**
 * What an answer said, as the parts of an assistant's message. Thinking has no part in the stable API: it stays out.
 * `own`: the same vendor made it, so its data goes back as it came.
 */
export function answerParts({ content }: AssistantMessage, own: boolean, classes: PartClasses): AnswerPart[] {
  return content.flatMap((block) => answerPart(block, own, classes) ?? [])
}

function answerPart(block: Block, own: boolean, classes: PartClasses): AnswerPart | undefined {
  switch (block.type) {
    case 'text':
      return block.text.trim() === '' ? undefined : new classes.LanguageModelTextPart(block.text)
    case 'tool-call':
      return callPart(block, classes)
    case 'file':
      return own && block.media.data !== undefined
        ? new classes.LanguageModelDataPart(bytesOf(block.media.data), block.media.mediaType)
        : new classes.LanguageModelTextPart(missing(block))
    case 'other':
      return own ? sealedPart(block, classes) : undefined
    default:
      return undefined
  }
}

function callPart({ id, name, input, ranBy }: ToolCall, classes: PartClasses): AnswerPart | undefined {
  if (input === undefined || ranBy !== 'host') return undefined
  const given: JsonObject = isObject(input) ? input : { input }
  return new classes.LanguageModelToolCallPart(id, name, given)
}

function sealedPart({ kind, wire }: Other, classes: PartClasses): AnswerPart | undefined {
  if (!isObject(wire) || typeof wire.data !== 'string') return undefined
  return new classes.LanguageModelDataPart(bytesOf(wire.data), kind)
}
