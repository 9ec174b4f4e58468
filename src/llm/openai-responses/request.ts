/** A chat request as the body of `POST /responses`. Nothing is stored at the provider: the whole history goes each time. */
import type { Json, JsonObject } from '../../shared/json.ts'
import type { File, Message, Part, ToolResult } from '../../shared/message.ts'
import type { Relief } from '../relief.ts'
import { without } from '../relief.ts'
import { addressOf, fileName, isImage, missing, outputText, textOfFile } from '../openai/media.ts'
import type { ChatRequest } from '../types.ts'
import { itemsOf } from './blocks.ts'

export function requestBody(request: ChatRequest): JsonObject {
  return {
    ...countBody(request),
    stream: true,
    store: false,
    // Without storage, reasoning comes back to the model only by these encrypted items.
    include: ['reasoning.encrypted_content'],
    ...(request.maxOutputTokens !== undefined && { max_output_tokens: request.maxOutputTokens }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
  }
}

/** The part of the body that decides how many tokens go in. */
export function countBody(request: ChatRequest): JsonObject {
  return {
    model: request.model,
    ...(request.system && { instructions: request.system }),
    input: request.messages.flatMap(inputItems),
    ...(request.thinking !== undefined && { reasoning: reasoning(request.thinking) }),
    ...tools(request),
  }
}

/** What models refuse of a request: which of them reason, and how, is in no list. */
export const reliefs: readonly Relief[] = [
  {
    name: 'no-summary',
    helps: (body, refusal) => refusal.includes('reasoning.summary') && 'summary' in reasoningOf(body),
    apply: (body) => ({ ...body, reasoning: without(reasoningOf(body), 'summary') }),
  },
  {
    name: 'minimal-effort',
    helps: (body, refusal) =>
      refusal.includes('reasoning.effort') && refusal.includes('minimal') && reasoningOf(body).effort === 'none',
    apply: (body) => (reasoningOf(body).effort === 'none' ? { ...body, reasoning: { effort: 'minimal' } } : body),
  },
  {
    name: 'no-reasoning',
    helps: (body, refusal) => /\breasoning(\.effort)?\b(?!\.encrypted)/.test(refusal) && 'reasoning' in body,
    apply: (body) => without(body, 'reasoning'),
  },
  {
    name: 'no-include',
    helps: (body, refusal) => /\binclude\b|encrypted[ _]content/.test(refusal) && 'include' in body,
    apply: (body) => without(body, 'include'),
  },
  {
    name: 'no-temperature',
    helps: (body, refusal) => refusal.includes('temperature') && 'temperature' in body,
    apply: (body) => without(body, 'temperature'),
  },
]

function reasoningOf(body: JsonObject): JsonObject {
  return (body.reasoning ?? {}) as JsonObject
}

function reasoning(thinking: NonNullable<ChatRequest['thinking']>): JsonObject {
  return thinking === 'off' ? { effort: 'none' } : { effort: thinking, summary: 'auto' }
}

function tools({ tools, toolChoice }: ChatRequest): JsonObject {
  if (!tools || tools.length === 0) return {}
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      name,
      description,
      parameters: inputSchema,
      // Strict mode takes only a subset of JSON Schema; tools bring schemas of their own.
      strict: false,
    })),
    ...(toolChoice !== undefined && {
      tool_choice: typeof toolChoice === 'string' ? toolChoice : { type: 'function', name: toolChoice.name },
    }),
  }
}

function inputItems(message: Message): JsonObject[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: message.content.map(inputPart) }]
    case 'assistant':
      return itemsOf(message.content)
    case 'tool':
      return message.content.map(functionOutput)
  }
}

function inputPart(part: Part): JsonObject {
  return part.type === 'text' ? inputText(part.text) : inputFile(part)
}

const inputText = (text: string): JsonObject => ({ type: 'input_text', text })

function inputFile(file: File): JsonObject {
  const text = textOfFile(file)
  if (text !== undefined) return inputText(text)
  const address = addressOf(file.media)
  if (address === undefined) return inputText(missing(file))
  if (isImage(file)) return { type: 'input_image', image_url: address, detail: 'auto' }
  if (file.media.url !== undefined) return { type: 'input_file', file_url: address }
  return { type: 'input_file', filename: fileName(file), file_data: address }
}

function functionOutput({ callId, output, failed }: ToolResult): JsonObject {
  const plain = output.every((part) => part.type === 'text')
  const rich: Json = plain ? outputText(output, failed === true) : output.map(inputPart)
  return { type: 'function_call_output', call_id: callId, output: rich }
}
