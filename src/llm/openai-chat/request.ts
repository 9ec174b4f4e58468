/** A chat request as the body of `POST /chat/completions`, and what to leave out for the servers that refuse parts of it. */
import type { Json, JsonObject } from '../../shared/json.ts'
import type { File, Message, Part, ToolResult } from '../../shared/message.ts'
import { addressOf, fileName, filesOf, isImage, missing, resultText, textOfFile } from '../openai/media.ts'
import { noTools } from '../no-tools.ts'
import type { Relief } from '../relief.ts'
import { without } from '../relief.ts'
import type { ChatRequest } from '../types.ts'
import { assistantMessage } from './blocks.ts'
import { earlierFiles } from './earlier-files.ts'
import { objectsIn } from './reasoning.ts'

/** `official`: OpenAI's own endpoint, which takes the newer name of the output limit. */
export function requestBody(request: ChatRequest, official: boolean): JsonObject {
  const { model, system, maxOutputTokens, temperature, thinking } = request
  return {
    model,
    messages: [
      ...(system ? [{ role: 'system', content: system }] : []),
      ...inTurns(request.messages.flatMap(chatMessages)),
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...(maxOutputTokens !== undefined && { [official ? 'max_completion_tokens' : 'max_tokens']: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(thinking !== undefined && { reasoning_effort: thinking === 'off' ? 'none' : thinking }),
    ...tools(request),
  }
}

export const reliefs: readonly Relief[] = [
  {
    name: 'no-stream-options',
    helps: (body, refusal) => /stream_options|include_usage/.test(refusal) && 'stream_options' in body,
    apply: (body) => without(body, 'stream_options'),
  },
  {
    name: 'other-limit',
    helps: (body, refusal) => [NEWER, OLDER].some((name) => refusal.includes(name) && name in body),
    apply(body) {
      if (NEWER in body) return { ...without(body, NEWER), [OLDER]: body[NEWER] as Json }
      return OLDER in body ? { ...without(body, OLDER), [NEWER]: body[OLDER] as Json } : body
    },
  },
  {
    name: 'minimal-effort',
    helps: (body, refusal) => /effort/.test(refusal) && /minimal/.test(refusal) && body.reasoning_effort === 'none',
    apply: (body) => (body.reasoning_effort === 'none' ? { ...body, reasoning_effort: 'minimal' } : body),
  },
  {
    name: 'no-effort',
    helps: (body, refusal) => /reasoning[_. ]effort/.test(refusal) && 'reasoning_effort' in body,
    apply: (body) => without(body, 'reasoning_effort'),
  },
  {
    name: 'no-temperature',
    helps: (body, refusal) => refusal.includes('temperature') && 'temperature' in body,
    apply: (body) => without(body, 'temperature'),
  },
  {
    name: 'no-reasoning-replay',
    helps: (body, refusal) =>
      REPLAYED.some((name) => refusal.includes(name) && messagesOf(body).some((each) => name in each)),
    apply: (body) => ({ ...body, messages: messagesOf(body).map((each) => REPLAYED.reduce(without, each)) }),
  },
  earlierFiles,
  noTools,
]

const NEWER = 'max_completion_tokens'
const OLDER = 'max_tokens'
const REPLAYED = ['reasoning', 'reasoning_content', 'reasoning_details', 'thinking_blocks']

function messagesOf(body: JsonObject): JsonObject[] {
  return body.messages as JsonObject[]
}

function tools({ tools, toolChoice }: ChatRequest): JsonObject {
  if (!tools || tools.length === 0) return {}
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: 'function',
      function: { name, description, parameters: inputSchema },
    })),
    ...(toolChoice !== undefined && {
      tool_choice:
        typeof toolChoice === 'string' ? toolChoice : { type: 'function', function: { name: toolChoice.name } },
    }),
  }
}

function chatMessages(message: Message): JsonObject[] {
  switch (message.role) {
    case 'user':
      return [{ role: 'user', content: userContent(message.content) }]
    case 'assistant': {
      const said = assistantMessage(message.content, message.origin.dialect === 'openai-chat')
      return said ? [said] : []
    }
    case 'tool':
      return [...message.content.map(toolMessage), ...shownBeside(message.content)]
  }
}

/** Plain text goes as a string, the one form that every server takes. */
function userContent(content: readonly Part[]): Json {
  if (content.every((part) => part.type === 'text')) return content.map((part) => part.text).join('\n\n')
  return content.map((part) => (part.type === 'text' ? textPart(part.text) : filePart(part)))
}

const textPart = (text: string): JsonObject => ({ type: 'text', text })

function filePart(file: File): JsonObject {
  const text = textOfFile(file)
  if (text !== undefined) return textPart(text)
  const address = addressOf(file.media)
  if (address === undefined) return textPart(missing(file))
  if (isImage(file)) return { type: 'image_url', image_url: { url: address } }
  const audio = /^audio\/(?:x-)?(wav|mp3|mpeg)$/.exec(file.media.mediaType)?.[1]
  if (audio && file.media.data !== undefined) {
    return { type: 'input_audio', input_audio: { data: file.media.data, format: audio === 'wav' ? 'wav' : 'mp3' } }
  }
  if (file.media.url !== undefined) return textPart(missing(file))
  return { type: 'file', file: { filename: fileName(file), file_data: address } }
}

function toolMessage({ callId, output, failed }: ToolResult): JsonObject {
  return { role: 'tool', tool_call_id: callId, content: resultText(output, failed === true) }
}

/** Tool messages hold text alone, so the files of results follow in a message of the user's. */
function shownBeside(results: readonly ToolResult[]): JsonObject[] {
  const content = filesOf(results)
  return content.length === 0 ? [] : [{ role: 'user', content: userContent(content) }]
}

/** Messages of the user's in a row as one: many chat templates refuse any but user and assistant in turns. */
function inTurns(messages: readonly JsonObject[]): JsonObject[] {
  const turns: JsonObject[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (message.role !== 'user' || last?.role !== 'user') turns.push(message)
    else turns[turns.length - 1] = { ...last, content: joined(last.content, message.content) }
  }
  return turns
}

function joined(...contents: (Json | undefined)[]): Json {
  if (contents.every((content) => typeof content === 'string')) return contents.join('\n\n')
  return contents.flatMap((content) => (typeof content === 'string' ? [textPart(content)] : objectsIn(content)))
}
