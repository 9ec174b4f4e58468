/** What goes out for an answer, and to whom; or why nothing does. */
import type { Asking, Target } from '../resilience/admission.ts'
import type { Chain, Failed } from '../resilience/chain.ts'
import type { Kept } from '../resilience/sticky.ts'
import type { ConversationId, Conversation, StoredMessage } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { Stop } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'
import type { Draft } from '../shared/reduce.ts'
import { settle } from '../shared/reduce.ts'
import type { Store } from '../store/store.ts'
import { estimateRequest } from '../usage/estimate.ts'
import { askingOf } from './attempt.ts'
import type { Connected } from './connections.ts'
import type { FitOutcome, Sent, TooLong } from './fitting/fitting.ts'

/** A request that can go out. */
export type Ready = {
  chosen: Chosen
  connected: Connected
  outgoing: Extract<FitOutcome, { request: unknown }>
}

/**
 * A failure, or the end. `sent`: what went out, where the failure brought nothing to keep. A `stop` is still to be told;
 * without one all has been told. `unsent`: nobody was asked.
 */
export type Attempted =
  { failed: Failed; sent?: Sent; unsent?: true } | { stop?: Stop; unsent?: true; resumes?: boolean }

export const failing = (failure: Failure): Attempted => ({ stop: { kind: 'failed', failure }, unsent: true })

/**
 * The rest of the request, once it is known who answers. `after`: the first one was refused as too long; undefined where no
 * shorter one can be made.
 */
export type RequestOf = (chosen: Chosen, connected: Connected, after?: TooLong) => Promise<FitOutcome | undefined>

export type ReadyParts = {
  store: () => Store
  choose(conversation: Conversation): Promise<Chosen | undefined>
  /** What is known of one that is asked instead; undefined where it cannot be. */
  chooseInstead?(conversation: Conversation, target: Target): Promise<Chosen | undefined>
  /** Who answers for now in place of the one that was chosen. */
  kept?(conversation: Conversation, chosen: Chosen, asks: () => Asking): Promise<Kept | undefined>
  /** Why `choose` found none, where that is known. */
  whyNone(conversation: Conversation): Promise<Failure | undefined>
  /** A provider, where nothing forbids to send something of this conversation to it. */
  connect(
    provider: string,
    keyProfile: string | undefined,
    conversation: ConversationId | undefined,
  ): Promise<Connected | Failure>
}

export type ReadyHooks = {
  tell(event: { type: 'message'; message: StoredMessage }): void
  chain: Pick<Chain, 'target' | 'turnTo'>
}

/** `again`: the conversation is to be read anew, because another model was chosen for it. */
export async function makeReady(
  parts: ReadyParts,
  conversation: Conversation,
  { draft, stored, apart }: { draft: Draft; stored: StoredMessage; apart?: boolean },
  request: RequestOf,
  hooks: ReadyHooks,
  signal: AbortSignal,
  after: TooLong | undefined,
): Promise<Ready | { again: true } | Attempted> {
  const { target } = hooks.chain
  const choosing = target ? parts.chooseInstead?.(conversation, target) : parts.choose(conversation)
  const chosen = await unlessAborted(Promise.resolve(choosing), signal)
  if (signal.aborted) return { stop: { kind: 'aborted' } }
  if (!chosen) return failing((await parts.whyNone(conversation)) ?? nothingChosen)
  const asks = (): Asking => withoutRequest(parts, conversation, stored, chosen).asking
  const kept = target || apart ? undefined : await parts.kept?.(conversation, chosen, asks)
  if (kept) {
    hooks.chain.turnTo(kept)
    return { again: true }
  }
  draft.origin = { provider: chosen.provider, dialect: '', model: chosen.model }
  stored.message = settle(draft)
  hooks.tell({ type: 'message', message: stored })
  const connected = await parts.connect(chosen.provider, chosen.keyProfile, conversation.id)
  // Without a key somebody else may be asked, where the person says so of a key that is refused.
  if ('code' in connected)
    return target || connected.code === 'auth'
      ? { failed: { ...withoutRequest(parts, conversation, stored, chosen), failure: connected }, unsent: true }
      : failing(connected)
  draft.origin = { ...draft.origin, dialect: connected.info.dialect }
  delete stored.keyProfile
  if (connected.keyProfile !== undefined) stored.keyProfile = connected.keyProfile
  // What failed before drew no credits, so nothing of it was paid with the key that is asked with now.
  if (stored.paidBy === 'credits' && connected.paidBy !== 'credits') delete stored.cost
  delete stored.paidBy
  if (connected.paidBy) stored.paidBy = connected.paidBy
  const outgoing = await request(chosen, connected, after)
  if (signal.aborted) return { stop: { kind: 'aborted' } }
  if (!outgoing) return failing(after?.failure ?? nothingChosen)
  if ('again' in outgoing) return outgoing
  if ('failure' in outgoing) return failing(outgoing.failure)
  if (outgoing.fitted) {
    stored.fitted = outgoing.fitted
    hooks.tell({ type: 'message', message: stored })
  }
  return { chosen, connected, outgoing }
}

/** What is asked for, where it could not be made into a request: by what it answers. */
function withoutRequest(
  { store }: ReadyParts,
  conversation: Conversation,
  stored: StoredMessage,
  chosen: Chosen,
): Pick<Failed, 'asking' | 'label'> {
  const before = stored.parent === null ? [] : store().messages.branch(conversation.id, stored.parent)
  const request = { model: chosen.model, messages: before.map(({ message }) => message) }
  return askingOf(conversation, stored, chosen, chosen.keyProfile, { request, tokens: estimateRequest(request) })
}

/** The result, or undefined as soon as the signal is aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    work.then(resolve, reject)
  })
}

const nothingChosen: Failure = {
  code: 'auth',
  message: 'No provider can answer yet. Set an API key, or choose a model of a provider that has one.',
}
