/** One request and its stream: through the gates, timed, priced and recorded, whoever asks. Its ticket is always settled. */
import { randomUUID } from 'node:crypto'
import { requestRecord } from '../agent/record.ts'
import { runTurn } from '../agent/turn.ts'
import type { ChatRequest } from '../llm/types.ts'
import type { Outcome } from '../resilience/admission.ts'
import { isTicket } from '../resilience/admission.ts'
import type { Chain, Failed } from '../resilience/chain.ts'
import type { Conversation, MessageId, StoredMessage, Timing } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage, StreamEvent } from '../shared/message.ts'
import type { ModelInfo } from '../shared/model.ts'
import type { Draft } from '../shared/reduce.ts'
import { settle } from '../shared/reduce.ts'
import type { RequestBegun, RequestRecord } from '../shared/usage-record.ts'
import { requestIdOf } from '../store/interrupted.ts'
import type { Store } from '../store/store.ts'
import { costOf } from '../usage/cost.ts'
import { hasUsage, outcomeOf } from './attempt.ts'
import type { Connected } from './connections.ts'
import type { Log } from './log.ts'
import { persist } from './persist.ts'
import type { Resilience } from './resilience/resilience.ts'
import type { TurnWatch } from './telemetry/watch.ts'

export type ExchangeParts = {
  store: () => Store
  resilience: Pick<Resilience, 'admit' | 'timeouts'>
  log: Log
  /** Told of each request. */
  watch?: Pick<TurnWatch, 'request'> | undefined
  /** Told what came of each request once it is recorded, so that a refused key shows as such. */
  outcome?(provider: string, keyProfile: string | undefined, came: Came): void
}

/** What a request tells of whom it was sent to. `nothing`: it was stopped before anybody took it. */
export type Came = 'answered' | 'nothing' | Failure

/** A stream that has ended. `cost`: USD, absent where unknown. */
export type Ended = { message: AssistantMessage; timing: Timing; cost?: number }

export type Exchange = {
  asking: Pick<Failed, 'asking' | 'label'>
  connected: Connected
  request: ChatRequest
  /** The id that was asked for, which the request may call otherwise. */
  model: string
  info?: ModelInfo | undefined
  place: Partial<Pick<Conversation, 'id' | 'workspace'>>
  guidance?: StoredMessage['guidance']
  /** Grows with every event. */
  draft: Draft
  chain: Chain
  /** The row it is an answer for. */
  row?: MessageId
  /** It goes out now. */
  begins?(request: RequestBegun): void
  onEvent(event: StreamEvent): void
  /** The stream has ended, and nothing is priced yet. */
  counted?(message: AssistantMessage): void | Promise<void>
  /** What whoever waits for it is told, before anything is written. */
  ended?(ended: Ended): void
}

/** Why it did not go out, its end, or undefined where it was stopped before it went out. */
export async function exchange(
  {
    asking: asked,
    connected: opened,
    request,
    model,
    info,
    place,
    guidance,
    draft,
    chain,
    row: answer,
    ...told
  }: Exchange,
  parts: ExchangeParts,
  signal: AbortSignal,
): Promise<Failure | Ended | undefined> {
  const { store, resilience, log, watch } = parts
  const id = answer === undefined ? randomUUID() : requestIdOf(answer, randomUUID())
  const entered = await resilience.admit({ ...asked.asking, request: id }, asked.label, chain, signal)
  if (!entered || !isTicket(entered)) return entered
  const outcome: Outcome = { unsent: true }
  try {
    // It may have waited for long: what was removed, replaced or forbidden meanwhile is not used any more.
    const connected = (await opened.anew?.()) ?? opened
    if (signal.aborted) return undefined
    if ('code' in connected) return connected
    delete outcome.unsent
    // What is held for it is held for this key.
    const { keyProfile, paidBy } = opened
    const payer = { ...(keyProfile !== undefined && { keyProfile }), ...(paidBy && { paidBy }) }
    const made = { ...payer, ...(guidance && { guidance }) }
    const recorded = (row: Pick<StoredMessage, 'timing' | 'cost'>, message: AssistantMessage): RequestRecord => {
      return { ...requestRecord(place, { ...row, ...made }, message, model), ...numbered(chain), id }
    }
    const begun = { record: recorded({}, settle(draft)), inputTokens: asked.asking.inputTokens }
    told.begins?.({ ...begun, ...(info?.price && { price: info.price }) })
    const timeouts = resilience.timeouts(chain)
    const taken = connected.accepted?.()
    const accepted = (): boolean => connected.accepted?.() !== taken
    const turn = { provider: connected.provider, request, draft, timeouts, accepted, onEvent: told.onEvent }
    const { message, timing } = await runTurn(turn, signal)
    await told.counted?.(message)
    const cost = hasUsage(message) ? costOf(message.usage, info?.price) : undefined
    const ended = { message, timing, ...(cost !== undefined && { cost }) }
    Object.assign(outcome, outcomeOf(message, cost, connected.headers?.()))
    const record = recorded({ timing, ...(cost !== undefined && { cost }) }, message)
    watch?.request({ record, request, message, address: connected.origin })
    told.ended?.(ended)
    persist('a request record', () => store().requests.insert(record), log)
    parts.outcome?.(connected.info.id, keyProfile, cameOf(message, accepted()))
    return ended
  } finally {
    entered.settle(outcome)
  }
}

function cameOf({ stop }: AssistantMessage, accepted: boolean): Came {
  if (stop.kind === 'failed') return stop.failure
  return stop.kind === 'aborted' && !accepted ? 'nothing' : 'answered'
}

/** Which attempt it is, and who failed before. */
const numbered = ({ attempt, from }: Chain): Pick<RequestRecord, 'attempt' | 'failoverFrom'> => ({
  attempt,
  ...(from !== undefined && { failoverFrom: from }),
})
