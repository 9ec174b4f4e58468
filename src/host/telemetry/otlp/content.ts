/** What was asked and answered, in the conventions' form. Only where the person agreed to it. */
import type { Attributes } from '@opentelemetry/api'
import type { Block, Message, Part } from '../../../shared/message.ts'
import { textOf } from '../../../shared/message.ts'
import type { CallFacts, RequestFacts } from '../facts.ts'

/** UTF-16 units of one text, and of all messages of one request: a collector refuses what is too long altogether. */
const LONGEST_TEXT = 32_000
const MOST_INPUT = 256_000

type Json = Record<string, unknown>
/** Takes keys out of a text, which has to be whole for that. */
type Redact = (text: string) => string

export function requestContent({ request, message }: NonNullable<RequestFacts['content']>, redact: Redact): Attributes {
  const { system } = request
  const answer = {
    role: 'assistant',
    parts: partsOf(message, redact),
    finish_reason: message.stop.raw ?? message.stop.kind,
  }
  return {
    'gen_ai.input.messages': JSON.stringify(newest(request.messages, redact)),
    'gen_ai.output.messages': JSON.stringify([answer]),
    ...(system && { 'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: cut(redact(system)) }]) }),
  }
}

export function callContent({ input, output }: NonNullable<CallFacts['content']>, redact: Redact): Attributes {
  return { 'gen_ai.tool.call.arguments': cut(redact(input)), 'gen_ai.tool.call.result': cut(redact(textOf(output))) }
}

/** The messages with the last words first in mind: the oldest go where all of them are too long. */
function newest(messages: readonly Message[], redact: Redact): Json[] {
  const kept: Json[] = []
  let size = 0
  for (const message of messages.toReversed()) {
    const told = { role: message.role, parts: partsOf(message, redact) }
    size += JSON.stringify(told).length
    if (size > MOST_INPUT && kept.length > 0) break
    kept.unshift(told)
  }
  return kept
}

const partsOf = ({ content }: Message, redact: Redact): Json[] => content.map((block) => partOf(block, redact))

/** Of a file its name and type: its bytes stay here. */
function partOf(block: Block | Part, redact: Redact): Json {
  switch (block.type) {
    case 'text':
      return { type: 'text', content: cut(redact(block.text)) }
    case 'thinking':
      return { type: 'reasoning', content: cut(redact(block.text)) }
    case 'tool-call':
      return { type: 'tool_call', id: block.id, name: block.name, arguments: cut(redact(block.json)) }
    case 'tool-result':
      return { type: 'tool_call_response', id: block.callId, response: cut(redact(textOf(block.output))) }
    case 'file':
      // The conventions' own kinds for files need their bytes, or where to find them.
      return {
        type: 'panelist.file',
        mime_type: block.media.mediaType,
        ...(block.name !== undefined && { name: block.name }),
      }
    case 'other':
      return { type: block.kind }
  }
}

const cut = (text: string): string =>
  text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT).toWellFormed()}…` : text
