/** One answer: who gives it, its request, its stream, its row, its record. It always ends, and never throws. */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { journalWriter } from '../agent/journal.ts'
import type { Asked } from '../agent/owner.ts'
import type { Chain } from '../resilience/chain.ts'
import type { Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage, Stop, StreamEvent } from '../shared/message.ts'
import type { Draft } from '../shared/reduce.ts'
import { newDraft, reduce, settle } from '../shared/reduce.ts'
import type { JournalEvent } from '../store/fold.ts'
import type { Store } from '../store/store.ts'
import type { AnswerShelf, Shelved } from './answer-shelf.ts'
import { askingOf, failedBefore, failureIn, hasUsage, isKept, isWhole } from './attempt.ts'
import { exchange } from './exchange.ts'
import type { Came } from './exchange.ts'
import type { TooLong } from './fitting/fitting.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import { makeReady } from './ready.ts'
import type { Attempted, Ready, ReadyParts, RequestOf } from './ready.ts'
import type { Resilience } from './resilience/resilience.ts'
import type { TurnWatch } from './telemetry/watch.ts'

export type StepParts = ReadyParts & {
  store: () => Store
  log: Log
  resilience: Pick<Resilience, 'admit' | 'timeouts' | 'chain'>
  /** Told what came of each request, and of an answer for which nobody could be asked. */
  outcome(provider: string, keyProfile: string | undefined, came: Came): void
}

/** What the panels are told of an answer, in order. */
export type StepEvent =
  | { type: 'message'; message: StoredMessage }
  | { type: 'stream'; id: MessageId; event: StreamEvent }
  /** `resumes`: the turn goes on from it by itself, although it broke off. */
  | { type: 'settled'; message: StoredMessage; resumes?: true }
  /** The shown branch is another one. */
  | { type: 'branch' }

/** `unpriced`: nobody knows what one of its attempts cost, so nobody knows what it did. */
export type Step = Shelved & { draft: Draft; unpriced?: true }

export type StepHooks = {
  tell(event: StepEvent): void
  /** Called with the whole answer before anybody is told that it is settled. */
  onEnd(message: AssistantMessage, resumes: boolean): void
  /** Its attempts. */
  chain: Chain
  watch?: Pick<TurnWatch, 'request'> | undefined
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

  /** `resumes`: it broke off, what had come of it is kept, and its chain has another attempt for the rest. */
  async run(
    conversation: Conversation,
    step: Step,
    request: RequestOf,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<Asked & { resumes: boolean }> {
    let attempted: Attempted = {}
    try {
      hooks.chain.mark()
      attempted = await this.#answer(conversation, step, request, hooks, signal)
    } catch (error) {
      this.#parts.log.error(`answer ended unexpectedly: ${describe(error)}`)
      attempted = { stop: { kind: 'failed', failure: internalFailure(error) } }
    }
    if ('stop' in attempted && attempted.stop) {
      this.#fail(step, attempted.stop, hooks)
      if (attempted.unsent) this.#tellUnsent(step.stored)
    }
    const { message, cost, paidBy } = step.stored
    const resumes = 'resumes' in attempted && attempted.resumes === true
    return {
      message: message as AssistantMessage,
      resumes,
      ...(cost !== undefined && { cost }),
      ...(paidBy && { keyed: true }),
    }
  }

  /** Attempts until one of them brings something, or nothing is tried any more. */
  async #answer(
    conversation: Conversation,
    step: Step,
    request: RequestOf,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<Attempted> {
    const { chain } = hooks
    for (;;) {
      await chain.pause(signal)
      if (signal.aborted) return { stop: aborted }
      const attempted = await this.#attempt(conversation, step, request, hooks, signal)
      if (!('failed' in attempted)) return attempted
      const again = await chain.fails(attempted.failed, signal)
      if (isKept(step.draft.content)) {
        this.#finish(step, settle(step.draft), hooks, again)
        return { resumes: again }
      }
      if (!again) {
        const stop = signal.aborted ? aborted : ({ kind: 'failed', failure: attempted.failed.failure } as const)
        return { stop, ...(attempted.unsent && { unsent: true as const }) }
      }
      this.#renew(step, hooks)
    }
  }

  /** What an attempt left behind is not shown while the next one is waited for. */
  #renew(step: Step, hooks: StepHooks): void {
    const { goesOn, origin, content } = step.draft
    step.draft = newDraft(origin)
    if (goesOn) step.draft.goesOn = 'asked'
    if (content.length === 0) return
    step.stored.message = settle(step.draft)
    hooks.tell({ type: 'message', message: step.stored })
  }

  /** What is refused as too long is made shorter and sent once more. */
  async #attempt(
    conversation: Conversation,
    step: Step,
    request: RequestOf,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<Attempted> {
    let after: TooLong | undefined
    for (let current = conversation; ;) {
      const ready = await makeReady(this.#parts, current, step, request, hooks, signal, after)
      if ('again' in ready) {
        current = this.#parts.store().conversations.get(conversation.id) ?? current
        continue
      }
      if (!('outgoing' in ready)) return ready
      const attempted = await this.#stream(conversation, step, ready, hooks, signal)
      const isTooLong = 'failed' in attempted && attempted.failed.failure.code === 'context-length' && attempted.sent
      if (!isTooLong || after) return attempted
      after = { failure: attempted.failed.failure, sent: isTooLong }
      hooks.chain.attempt++
      this.#renew(step, hooks)
    }
  }

  /** One request and its stream, to its end. The end of one that brought nothing to keep nobody is told of here. */
  async #stream(
    conversation: Conversation,
    step: Step,
    { chosen, connected, outgoing }: Ready,
    hooks: StepHooks,
    signal: AbortSignal,
  ): Promise<Attempted> {
    const { draft, stored } = step
    const { chain } = hooks
    const asking = askingOf(conversation, stored, chosen, connected.keyProfile, {
      request: outgoing.request,
      tokens: outgoing.sent.tokens,
      guessed: outgoing.sent.correction.guessed,
    })
    const journal = journalWriter<JournalEvent>(
      (events) => this.#parts.store().journal.append(stored.id, events),
      (error) => this.#parts.log.error(`journal: ${describe(error)}`),
    )
    let empty: Failure | undefined
    const ended = await exchange(
      {
        asking,
        connected,
        request: outgoing.request,
        model: chosen.model,
        info: chosen.info,
        place: conversation,
        guidance: stored.guidance,
        draft,
        chain,
        row: stored.id,
        begins: (request) => {
          this.#parts.log.info(`${chosen.provider}/${chosen.model}: asks ${connected.host ?? connected.info.label}`)
          journal.record({ type: 'asked', request })
        },
        onEvent: (event) => {
          // Asked of its end alone: to look through what was written takes as long as that is.
          const failure = failureIn(event)
          empty = failure && !isKept(draft.content) ? failure : undefined
          if (empty) return
          journal.push(event)
          hooks.tell({ type: 'stream', id: stored.id, event })
        },
        counted: async ({ stop }) => {
          // What is stopped or breaks off may be the last that this window does: it is written at once.
          if (stop.kind === 'failed' || stop.kind === 'aborted') journal.flush()
          // What has streamed goes to the page before the rest is written: it is posted now, and on its way a turn later.
          await nextTurn()
          await pause(1)
        },
        ended: ({ message, timing, cost }) => {
          stored.timing = { ...timing, ...failedBefore(chain) }
          if (cost === undefined && stored.paidBy && hasUsage(message)) step.unpriced = true
          if (step.unpriced) delete stored.cost
          else if (cost !== undefined) stored.cost = (stored.cost ?? 0) + cost
          const { cost: _, ...row } = stored
          this.#log(message, { ...row, ...(cost !== undefined && { cost }) })
          if (message.stop.kind === 'failed') return
          this.#finish(step, message, hooks)
          if (this.#shelf.newest(stored.id)) journal.flush()
        },
      },
      { ...this.#parts, watch: hooks.watch },
      signal,
    )
    journal.drop()
    if (!ended) return { stop: aborted }
    if ('code' in ended) return { failed: { ...asking, failure: ended } }
    const { stop } = ended.message
    if (stop.kind !== 'failed') return {}
    return { failed: { ...asking, failure: stop.failure }, ...(empty && { sent: outgoing.sent }) }
  }

  /** Ends an answer that no stream ended, so that the pages hear of its end as of any other. */
  #fail(step: Step, stop: Stop, hooks: StepHooks): void {
    const event: StreamEvent = { type: 'end', stop }
    reduce(step.draft, event)
    step.draft.stop = stop
    hooks.tell({ type: 'stream', id: step.stored.id, event })
    this.#finish(step, settle(step.draft), hooks)
  }

  /** `resumes`: its turn goes on from it by itself, although it broke off. */
  #finish(step: Step, message: AssistantMessage, hooks: StepHooks, resumes = false): void {
    const { stored } = step
    stored.message = message
    stored.state = isWhole(message) ? 'done' : 'interrupted'
    hooks.onEnd(message, resumes)
    this.#shelf.save(step)
    hooks.tell({ type: 'settled', message: stored, ...(resumes && { resumes }) })
  }

  #tellUnsent(stored: StoredMessage): void {
    const message = stored.message as AssistantMessage
    const { origin, stop } = message
    this.#parts.outcome(origin.provider, stored.keyProfile, stop.kind === 'failed' ? stop.failure : 'nothing')
    this.#log(message, stored)
  }

  #log({ origin, stop, usage }: AssistantMessage, { timing, cost }: Pick<StoredMessage, 'timing' | 'cost'>): void {
    const failure = stop.kind === 'failed' ? stop.failure : undefined
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

const aborted: Stop = { kind: 'aborted' }

function internalFailure(error: unknown): Failure {
  return {
    code: 'unknown',
    message: 'Panelist met an error of its own. Try again; the log has more.',
    detail: describe(error),
  }
}
