/** A branch before a request: how much room there is, how it is measured, and where the last request began. */
import type { FitInput } from '../../agent/context/fit.ts'
import { roomOf } from '../../agent/context/limit.ts'
import type { Reader } from '../../agent/request.ts'
import type { ToolSpec } from '../../llm/types.ts'
import type { Aside } from '../../resilience/deadline.ts'
import type { Conversation, Summary } from '../../shared/conversation.ts'
import type { Chosen } from '../../shared/protocol.ts'
import type { Calibration } from '../../usage/calibration.ts'
import { modelKey } from '../answered-by.ts'
import type { LearnedLimits } from './learned-limits.ts'
import type { Around, Correction, Size } from './measure.ts'
import { correctionOf, estimator } from './measure.ts'
import type { Past } from './past.ts'
import { asDigest, cutOf, digestFor, lastAnswer } from './past.ts'

export type FitWish = {
  conversation: Conversation
  /** The whole branch, with the words that are to be answered. */
  items: readonly Past[]
  chosen: Chosen
  reader?: Reader
  /** What is told before the messages; the person's own prompt where absent. */
  system?: string
  tools: readonly ToolSpec[]
  /** What the tools take, in tokens. */
  toolTokens: number
  /** Stands around each question to the person. */
  aside?: Aside
}

/** `answer`: tokens that are kept for it; absent where the window is not known, and `limit` is then infinite. */
export type Look = FitInput & {
  items: readonly Past[]
  around: Around
  estimate: Size
  correction: Correction
  answer?: number
}

export type Known = {
  summaries: readonly Summary[]
  calibration: Calibration
  learned: LearnedLimits
  system: string
}

export function lookAt(wish: FitWish, { summaries, calibration, learned, system }: Known): Look {
  const { items, chosen, reader, toolTokens } = wish
  const { contextWindow } = chosen.info ?? {}
  const room = contextWindow === undefined ? undefined : roomOf(contextWindow, chosen.outputLimit)
  const limit = Math.min(room?.limit ?? Infinity, learned.get(modelKey(chosen)) ?? Infinity)
  const around = { system, tools: toolTokens }
  const estimate = estimator(around)
  const correction = correctionOf(items, chosen, calibration, estimate, { summaries, limit, ...(reader && { reader }) })
  const digest = digestFor(items, summaries)
  const last = lastAnswer(items, chosen)
  const look: Look = {
    items,
    limit,
    size: estimate,
    around,
    estimate,
    correction,
    ...(room && { answer: room.answer }),
    ...(reader && { reader }),
    ...(digest && { digest: asDigest(digest) }),
    ...(last >= 0 && { before: cutOf(items, last, summaries) }),
  }
  return corrected(look, correction)
}

/** The same, measured with another correction of the estimate. */
export function corrected(look: Look, correction: Correction): Look {
  const { factor, offset } = correction
  return { ...look, correction, size: (messages) => Math.max(1, Math.ceil(look.estimate(messages) * factor + offset)) }
}
