/** From a stored branch to the messages of a request. */
import type { StoredMessage } from '../shared/conversation.ts'
import { joinContents, lastWords } from '../shared/join.ts'
import { isObject } from '../shared/json.ts'
import type { AssistantMessage, Block, Message, ToolCall } from '../shared/message.ts'
import type { ModelInfo } from '../shared/model.ts'

/** What is asked where an answer is to go on from what is already there. */
export const CONTINUE =
  'Your last answer was cut off. Go on exactly where it stopped, without repeating anything and without any remark about the interruption.'

/** The same of an answer that ends in words: it is to begin with those, which tells where its text belongs (see `join.ts`). */
export const continueFrom = (words: string): string =>
  `${CONTINUE} So that the two can be joined, begin with the last words of it exactly as they stand between these marks, and go straight on from them:\n<last-words>${words}</last-words>`

/** What is put between two answers where a message between them was deleted. */
const DELETED = 'A message of mine that stood here was deleted.'

/** Whose history it will be. */
export type Reader = { provider: string; dialect: string }

/**
 * The messages of a branch as a provider should see them. An answer that goes on from the one before it is one with it,
 * where what a provider sealed allows that; else, and where the branch ends with an answer, the request to go on stands
 * after it, which is asked but not shown. `reader`'s own answers that paused in the middle of its own work are sent back
 * as they are, which is how they go on.
 */
export function toMessages(branch: readonly Pick<StoredMessage, 'message'>[], reader?: Reader): Message[] {
  const messages: Message[] = []
  const pausedLast = (): boolean => isPaused(messages.at(-1), reader)
  branch.forEach(({ message }, at) => {
    if (message.role === 'assistant' && message.content.length === 0) return
    if (message.role !== 'assistant') return void messages.push(message)
    const answer = mended(message, resultsAfter(branch, at))
    const before = messages.at(-1)
    if (before?.role !== 'assistant') return void messages.push(answer)
    const whole = joined(before, answer)
    if (whole) return void messages.splice(-1, 1, whole)
    if (!pausedLast()) messages.push(isWhole(before) && !answer.goesOn ? said(DELETED) : goOn(before))
    messages.push(answer)
  })
  const last = messages.at(-1)
  if (last?.role === 'assistant' && !pausedLast()) messages.push(goOn(last))
  return messages
}

/** True where the request asks to go on from an answer that ends in words, which a provider may instead be given as a beginning. */
export function goesOnFromWords(branch: readonly Pick<StoredMessage, 'message'>[]): boolean {
  const last = branch.findLast(({ message }) => message.role !== 'assistant' || message.content.length > 0)?.message
  return last?.role === 'assistant' && wordsOf(last) !== ''
}

const isWhole = ({ stop }: AssistantMessage): boolean => stop.kind === 'done'

/** What one provider wrote in two pieces, as the one answer it is. Seals are of a whole text, so sealed texts stay two. */
function joined(before: AssistantMessage, after: AssistantMessage): AssistantMessage | undefined {
  const isSame = before.origin.provider === after.origin.provider && before.origin.dialect === after.origin.dialect
  const [end, start] = [before.content.at(-1), after.content[0]]
  if (!isSame || start?.type !== 'text' || start.wire !== undefined || end?.wire !== undefined) return undefined
  const content = joinContents(before, after)
  if (!content) return undefined
  const { goesOn: _, ...rest } = after
  return { ...rest, content, ...(before.goesOn && { goesOn: before.goesOn }) }
}

function wordsOf({ content }: AssistantMessage): string {
  const end = content.at(-1)
  return end?.type === 'text' ? lastWords(end.text) : ''
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

const said = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })

function goOn(answer: AssistantMessage): Message {
  const words = wordsOf(answer)
  return said(words === '' ? CONTINUE : continueFrom(words))
}

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
