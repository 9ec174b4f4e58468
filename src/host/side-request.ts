/** A request that is no answer of a conversation: it is tried, measured, priced and recorded like one. */
import { requestRecord } from '../agent/record.ts'
import { runTurn } from '../agent/turn.ts'
import type { ChatRequest } from '../llm/types.ts'
import type { Outcome } from '../resilience/admission.ts'
import { isTicket } from '../resilience/admission.ts'
import { noAlternatives } from '../resilience/plan.ts'
import type { Chain, Failed } from '../resilience/chain.ts'
import type { Conversation } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage } from '../shared/message.ts'
import type { ModelInfo, ProviderId } from '../shared/model.ts'
import type { Draft } from '../shared/reduce.ts'
import { newDraft, settle } from '../shared/reduce.ts'
import type { Store } from '../store/store.ts'
import { costOf } from '../usage/cost.ts'
import { estimateRequest } from '../usage/estimate.ts'
import { askingOf, outcomeOf } from './attempt.ts'
import type { Connected } from './connections.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import type { Resilience } from './resilience/resilience.ts'
import type { Watch } from './telemetry/watch.ts'

export type SideParts = {
  store: () => Store
  resilience: Pick<Resilience, 'admit' | 'timeouts' | 'chain'>
  log: Log
  /** Told of each request. */
  watch?: Pick<Watch, 'request'>
}

/** Who is asked, for which conversation and from which folder (URI), where there is one. */
export type SideTarget = {
  provider: ProviderId
  model: string
  info?: ModelInfo
  connected: Connected
  place: Partial<Pick<Conversation, 'id' | 'workspace'>>
}

/** What the asker has to do with an answer while it comes, and with its usage before it is priced. */
export type SideReader = { grew?(draft: Draft): void; counted?(message: AssistantMessage): void }

/** `cost`: USD of all attempts, absent where it is unknown. A failure is the message's `stop`. */
export type SideAnswer = { message: AssistantMessage; cost?: number }

/** Nobody has seen anything of an attempt that failed, so it is repeated whole. Nothing else is asked instead of the target. */
export async function askApart(
  request: ChatRequest,
  target: SideTarget,
  parts: SideParts,
  signal: AbortSignal,
  reader: SideReader = {},
): Promise<SideAnswer> {
  const chain = parts.resilience.chain(undefined, noAlternatives)
  let spent = 0
  for (;;) {
    const { message, cost, failed } = await attempt(request, target, parts, chain, signal, reader)
    spent += cost ?? 0
    const again = failed && !signal.aborted && (await chain.fails(failed, signal))
    if (again) await chain.pause(signal)
    if (!again || signal.aborted) return { message, ...((cost !== undefined || spent > 0) && { cost: spent }) }
  }
}

async function attempt(
  request: ChatRequest,
  { provider, model, info, connected, place }: SideTarget,
  { store, resilience, log, watch }: SideParts,
  chain: Chain,
  signal: AbortSignal,
  { grew, counted }: SideReader,
): Promise<SideAnswer & { failed?: Failed }> {
  const { keyProfile, paidBy } = connected
  const draft = newDraft({ provider, dialect: connected.info.dialect, model })
  const asking = askingOf(
    place,
    {},
    { provider, model, providerLabel: connected.info.label, ...(info && { info }) },
    keyProfile,
    { request, tokens: estimateRequest(request) },
  )
  const entered = await resilience.admit(asking.asking, asking.label, chain, signal)
  if (!entered) return { message: { ...settle(draft), stop: { kind: 'aborted' } } }
  if (!isTicket(entered)) return { message: refused(draft, entered), failed: { ...asking, failure: entered } }
  const outcome: Outcome = {}
  try {
    const { message, timing } = await runTurn(
      {
        provider: connected.provider,
        request,
        draft,
        timeouts: resilience.timeouts(chain),
        onEvent: () => grew?.(draft),
      },
      signal,
    )
    counted?.(message)
    const cost = costOf(message.usage, info?.price)
    Object.assign(outcome, outcomeOf(message, cost, connected.headers?.()))
    const payer = { ...(keyProfile !== undefined && { keyProfile }), ...(paidBy && { paidBy }) }
    const row = { timing, ...(cost !== undefined && { cost }), ...payer }
    const record = { ...requestRecord(place, row, message, model), attempt: chain.attempt }
    watch?.request({ record, request, message, host: connected.host })
    try {
      store().requests.insert(record)
    } catch (error) {
      log.error(`the record of a request could not be written: ${describe(error)}`)
    }
    const failure = message.stop.kind === 'failed' ? message.stop.failure : undefined
    return { message, ...(cost !== undefined && { cost }), ...(failure && { failed: { ...asking, failure } }) }
  } finally {
    entered.settle(outcome)
  }
}

const refused = (draft: Draft, failure: Failure): AssistantMessage => ({
  ...settle(draft),
  stop: { kind: 'failed', failure },
})
