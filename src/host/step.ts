/** One answer: who gives it, its request, its stream, its row, its record. It always ends, and never throws. */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { journalWriter } from '../agent/journal.ts'
import type { Asked } from '../agent/owner.ts'
import { requestRecord } from '../agent/record.ts'
import { runTurn } from '../agent/turn.ts'
import type { Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage, Stop, StreamEvent } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'
import type { Draft } from '../shared/reduce.ts'
import { newDraft, reduce, settle } from '../shared/reduce.ts'
import type { Store } from '../store/store.ts'
import { costOf } from '../usage/cost.ts'
import type { AnswerShelf, Shelved } from './answer-shelf.ts'
import type { Connected } from './connections.ts'
import type { FitOutcome, TooLong } from './fitting/fitting.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import type { Settings } from './settings.ts'

export type StepParts = {
  store: () => Store
  log: Log
  settings: () => Settings
  choose(conversation: Conversation): Promise<Chosen | undefined>
  /** Why `choose` found none, where that is known. */
  whyNone(conversation: Conversation): Promise<Failure | undefined>
  connect(provider: string, keyProfile: string | undefined): Promise<Connected | Failure>
  /** Told what came of each request, so that a refused key shows as such. */
  outcome(provider: string, keyProfile: string | undefined, failure: Failure | undefined): void
}

/** What the panels are told of an answer, in order. */
export type StepEvent =
  | { type: 'message'; message: StoredMessage }
  | { type: 'stream'; id: MessageId; event: StreamEvent }
  | { type: 'settled'; message: StoredMessage }
  /** The shown branch is another one. */
  | { type: 'branch' }

export type Step = Shelved & { draft: Draft }

/**
 * The rest of the request, once it is known who answers. `after`: the first one was refused as too long; undefined where no
 * shorter one can be made.
 */
export type RequestOf = (chosen: Chosen, connected: Connected, after?: TooLong) => Promise<FitOutcome | undefined>

/** A request that can go out. `attempt`: 1 for the first. */
type Ready = {
  chosen: Chosen
  connected: Connected
  outgoing: Extract<FitOutcome, { request: unknown }>
  attempt: number
}

export type StepHooks = {
  tell(event: StepEvent): void
  /** Called with the whole answer before anybody is told that it is settled. */
  onEnd(message: AssistantMessage): void
}

export class Steps {
  readonly #parts: StepParts
  readonly #shelf: AnswerShelf

  constructor(parts: StepParts, shelf: AnswerShelf) {
    this.#parts = parts
    this.#shelf = shelf
  }

  /** An answer that has said nothing yet. `goesOn`: from the answer before it. */
  prepare(conversation: Conversation, parent: MessageId | null, goesOn = false): Step {
    const draft = newDraft({ provider: '', dialect: '', model: '' })
    if (goesOn) draft.goesOn = 'asked'
    const stored: StoredMessage = {
      id: randomUUID(),
      conversation: conversation.id,
      parent,
      createdAt: Date.now(),
      state: 'streaming',
      message: settle(draft),
    }
    return { begun: false, stored, draft }
  }

  /** Its row and the new end of the branch stand when this returns. */
  begin(step: Step, tell: StepHooks['tell']): void {
    const moved = this.#shelf.begin(step)
    tell(moved ? { type: 'branch' } : { type: 'message', message: step.stored })
  }

  async run(
    conversation: Conversation,
    step: Step,
    request: RequestOf,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<Asked> {
    try {
      const stop = await this.#answer(conversation, step, request, hooks, signal)
      if (stop) this.#fail(step, stop, hooks)
    } catch (error) {
      this.#parts.log.error(`answer ended unexpectedly: ${describe(error)}`)
      this.#fail(step, { kind: 'failed', failure: internalFailure(error) }, hooks)
    }
    const { message, cost } = step.stored
    return { message: message as AssistantMessage, ...(cost !== undefined && { cost }) }
  }

  /** Why there was no stream, where there was none. What is refused as too long is made shorter and sent once more. */
  async #answer(
    conversation: Conversation,
    step: Step,
    request: RequestOf,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<Stop | undefined> {
    let after: TooLong | undefined
    for (let current = conversation; ;) {
      const ready = await this.#ready(current, step, request, hooks, signal, after)
      if ('kind' in ready) return ready
      if ('again' in ready) {
        current = this.#parts.store().conversations.get(conversation.id) ?? current
        continue
      }
      after = await this.#stream(conversation, step, ready, hooks, signal)
      if (!after) return undefined
    }
  }

  /** What goes out and to whom; or why nothing does. */
  async #ready(
    conversation: Conversation,
    step: Step,
    request: RequestOf,
    hooks: StepHooks,
    signal: AbortSignal,
    after: TooLong | undefined,
  ): Promise<Ready | { again: true } | Stop> {
    const { draft, stored } = step
    const chosen = await unlessAborted(this.#parts.choose(conversation), signal)
    if (signal.aborted) return { kind: 'aborted' }
    if (!chosen) return { kind: 'failed', failure: (await this.#parts.whyNone(conversation)) ?? nothingChosen }
    draft.origin = { provider: chosen.provider, dialect: '', model: chosen.model }
    stored.message = settle(draft)
    hooks.tell({ type: 'message', message: stored })
    const connected = await this.#parts.connect(chosen.provider, chosen.keyProfile)
    if ('code' in connected) return { kind: 'failed', failure: connected }
    draft.origin = { ...draft.origin, dialect: connected.info.dialect }
    if (connected.keyProfile !== undefined) stored.keyProfile = connected.keyProfile
    const outgoing = await request(chosen, connected, after)
    if (signal.aborted) return { kind: 'aborted' }
    if (!outgoing) return { kind: 'failed', failure: after?.failure ?? nothingChosen }
    if ('again' in outgoing) return outgoing
    if ('failure' in outgoing) return { kind: 'failed', failure: outgoing.failure }
    if (outgoing.fitted) {
      stored.fitted = outgoing.fitted
      hooks.tell({ type: 'message', message: stored })
    }
    return { chosen, connected, outgoing, attempt: after ? 2 : 1 }
  }

  /** One request and its stream, to the end of the answer; but not of one that is to be made shorter. */
  async #stream(
    conversation: Conversation,
    step: Step,
    { chosen, connected, outgoing, attempt }: Ready,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<TooLong | undefined> {
    const { draft, stored } = step
    this.#parts.log.info(`${chosen.provider}/${chosen.model}: asks ${connected.host ?? connected.info.label}`)
    const journal = journalWriter(
      (events) => this.#parts.store().journal.append(stored.id, events),
      (error) => this.#parts.log.error(`journal: ${describe(error)}`),
    )
    let refused: Failure | undefined
    const { message, timing } = await runTurn(
      {
        provider: connected.provider,
        request: outgoing.request,
        draft,
        timeouts: this.#parts.settings().timeouts,
        onEvent: (event) => {
          refused = attempt === 1 && draft.content.length === 0 ? tooLongIn(event) : undefined
          if (refused) return
          journal.push(event)
          hooks.tell({ type: 'stream', id: stored.id, event })
        },
      },
      signal,
    )
    // What has streamed goes to the page before the store is written.
    await nextTurn()
    journal.flush()
    stored.timing = timing
    const cost = costOf(message.usage, chosen.info?.price)
    if (cost !== undefined && hasUsage(message)) stored.cost = cost
    const record = { ...requestRecord(conversation, stored, message, chosen.model), attempt }
    if (refused) {
      step.draft = newDraft(draft.origin)
      if (draft.goesOn) step.draft.goesOn = 'asked'
      this.#report(message, stored)
    } else this.#finish(step, message, hooks)
    this.#shelf.attempt('a request record', () => this.#parts.store().requests.insert(record))
    return refused && { failure: refused, sent: outgoing.sent }
  }

  /** Ends an answer that no stream ended, so that the pages hear of its end as of any other. */
  #fail(step: Step, stop: Stop, hooks: StepHooks): void {
    const event: StreamEvent = { type: 'end', stop }
    reduce(step.draft, event)
    hooks.tell({ type: 'stream', id: step.stored.id, event })
    this.#finish(step, settle(step.draft), hooks)
  }

  #finish(step: Step, message: AssistantMessage, hooks: StepHooks): void {
    const { stored } = step
    stored.message = message
    stored.state = isWhole(message) ? 'done' : 'interrupted'
    hooks.onEnd(message)
    this.#shelf.save(step)
    this.#report(message, stored)
    hooks.tell({ type: 'settled', message: stored })
  }

  #report({ origin, stop, usage }: AssistantMessage, { timing, cost, keyProfile }: StoredMessage): void {
    const failure = stop.kind === 'failed' ? stop.failure : undefined
    this.#parts.outcome(origin.provider, keyProfile, failure)
    const how = failure ? `${failure.code}${failure.status ? ` ${failure.status}` : ''}` : stop.kind
    const facts = [
      `${origin.provider}/${origin.model}: ${how}`,
      `in ${usage.input + usage.cacheRead + usage.cacheWrite}, out ${usage.output} tokens`,
      timing && `first token ${timing.firstTokenMs ?? '-'} ms, total ${timing.durationMs ?? '-'} ms`,
      cost !== undefined && `$${cost.toFixed(6)}`,
      failure?.requestId && `request ${failure.requestId}`,
    ]
    this.#parts.log.info(facts.filter(Boolean).join(', '))
  }
}

/** The failure, where an answer ends because its request was too long. */
function tooLongIn(event: StreamEvent): Failure | undefined {
  if (event.type !== 'end' || event.stop.kind !== 'failed') return undefined
  return event.stop.failure.code === 'context-length' ? event.stop.failure : undefined
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

/** Whole answers are those the model ended itself, also by its own limit or refusal. */
function isWhole({ stop }: AssistantMessage): boolean {
  return stop.kind !== 'failed' && stop.kind !== 'aborted'
}

function hasUsage({ usage }: AssistantMessage): boolean {
  return usage.cost !== undefined || usage.input + usage.output + usage.cacheRead + usage.cacheWrite > 0
}

function internalFailure(error: unknown): Failure {
  return {
    code: 'unknown',
    message: 'Panelist met an error of its own. Try again; the log has more.',
    detail: describe(error),
  }
}
