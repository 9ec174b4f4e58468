/** One attempt at an answer: what goes out, what of it is kept, and what is settled with its gates. */
import type { Asking, Outcome, RateHeaders } from '../resilience/admission.ts'
import type { Chain, Failed } from '../resilience/chain.ts'
import type { Conversation, FailedAttempt, StoredMessage, Timing } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage, Block, Stop, StreamEvent } from '../shared/message.ts'
import { noUsage } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'
import { costOf } from '../usage/cost.ts'
import type { Connected } from './connections.ts'
import type { FitOutcome, Sent } from './fitting/fitting.ts'

/** A request that can go out. */
export type Ready = {
  chosen: Chosen
  connected: Connected
  outgoing: Extract<FitOutcome, { request: unknown }>
}

/**
 * A failure, or the end. `sent`: what went out, where the failure brought nothing to keep. A `stop` is still to be told,
 * and where nothing was `sent` nothing is known of the provider; without one all has been told.
 */
export type Attempted = { failed: Failed; sent?: Sent } | { stop?: Stop; unsent?: true }

export const failing = (failure: Failure): Attempted => ({ stop: { kind: 'failed', failure }, unsent: true })

/** `outgoing`: absent where it could not be made. */
export function askingOf(
  { id, workspace }: Conversation,
  { guidance }: StoredMessage,
  { provider, model, providerLabel, info }: Chosen,
  keyProfile: string | undefined,
  outgoing?: Ready['outgoing'],
): Pick<Failed, 'asking' | 'label'> {
  const { maxOutputTokens } = outgoing?.request ?? {}
  const inputTokens = outgoing?.sent.tokens ?? 0
  const most = { ...noUsage(), input: inputTokens, output: maxOutputTokens ?? 0 }
  const estimate = costOf(most, info?.price)
  const asking: Asking = {
    target: { provider, model, ...(keyProfile !== undefined && { keyProfile }) },
    conversation: id,
    inputTokens,
    ...(workspace !== undefined && { workspace }),
    ...(guidance?.agent && { agent: guidance.agent.id }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(estimate !== undefined && { estimate }),
  }
  return { asking, label: providerLabel }
}

/**
 * True for what a person would miss, or a model can go on from. What was only thought, and arguments that are not whole,
 * are worth nothing without what was to follow.
 */
export function isKept(content: readonly Block[]): boolean {
  return content.some((block) => {
    if (block.type === 'text') return block.text.trim() !== ''
    if (block.type === 'tool-call') return block.input !== undefined
    return block.type !== 'thinking'
  })
}

export function failureIn(event: StreamEvent): Failure | undefined {
  return event.type === 'end' && event.stop.kind === 'failed' ? event.stop.failure : undefined
}

/** What was asked in vain for this row so far. */
export function failedBefore({ tried }: Pick<Chain, 'tried'>): Pick<Timing, 'failed'> {
  const failed = tried.map(({ target, failure: { code, status } }): FailedAttempt => {
    return { ...target, code, ...(status !== undefined && { status }) }
  })
  return failed.length > 0 ? { failed } : {}
}

/** `cost`: USD, absent where unknown. */
export function outcomeOf(
  { stop, usage }: AssistantMessage,
  cost: number | undefined,
  headers: RateHeaders | undefined,
): Outcome {
  return {
    // Of what was stopped before anything came nothing is known.
    ...((stop.kind !== 'aborted' || hasUsage({ usage })) && { usage }),
    ...(cost !== undefined && { cost }),
    ...(stop.kind === 'failed' && { failure: stop.failure }),
    ...(headers && { headers }),
  }
}

export function hasUsage({ usage }: Pick<AssistantMessage, 'usage'>): boolean {
  return usage.cost !== undefined || usage.input + usage.output + usage.cacheRead + usage.cacheWrite > 0
}
