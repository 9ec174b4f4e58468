/** From a stored branch to the messages of a request. */
import type { StoredMessage } from '../shared/conversation.ts'
import { isObject } from '../shared/json.ts'
import type { AssistantMessage, Block, Message, ToolCall } from '../shared/message.ts'
import type { ModelInfo } from '../shared/model.ts'

/** What is asked where an answer is to go on from what is already there. */
export const CONTINUE =
  'Your last answer was cut off. Go on exactly where it stopped, without repeating anything and without any remark about the interruption.'

/** Whose history it will be. */
export type Reader = { provider: string; dialect: string }

/**
 * The messages of a branch as a provider should see them. An answer that follows another answer is its continuation:
 * between the two stands the request to go on, which is asked but not shown. `reader`'s own answers that paused in the
 * middle of its own work are sent back as they are, which is how they go on.
 */
export function toMessages(branch: readonly Pick<StoredMessage, 'message'>[], reader?: Reader): Message[] {
  const messages: Message[] = []
  const pausedLast = (): boolean => isPaused(messages.at(-1), reader)
  branch.forEach(({ message }, at) => {
    if (message.role === 'assistant' && message.content.length === 0) return
    if (message.role === 'assistant' && messages.at(-1)?.role === 'assistant' && !pausedLast()) messages.push(goOn())
    messages.push(message.role === 'assistant' ? mended(message, resultsAfter(branch, at)) : message)
  })
  if (messages.at(-1)?.role === 'assistant' && !pausedLast()) messages.push(goOn())
  return messages
}

function isPaused(message: Message | undefined, reader: Reader | undefined): boolean {
  if (message?.role !== 'assistant' || message.stop.kind !== 'paused') return false
  return message.origin.provider === reader?.provider && message.origin.dialect === reader.dialect
}

/** The ids of calls with a result in the tool messages right after this answer. */
function resultsAfter(branch: readonly Pick<StoredMessage, 'message'>[], at: number): Set<string> {
  const ids = new Set<string>()
  for (let next = at + 1; ; next++) {
    const message = branch[next]?.message
    if (message?.role !== 'tool') return ids
    for (const { callId } of message.content) ids.add(callId)
  }
}

/**
 * A call whose arguments are no JSON object is never replayed as it was. Where it has a result, which then says what was
 * wrong with it, it stands there without arguments: else the model would never hear of its mistake.
 */
function mended(message: AssistantMessage, answered: ReadonlySet<string>): AssistantMessage {
  const isMended = (block: Block): block is ToolCall =>
    block.type === 'tool-call' && block.ranBy === 'host' && !isObject(block.input) && answered.has(block.id)
  if (!message.content.some(isMended)) return message
  const content = message.content.map((block) => (isMended(block) ? { ...block, json: '{}', input: {} } : block))
  return { ...message, content }
}

const goOn = (): Message => ({ role: 'user', content: [{ type: 'text', text: CONTINUE }] })

/** Where nothing is known of a model. Every current model can write this much. */
export const FALLBACK_OUTPUT_TOKENS = 8_192

/**
 * The one definition of an answer's limit, in tokens: the conversation's override, else the setting, else the model's
 * own limit, else the fallback; never above the model's limit.
 */
export function maxOutputTokensFor(
  model: ModelInfo | undefined,
  conversation: number | undefined,
  setting: number | undefined,
): number {
  const limit = model?.maxOutputTokens
  const wanted = conversation ?? setting ?? limit ?? FALLBACK_OUTPUT_TOKENS
  return limit === undefined ? wanted : Math.min(wanted, limit)
}
