/** What a request comes to: our estimate, corrected by what the provider counted the last one of this chat at. */
import { toMessages } from '../../agent/request.ts'
import type { Reader } from '../../agent/request.ts'
import type { Summary } from '../../shared/conversation.ts'
import type { Message } from '../../shared/message.ts'
import type { Chosen, ContextParts } from '../../shared/protocol.ts'
import type { Calibration } from '../../usage/calibration.ts'
import { estimateContent, estimateRequest } from '../../usage/estimate.ts'
import { modelKey } from '../answered-by.ts'
import type { Past } from './past.ts'
import { lastAnswer, sentFor } from './past.ts'

/** What stands in every request beside the messages. `tools`: tokens, estimated. */
export type Around = { system: string; tools: number }

export type Size = (messages: readonly Message[]) => number

/** Tokens as estimated. Each message is looked at once, however many requests it is measured in. */
export function estimator({ system, tools }: Around): Size {
  const known = new WeakMap<Message, number>()
  const fixed = estimateRequest({ system, messages: [] }) + tools
  const one = (message: Message): number => {
    const tokens = known.get(message) ?? estimateRequest({ messages: [message] })
    known.set(message, tokens)
    return tokens
  }
  return (messages) => messages.reduce((sum, message) => sum + one(message), fixed)
}

/** From our estimate to what the provider counts: `factor` times it, and `offset` tokens more. `guessed`: it never counted. */
export type Correction = { factor: number; offset: number; guessed?: true }

/** Beyond these the two are not of the same request. */
const LEAST = 0.5
const MOST = 3
/** Of a request that takes less than this share of the limit most may be what we do not see: it is added, not multiplied. */
const TELLING = 0.25

/** How far the estimate is off for this chat and model: by its last answer, else by what is known of the model. */
export function correctionOf(
  items: readonly Past[],
  chosen: Chosen,
  calibration: Calibration,
  estimate: Size,
  past: { summaries: readonly Summary[]; limit: number; reader?: Reader },
): Correction {
  const factor = calibration.factor(modelKey(chosen))
  const at = lastAnswer(items, chosen)
  const answer = items[at]?.message
  const known = { factor, offset: 0, ...(!calibration.knows(modelKey(chosen)) && { guessed: true as const }) }
  if (answer?.role !== 'assistant' || answer.usage.estimated) return known
  const { input, cacheRead, cacheWrite } = answer.usage
  const real = input + cacheRead + cacheWrite
  const sent = sentFor(items, at, past.summaries, past.limit)
  const guessed = sent ? estimate(toMessages(sent, past.reader)) : 0
  if (real <= 0 || guessed <= 0) return known
  if (Math.max(real, guessed) < past.limit * TELLING) return { factor, offset: Math.round(real - guessed * factor) }
  return { factor: Math.min(MOST, Math.max(LEAST, real / guessed)), offset: 0 }
}

/** The parts of a request that comes to `tokens` altogether. */
export function partsOf(messages: readonly Message[], around: Around, tokens: number, answer: number): ContextParts {
  const system = around.system === '' ? 0 : estimateRequest({ system: around.system, messages: [] })
  const files = messages.reduce((sum, { content }) => sum + filesIn(content), 0)
  const all = estimateRequest({ system: around.system, messages }) + around.tools
  const scale = all > 0 ? tokens / all : 0
  const scaled = (part: number): number => Math.round(part * scale)
  const rest = { system: scaled(system), tools: scaled(around.tools), files: scaled(files) }
  return { ...rest, history: Math.max(0, tokens - rest.system - rest.tools - rest.files), answer }
}

function filesIn(content: Message['content']): number {
  let tokens = 0
  for (const block of content) {
    if (block.type === 'file') tokens += estimateContent([block])
    if (block.type === 'tool-result') tokens += filesIn(block.output)
  }
  return tokens
}
