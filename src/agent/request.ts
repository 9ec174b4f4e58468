/** From a stored branch to the messages of a request. */
import type { StoredMessage } from '../shared/conversation.ts'
import type { Message } from '../shared/message.ts'
import type { ModelInfo } from '../shared/model.ts'

/** What is asked where an answer is to go on from what is already there. */
export const CONTINUE =
  'Your last answer was cut off. Go on exactly where it stopped, without repeating anything and without any remark about the interruption.'

/**
 * The messages of a branch as a provider should see them. An answer that follows another answer is its continuation:
 * between the two stands the request to go on, which is asked but not shown.
 */
export function toMessages(branch: readonly StoredMessage[]): Message[] {
  const messages: Message[] = []
  for (const { message } of branch) {
    if (message.role === 'assistant' && message.content.length === 0) continue
    if (message.role === 'assistant' && messages.at(-1)?.role === 'assistant') messages.push(goOn())
    messages.push(message)
  }
  if (messages.at(-1)?.role === 'assistant') messages.push(goOn())
  return messages
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
