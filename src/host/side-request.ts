/** A request that is no answer of a conversation: it is tried, measured, priced and recorded like one. */
import type { ChatRequest } from '../llm/types.ts'
import type { Target } from '../resilience/admission.ts'
import type { Chain, Failed } from '../resilience/chain.ts'
import { noAlternatives } from '../resilience/plan.ts'
import type { Waiting } from '../resilience/waiter.ts'
import type { Guidance } from '../shared/agent.ts'
import type { Conversation } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage } from '../shared/message.ts'
import type { ModelInfo, ProviderId } from '../shared/model.ts'
import type { Draft } from '../shared/reduce.ts'
import { newDraft, settle } from '../shared/reduce.ts'
import { estimateRequest } from '../usage/estimate.ts'
import { askingOf, hasUsage } from './attempt.ts'
import type { Connected } from './connections.ts'
import type { ExchangeParts } from './exchange.ts'
import { exchange } from './exchange.ts'
import type { Resilience } from './resilience/resilience.ts'
import type { SideRequests } from './side-requests.ts'
import type { Watch } from './telemetry/watch.ts'

export type SideParts = Pick<ExchangeParts, 'store' | 'log' | 'outcome'> & {
  resilience: Pick<Resilience, 'admit' | 'timeouts' | 'chain'>
  /** Told of each request. */
  watch?: Pick<Watch, 'request'>
  /** Those of the window that are under way: they end with it. */
  underWay?: SideRequests
}

/** Who is asked, for which conversation, in whose name and from which folder (URI), where there is one. */
export type SideTarget = {
  provider: ProviderId
  model: string
  info?: ModelInfo
  connected: Connected
  place: Partial<Pick<Conversation, 'id' | 'workspace'>>
  /** The agent whose budget pays too. */
  agent?: Guidance['agent']
}

/** The same, asked of somebody else. */
export type StandIn = { target: SideTarget; request: ChatRequest }

/**
 * Who may be asked instead after a failure. `nobody`: what is measured or told is this model with this key. `key`: another of
 * the keys that the person marked for that, and the model stays. `model`: whoever would stand in for an answer; `remake` makes
 * the request for that one, undefined where it cannot be asked after all.
 */
export type Instead =
  | { instead: 'nobody' }
  | { instead: 'key'; connect(provider: ProviderId, keyProfile: string | undefined): Promise<Connected | Failure> }
  | { instead: 'model'; remake(target: Target): Promise<StandIn | Failure> }

/** What the asker has to do with an answer while it comes, with its usage before it is priced, and while it is waited for. */
export type SideReader = {
  grew?(draft: Draft): void
  counted?(message: AssistantMessage): void
  /** What is waited for before it is asked for (again); undefined for no longer. `now` has that over at once. */
  waits?(waiting: Waiting | undefined, now: () => void): void
}

/** `cost`: USD of all attempts, absent where it is unknown. A failure is the message's `stop`. `target`: who was asked last. */
export type SideAnswer = { message: AssistantMessage; cost?: number; target: SideTarget }

/** Nobody has seen anything of an attempt that failed, so it is repeated whole. */
export function askApart(
  request: ChatRequest,
  target: SideTarget,
  instead: Instead,
  parts: SideParts,
  signal: AbortSignal,
  reader: SideReader = {},
): Promise<SideAnswer> {
  const ask = (inner: AbortSignal): Promise<SideAnswer> => attempts(request, target, instead, parts, inner, reader)
  return parts.underWay ? parts.underWay.run(ask, signal) : ask(signal)
}

async function attempts(
  request: ChatRequest,
  target: SideTarget,
  instead: Instead,
  parts: SideParts,
  signal: AbortSignal,
  reader: SideReader,
): Promise<SideAnswer> {
  const now = (): void => void chain.waiter.now()
  const told = (waiting: Waiting | undefined): void => reader.waits?.(waiting, now)
  const chain: Chain = parts.resilience.chain(told, instead.instead === 'nobody' ? noAlternatives : undefined)
  let asked: StandIn = { request, target }
  let spent = 0
  let isKnown = true
  for (;;) {
    const attempted = await attempt(asked, instead, parts, chain, signal, reader)
    let { message, failed } = attempted
    const { cost } = attempted
    spent += cost ?? 0
    isKnown &&= cost !== undefined || !hasUsage(message)
    let again = failed && !signal.aborted && (await chain.fails(failed, signal))
    while (again && chain.target && !isAsked(chain.target, asked.target)) {
      const found = await standIn(chain.target, asked, instead)
      if (!('code' in found)) {
        asked = found
        break
      }
      // Who was to stand in cannot be asked: that is a failure of theirs, and the next one is looked for.
      failed = { ...failed!, asking: { ...failed!.asking, target: chain.target }, failure: found }
      message = { ...message, stop: { kind: 'failed', failure: found } }
      again = await chain.fails(failed, signal)
    }
    if (again) await chain.pause(signal)
    if (again && !signal.aborted) continue
    const { stop } = message
    // Who stops it while it waits has stopped it, whatever it waited after.
    if (signal.aborted && stop.kind === 'failed') message = { ...message, stop: { kind: 'aborted' } }
    return { message, target: asked.target, ...(isKnown && (cost !== undefined || spent > 0) && { cost: spent }) }
  }
}

/** A model that stands in has whatever key it is asked with: only where a key stands in, its name counts. */
const isAsked = ({ provider, model, keyProfile }: Target, { connected, ...target }: SideTarget): boolean =>
  provider === target.provider &&
  model === target.model &&
  (keyProfile === undefined || keyProfile === connected.keyProfile)

async function standIn(to: Target, { target, request }: StandIn, instead: Instead): Promise<StandIn | Failure> {
  if (instead.instead === 'model') return instead.remake(to)
  if (instead.instead === 'nobody') return { code: 'unknown', message: 'Nobody else may be asked.' }
  const connected = await instead.connect(to.provider, to.keyProfile)
  return 'code' in connected ? connected : { request, target: { ...target, connected } }
}

async function attempt(
  { request, target: { provider, model, info, connected, place, agent } }: StandIn,
  { instead }: Instead,
  parts: SideParts,
  chain: Chain,
  signal: AbortSignal,
  { grew, counted }: SideReader,
): Promise<Omit<SideAnswer, 'target'> & { failed?: Failed }> {
  const { info: kind, keyProfile } = connected
  const draft = newDraft({ provider, dialect: kind.dialect, model })
  const chosen = { provider, model, providerLabel: kind.label, ...(info && { info }) }
  const sent = { request, tokens: estimateRequest(request), guessed: true as const }
  const guided = agent ? { guidance: { agent } } : {}
  const { asking, label } = askingOf(place, guided, chosen, keyProfile, sent)
  const asked = { asking: { ...asking, ...(instead !== 'model' && { sameModel: true as const }) }, label }
  const onEvent = (): void => grew?.(draft)
  const ended = await exchange(
    {
      asking: asked,
      connected,
      request,
      model,
      info,
      place,
      ...guided,
      draft,
      chain,
      onEvent,
      ...(counted && { counted }),
    },
    parts,
    signal,
  )
  if (!ended) return { message: { ...settle(draft), stop: { kind: 'aborted' } } }
  const message: AssistantMessage =
    'code' in ended ? { ...settle(draft), stop: { kind: 'failed', failure: ended } } : ended.message
  const { stop } = message
  return {
    message,
    ...('cost' in ended && { cost: ended.cost }),
    ...(stop.kind === 'failed' && { failed: { ...asked, failure: stop.failure } }),
  }
}
