/** A chat request as the body of `POST /api/chat`. Expects a repaired history (see `repair.ts`). */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { File, Message, Part, ToolResult } from '../../shared/message.ts'
import { filesOf, isImage, missing, resultText, textOfFile } from '../openai/media.ts'
import { noTools } from '../no-tools.ts'
import type { Relief } from '../relief.ts'
import { without } from '../relief.ts'
import type { ChatRequest } from '../types.ts'
import { writeAnswer } from './blocks.ts'

export function requestBody(request: ChatRequest): JsonObject {
  const { model, system, thinking, maxOutputTokens, temperature } = request
  const options: JsonObject = {
    ...(maxOutputTokens !== undefined && { num_predict: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
  }
  return {
    model,
    messages: [...(system ? [{ role: 'system', content: system }] : []), ...inTurns(writeMessages(request.messages))],
    // By default the server drops the oldest messages without a word once its context is full.
    truncate: false,
    shift: false,
    ...(thinking !== undefined && { think: thinking === 'off' ? false : thinking }),
    ...tools(request),
    ...(Object.keys(options).length > 0 && { options }),
  }
}

/** The request for a model that is loaded with a context of `size` tokens. */
export function withContext(body: JsonObject, size: number): JsonObject {
  return { ...body, options: { ...(isObject(body.options) ? body.options : {}), num_ctx: size } }
}

/** Most models think or do not, few know levels, and the server refuses what a model does not know. */
export const reliefs: readonly Relief[] = [
  {
    name: 'no-level',
    helps: (body, refusal) => /think value|invalid think/.test(refusal) && typeof body.think === 'string',
    apply: (body) => (typeof body.think === 'string' ? { ...body, think: true } : body),
  },
  {
    name: 'no-think',
    helps: (body, refusal) => /think/.test(refusal) && 'think' in body,
    apply: (body) => without(body, 'think'),
  },
  noTools,
]

/** The server knows no choice of tools but having none. */
function tools({ tools, toolChoice }: ChatRequest): JsonObject {
  if (!tools || tools.length === 0 || toolChoice === 'none') return {}
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name, description, parameters: inputSchema },
    })),
  }
}

function writeMessages(messages: readonly Message[]): JsonObject[] {
  /** The calls so far that went with an id. */
  const named = new Set<string>()
  return messages.flatMap((message) => {
    if (message.role === 'user') return [userMessage(message.content)]
    if (message.role === 'tool')
      return [...message.content.map((each) => toolMessage(each, named)), ...shown(message.content)]
    const answer = writeAnswer(message)
    for (const call of Array.isArray(answer?.tool_calls) ? answer.tool_calls : []) {
      if (isObject(call) && typeof call.id === 'string') named.add(call.id)
    }
    return answer ? [answer] : []
  })
}

function userMessage(content: readonly Part[]): JsonObject {
  const images = content.flatMap((part) => (part.type === 'file' ? (imageOf(part) ?? []) : []))
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : fileText(part)))
  return { role: 'user', content: texts.join('\n\n'), ...(images.length > 0 && { images }) }
}

/** The bytes of an image. The server fetches no addresses. */
function imageOf(file: File): string | undefined {
  return isImage(file) && file.media.data ? file.media.data : undefined
}

function fileText(file: File): string[] {
  return imageOf(file) === undefined ? [textOfFile(file) ?? missing(file)] : []
}

function toolMessage({ callId, name, output, failed }: ToolResult, named: ReadonlySet<string>): JsonObject {
  return {
    role: 'tool',
    content: resultText(output, failed === true),
    tool_name: name,
    ...(named.has(callId) && { tool_call_id: callId }),
  }
}

/** A tool message holds text alone, so the files of results follow in a message of the user's. */
function shown(results: readonly ToolResult[]): JsonObject[] {
  const content = filesOf(results)
  return content.length === 0 ? [] : [userMessage(content)]
}

/** Messages of the user's in a row as one: the templates of many models take user and assistant in turns alone. */
function inTurns(messages: readonly JsonObject[]): JsonObject[] {
  const turns: JsonObject[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (message.role !== 'user' || last?.role !== 'user') {
      turns.push(message)
      continue
    }
    const images = [last.images, message.images].flatMap((each) => (Array.isArray(each) ? each : []))
    const content = [last.content, message.content].filter((each) => each !== '').join('\n\n')
    turns[turns.length - 1] = { role: 'user', content, ...(images.length > 0 && { images }) }
  }
  return turns
}
