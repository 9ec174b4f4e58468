/** Our request as Anthropic's. Expects a repaired history (see `repair.ts`). */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { AssistantMessage, Block, Message, Part, Stop, ToolResult } from '../../shared/message.ts'
import type { ChatRequest } from '../types.ts'
import { writeBlock } from './blocks.ts'
import type { Limits } from './limits.ts'
import { outputLimit, thinkingParams } from './limits.ts'
import { writePart } from './parts.ts'

type Turn = { role: 'user' | 'assistant'; content: JsonObject[] }

const CACHE = { type: 'ephemeral' } as const

/** The body of `POST /v1/messages`. `own`: it goes to Anthropic's own service. */
export function writeRequest(request: ChatRequest, limits: Limits, own: boolean): JsonObject {
  const maxTokens = outputLimit(request, limits)
  const thinking = thinkingParams(request, limits, maxTokens)
  // The current API version has no temperature, and no version takes one together with thinking.
  const temperature =
    own || (isObject(thinking.thinking) && thinking.thinking.type !== 'disabled') ? undefined : request.temperature
  // Blocks are replayed as the provider sent them, also those of a kind the SDK's types do not know.
  return {
    ...writePrompt(request),
    max_tokens: maxTokens,
    stream: true,
    ...thinking,
    ...(temperature === undefined ? {} : { temperature }),
  }
}

/** What counts as input: model, system prompt, messages and tools. */
export function writePrompt(request: ChatRequest): JsonObject {
  const tools = request.tools ?? []
  const body: JsonObject = { model: request.model, messages: withBreakpoints(writeTurns(request.messages)) }
  if (request.system?.trim()) body.system = [{ type: 'text', text: request.system, cache_control: CACHE }]
  if (tools.length > 0) {
    body.tools = tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema }))
    const last = (body.tools as JsonObject[]).at(-1)
    // The system prompt's breakpoint covers the tools, which come before it.
    if (last && !body.system) last.cache_control = CACHE
    if (request.toolChoice !== undefined) body.tool_choice = writeToolChoice(request.toolChoice)
  }
  return body
}

function writeToolChoice(choice: NonNullable<ChatRequest['toolChoice']>): JsonObject {
  if (typeof choice === 'object') return { type: 'tool', name: choice.name }
  return { type: choice === 'required' ? 'any' : choice }
}

/** The conversation, results and the user's next words in one turn, because they answer the same assistant turn. */
function writeTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = message.role === 'assistant' ? writeAnswer(message) : writeUserSide(message.content)
    if (content.length === 0) continue
    const last = turns.at(-1)
    if (role === 'user' && last?.role === 'user') last.content.push(...content)
    else turns.push({ role, content })
  }
  return turns
}

function writeUserSide(content: (Part | ToolResult)[]): JsonObject[] {
  return content.filter((part) => part.type !== 'text' || part.text.trim()).map(writeUserBlock)
}

function writeUserBlock(block: Part | ToolResult): JsonObject {
  if (block.type !== 'tool-result') return writePart(block)
  const content = writeUserSide(block.output)
  return {
    type: 'tool_result',
    tool_use_id: block.callId,
    ...(content.length > 0 ? { content } : {}),
    ...(block.failed ? { is_error: true } : {}),
  }
}

/** Nothing where only blanks are left: the API refuses such a turn, though blanks between other blocks are its own. */
function writeAnswer(message: AssistantMessage): JsonObject[] {
  const dropped = unfinishedWork(message)
  const kept = message.content.filter((block) => !dropped.has(block) && !(block.type === 'text' && block.text === ''))
  const says = kept.some((block) => block.type !== 'text' || block.text.trim().length > 0)
  return says ? kept.map(writeAnswerBlock) : []
}

function writeAnswerBlock(block: Block): JsonObject {
  // Only another provider's answer holds files, and an assistant turn takes none.
  if (block.type === 'file') return { type: 'text', text: `[File: ${block.name ?? block.media.mediaType}]` }
  return writeBlock(block)
}

/** Ends after which the last blocks may be half of what the provider meant to send. */
const BROKEN: Stop['kind'][] = ['aborted', 'failed', 'limit']

/**
 * What a broken stream left half done: thinking without its signature, the provider's own tools without a result or
 * with half of one, blocks of an unknown kind, and thinking that led to nothing. All of it would be refused.
 */
function unfinishedWork(message: AssistantMessage): Set<Block> {
  const dropped = new Set<Block>()
  if (!BROKEN.includes(message.stop.kind)) return dropped
  const results = new Set<string>()
  for (const block of message.content) {
    if (block.type === 'thinking' && !isSigned(block)) dropped.add(block)
    if (block.type === 'other' && block.wire === undefined) dropped.add(block)
    if (block.type !== 'tool-result') continue
    if (block.wire === undefined) dropped.add(block)
    else results.add(block.callId)
  }
  for (const block of message.content) {
    if (block.type === 'tool-call' && block.ranBy === 'provider' && !results.has(block.id)) dropped.add(block)
  }
  for (const block of message.content.toReversed()) {
    if (block.type === 'thinking') dropped.add(block)
    else if (!dropped.has(block)) break
  }
  return dropped
}

function isSigned({ wire }: Block): boolean {
  const set = isObject(wire) && isObject(wire.set) ? wire.set : {}
  return Boolean(set.signature || set.data)
}

/**
 * Marks the ends of the last two user turns for the cache. The newest writes it; the one before is where the request
 * before this one wrote, so it is found even when a long step lies between. Assistant turns stay as they came.
 */
function withBreakpoints(turns: Turn[]): Turn[] {
  for (const turn of turns.filter(({ role }) => role === 'user').slice(-2)) {
    const last = turn.content.at(-1)
    if (last) last.cache_control = CACHE
  }
  return turns
}
