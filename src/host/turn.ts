/**
 * One turn of a conversation, as the loop's owner: its answers and results are stored, shown to every panel, and asked
 * about. Nothing here throws.
 */
import { randomUUID } from 'node:crypto'
import type { Asked, TurnOwner } from '../agent/owner.ts'
import type { Totals } from '../agent/totals.ts'
import type { Chain } from '../resilience/chain.ts'
import type { Aside } from '../resilience/deadline.ts'
import { noAlternatives } from '../resilience/plan.ts'
import type { Waiting } from '../resilience/waiter.ts'
import type { Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { AssistantMessage, Message, Part, ToolMessage, UserMessage } from '../shared/message.ts'
import type { QueuedMessage, TurnView, WaitingView } from '../shared/protocol.ts'
import { settle } from '../shared/reduce.ts'
import type { ApprovalDecision, ApprovalRequest, CallEvent, CallState, LoopEnd } from '../shared/tool-state.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import type { AnswerShelf, Shelved } from './answer-shelf.ts'
import { load, saveResults } from './attachments.ts'
import { callLine } from './call-line.ts'
import type { Log } from './log.ts'
import { waitingView } from './resilience/waiting-view.ts'
import type { Step, StepEvent, StepParts, Steps } from './step.ts'
import type { TurnWatch } from './telemetry/watch.ts'
import { TurnCalls } from './turn-calls.ts'
import { TurnRequests } from './turn-requests.ts'
import type { TurnRequestsParts } from './turn-requests.ts'

export type TurnEvent =
  | StepEvent
  /** Something happened to a call of this answer. */
  | { type: 'call'; id: MessageId; event: CallEvent }
  /** What waits to be sent is something else now. */
  | { type: 'queue' }
  /** What this answer waits for is something else now. */
  | { type: 'waiting'; id: MessageId; waiting?: WaitingView }
  /** `message`: its answer so far. `end` where the turn is over. */
  | { type: 'turn'; message: MessageId; totals: Totals; end?: LoopEnd }

export type TurnParts = TurnRequestsParts & {
  shelf: AnswerShelf
  steps: Steps
  resilience: StepParts['resilience']
  log: Log
  tell(event: TurnEvent): void
  /** What waits already. */
  queued: QueuedMessage[]
  /** It answers beside others, and no branch moves. */
  apart?: boolean
}

export class Turn implements TurnOwner {
  readonly controller = new AbortController()
  finished: Promise<void> = Promise.resolve()
  readonly #parts: TurnParts
  readonly #requests: TurnRequests
  #step: Step
  #tools: Toolbox | undefined
  #watch: TurnWatch | undefined
  /** The end of the branch, under which the turn goes on. */
  #leaf: MessageId
  readonly #head: MessageId
  #first = true
  #busy = true
  #results: Shelved | undefined
  readonly #calls = new TurnCalls()
  #queued: QueuedMessage[]
  #totals: Totals | undefined
  #end: LoopEnd | undefined
  /** The attempts at the answer that is being written, with those at the partial ones that it goes on from. */
  #chain: Chain
  /** The last answer broke off, and the next one goes on from it. */
  #resumes = false

  constructor(parts: TurnParts) {
    this.#parts = parts
    this.#requests = new TurnRequests(parts)
    this.#queued = parts.queued
    const step = parts.steps.prepare(parts.conversation, parts.parent, goesOnFrom(parts))
    this.#step = parts.apart ? { ...step, apart: true } : step
    this.#head = step.stored.id
    this.#leaf = this.#step.stored.id
    this.#chain = this.#newChain()
  }

  /** Its first answer. */
  get head(): MessageId {
    return this.#head
  }

  /** The row of its first answer, and the new end of the branch, stand when this returns. */
  begin(): MessageId {
    this.#parts.steps.begin(this.#step, (event) => this.#parts.tell(event))
    return this.#step.stored.id
  }

  /** What the models of this turn are told of tools, once that is known. */
  use(tools: Toolbox, watch?: TurnWatch): void {
    this.#tools = tools
    this.#watch = watch
  }

  /** The answer that is being written, or whose calls are being run; undefined once nothing more will come. */
  get current(): StoredMessage | undefined {
    return this.#busy ? asItIs(this.#step) : undefined
  }

  newest(id: MessageId): StoredMessage | undefined {
    if (this.#step.stored.id === id) return asItIs(this.#step)
    return this.#results?.stored.id === id ? this.#results.stored : undefined
  }

  /** The calls of the last answer, as they stand, and what the turn used. */
  get view(): TurnView {
    return {
      message: this.#step.stored.id,
      calls: this.#calls.views,
      ...(this.#totals && { totals: this.#totals }),
      ...(this.#chain.waiter.current && { waiting: this.#waiting(this.#chain.waiter.current) }),
      ...(this.#end && { end: this.#end }),
    }
  }

  /** What its answer waits for is tried at once. */
  retryNow(): void {
    this.#chain.waiter.now()
  }

  get queued(): QueuedMessage[] {
    return this.#queued
  }

  queue(content: Part[]): void {
    this.#queued = [...this.#queued, { id: randomUUID(), content }]
    this.#parts.tell({ type: 'queue' })
  }

  /** What was queued goes back to the person. */
  unqueue(id: string): QueuedMessage | undefined {
    const taken = this.#queued.find((message) => message.id === id)
    this.#queued = this.#queued.filter((message) => message.id !== id)
    if (taken) this.#parts.tell({ type: 'queue' })
    return taken
  }

  /** False where nobody is asked about this call any more. */
  decide(callId: string, decision: ApprovalDecision): boolean {
    return this.#calls.decide(callId, decision)
  }

  async ask(turn: readonly Message[], signal: AbortSignal, during: Aside): Promise<Asked> {
    const { conversation, steps, tell } = this.#parts
    if (!this.#first) {
      const goesOn = this.#resumes && this.#results === undefined
      this.#step = { ...steps.prepare(conversation, this.#leaf, goesOn), follows: true }
      steps.begin(this.#step, tell)
    }
    if (!this.#resumes) this.#chain = this.#newChain()
    this.#first = false
    this.#resumes = false
    this.#busy = true
    this.#calls.clear()
    this.#results = undefined
    this.#leaf = this.#step.stored.id
    const onEnd = (message: AssistantMessage, resumes: boolean): void =>
      void (this.#busy = resumes || goesOn(message) || this.#queued.length > 0)
    const { stored } = this.#step
    const chain = this.#chain
    chain.around = during
    const { resumes, ...asked } = await steps.run(
      this.#requests.conversation,
      this.#step,
      (chosen, connected, after) => {
        const request = { chosen, connected, toolbox: this.#tools, after, aside: chain.aside }
        return this.#requests.make(turn, request, (guidance) => (stored.guidance = guidance), signal)
      },
      { tell, onEnd, chain, watch: this.#watch },
      signal,
    )
    this.#resumes = resumes
    this.#requests.wrote(stored)
    return asked
  }

  resumes(): boolean {
    return this.#resumes
  }

  #newChain(): Chain {
    const { resilience, tell, apart } = this.#parts
    const told = (waiting?: Waiting): void =>
      tell({ type: 'waiting', id: this.#step.stored.id, ...(waiting && { waiting: this.#waiting(waiting) }) })
    // Who is compared answers for itself.
    return resilience.chain(told, apart ? noAlternatives : undefined)
  }

  #waiting(waiting: Waiting): WaitingView {
    return waitingView(this.#step.stored.id, waiting)
  }

  results(message: ToolMessage): void {
    const { shelf, store, tell, conversation } = this.#parts
    let kept = message
    // Where they cannot be kept apart they stay in the message.
    shelf.attempt('files of a result', () => (kept = saveResults(message, store().blobs)))
    if (this.#results) {
      this.#results.stored = { ...this.#results.stored, message: kept }
      shelf.save(this.#results)
    } else {
      this.#results = { begun: false, stored: this.#row(conversation, kept), follows: true }
      shelf.begin(this.#results)
      this.#leaf = this.#results.stored.id
      this.#requests.wrote({ id: this.#leaf })
    }
    tell({ type: 'message', message: this.#results.stored })
    this.#watch?.results(message)
  }

  approve(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalDecision> {
    return this.#calls.ask(request.callId, signal)
  }

  takeQueued(): UserMessage[] {
    const { shelf, store, tell, conversation } = this.#parts
    const taken = this.#queued
    this.#queued = []
    if (taken.length > 0) tell({ type: 'queue' })
    return taken.map(({ content }) => {
      const stored = this.#row(conversation, { role: 'user', content })
      shelf.begin({ begun: false, stored, follows: true })
      this.#leaf = stored.id
      this.#requests.wrote({ id: stored.id })
      tell({ type: 'message', message: stored })
      return load({ role: 'user', content }, store().blobs)
    })
  }

  onCall(event: CallEvent): void {
    if (this.#calls.hear(event) && event.type === 'state') this.#report(event.callId, event.state)
    this.#parts.tell({ type: 'call', id: this.#step.stored.id, event })
  }

  #report(callId: string, state: CallState): void {
    if (state.kind === 'waiting') return
    const { content } = this.#step.draft
    const call = content.find((block) => block.type === 'tool-call' && block.id === callId)
    if (call?.type === 'tool-call') this.#watch?.call(call, this.#tools?.get(call.name), state)
    const line = callLine(call?.type === 'tool-call' ? call.name : '', this.#tools, state)
    if (state.kind === 'failed') this.#parts.log.warn(line)
    else this.#parts.log.info(line)
  }

  onStep(totals: Totals): void {
    this.#totals = totals
    this.#parts.tell({ type: 'turn', message: this.#step.stored.id, totals })
  }

  end(end: LoopEnd, totals: Totals): void {
    this.#busy = false
    this.#totals = totals
    this.#end = end
    this.#watch?.end(end, totals)
    this.#parts.tell({ type: 'turn', message: this.#step.stored.id, totals, end })
  }

  #row(conversation: Conversation, message: Message): StoredMessage {
    const id = randomUUID()
    return { id, conversation: conversation.id, parent: this.#leaf, createdAt: Date.now(), state: 'done', message }
  }
}

/** True below an answer that was cut off. One that its provider paused goes on by itself. */
function goesOnFrom({ parent, store }: TurnParts): boolean {
  const before = parent === null ? undefined : store().messages.get(parent)?.message
  return before?.role === 'assistant' && before.stop.kind !== 'paused'
}

/** True where the turn is not over with this answer. */
function goesOn({ content, stop }: AssistantMessage): boolean {
  if (stop.kind === 'paused') return true
  return content.some((block) => block.type === 'tool-call' && block.ranBy === 'host')
}

/** Its content as it has streamed so far. */
function asItIs({ stored, draft }: Step): StoredMessage {
  return { ...stored, message: settle(draft) }
}
