/** Our request as Google's. Expects a repaired history (see `repair.ts`). */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { AssistantMessage, Block, Message, Part, Stop, ToolResult } from '../../shared/message.ts'
import type { ChatRequest } from '../types.ts'
import { writePart } from './blocks.ts'
import { isShown, userPart } from './parts.ts'
import { writeProse } from './prose.ts'
import type { Told } from './thinking.ts'
import { isThird, thinkingParams } from './thinking.ts'

type Content = { role: 'user' | 'model'; parts: JsonObject[] }

/** Takes the place of a signature that Google never gave, as for calls another provider's model made. */
const NO_SIGNATURE = 'skip_thought_signature_validator'

/** The body of `streamGenerateContent`. */
export function writeRequest(request: ChatRequest, told: Told): JsonObject {
  const { maxOutputTokens, temperature } = request
  const generationConfig = {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...thinkingParams(request, told),
  }
  const configured = Object.keys(generationConfig).length > 0
  return { ...writePrompt(request), ...(configured ? { generationConfig } : {}) }
}

/** What counts as input: system prompt, conversation and tools. */
export function writePrompt(request: ChatRequest): JsonObject {
  const system = request.system?.trim() ? [{ text: request.system }] : []
  // The older open models refuse a system prompt, so it comes first in the conversation.
  const apart = !/(^|\/)gemma-[123]/.test(request.model)
  const contents = writeContents(request, apart ? [] : system)
  return {
    contents: contents as Json,
    ...(apart && system.length > 0 ? { systemInstruction: { parts: system } } : {}),
    ...writeTools(request),
  }
}

function writeTools({ tools = [], toolChoice }: ChatRequest): JsonObject {
  if (tools.length === 0) return {}
  const functionDeclarations = tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    parametersJsonSchema: inputSchema,
  }))
  if (toolChoice === undefined) return { tools: [{ functionDeclarations }] }
  const functionCallingConfig =
    typeof toolChoice === 'object'
      ? { mode: 'ANY', allowedFunctionNames: [toolChoice.name] }
      : { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[toolChoice] }
  return { tools: [{ functionDeclarations }], toolConfig: { functionCallingConfig } }
}

/** The conversation, with user and model in turns: what comes from one side in a row is one content. */
function writeContents(request: ChatRequest, first: JsonObject[]): Content[] {
  const contents: Content[] = first.length > 0 ? [{ role: 'user', parts: first }] : []
  let answered: AssistantMessage | undefined
  for (const message of request.messages) {
    if (message.role === 'assistant') answered = message
    const role = message.role === 'assistant' ? 'model' : 'user'
    const parts = partsOf(message, answered, isThird(request.model))
    const last = contents.at(-1)
    if (parts.length === 0) continue
    if (last?.role === role) last.parts.push(...parts)
    else contents.push({ role, parts })
  }
  return contents
}

/** `answered`: the answer whose calls the results of a tool message are of. `third`: see `isThird`. */
function partsOf(message: Message, answered: AssistantMessage | undefined, third: boolean): JsonObject[] {
  if (message.role === 'user') return message.content.filter((part) => part.type !== 'text' || part.text).map(userPart)
  if (message.role === 'tool') return writeResults(message.content, answered?.content ?? [], third)
  const parts = writeAnswer(message)
  return third ? withSignature(parts) : parts
}

function writeResults(results: readonly ToolResult[], answer: readonly Block[], third: boolean): JsonObject[] {
  // Models before Gemini 3 take no files in a result, and none takes an address there: those follow it.
  const isInside = (part: Part) => third && isShown(part) && part.media.url === undefined
  const responses = results.map((result) => writeResult(result, answer, isInside))
  const files = results.flatMap(({ name, output }) => {
    const beside = output.filter((part) => isShown(part) && !isInside(part))
    return beside.length > 0 ? [{ text: `Files from the result of ${name}:` }, ...beside.map(userPart)] : []
  })
  return [...responses, ...files]
}

function writeResult(
  { callId, name, output, failed }: ToolResult,
  answer: readonly Block[],
  isInside: (part: Part) => boolean,
): JsonObject {
  const call = answer.find((block) => block.type === 'tool-call' && block.id === callId)
  // An id of our own making never went to Google, so its result goes without it as well: the order tells.
  const made = call ? writePart(call).functionCall : undefined
  const texts = output.filter((part) => !isShown(part)).map((part) => String(userPart(part).text))
  const text = texts.join('\n') || (output.some(isShown) ? 'The result follows as a file.' : '')
  const parts = output.filter(isInside).map(userPart)
  return {
    functionResponse: {
      ...(isObject(made) && made.id !== undefined ? { id: callId } : {}),
      name: call?.type === 'tool-call' ? call.name : name,
      response: failed ? { error: text || 'The tool failed without a message.' } : { output: text },
      ...(parts.length > 0 ? { parts } : {}),
    },
  }
}

/** Ends after which the last blocks may be half of what Google meant to send. */
const BROKEN: Stop['kind'][] = ['aborted', 'failed', 'limit']

function writeAnswer({ content, stop }: AssistantMessage): JsonObject[] {
  const results = new Set(content.map((block) => (block.type === 'tool-result' ? block.callId : undefined)))
  const whole = content.filter((block) => {
    if (!BROKEN.includes(stop.kind)) return true
    if (block.type === 'tool-call' && block.ranBy === 'provider') return results.has(block.id)
    return block.type !== 'other' || block.wire !== undefined
  })
  // Thoughts alone are no turn of a conversation.
  return whole.every((block) => block.type === 'thinking') ? [] : whole.flatMap(writeBlock)
}

function writeBlock(block: Block): JsonObject[] {
  return block.type === 'text' || block.type === 'thinking' ? writeProse(block) : [writePart(block)]
}

/** Gemini 3 refuses a step of a turn whose first call has no signature; calls of other models have none. */
function withSignature(parts: JsonObject[]): JsonObject[] {
  const first = parts.findIndex((part) => part.functionCall !== undefined)
  return parts.map((part, at) =>
    at === first && part.thoughtSignature === undefined ? { ...part, thoughtSignature: NO_SIGNATURE } : part,
  )
}
