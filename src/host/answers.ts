/**
 * The answers that are being written now. One a conversation; every panel that shows the conversation hears of it, and
 * the answer goes on when no panel does.
 */
import { runLoop } from '../agent/loop.ts'
import type { Loop } from '../agent/owner.ts'
import type { ConversationId, Conversation, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Part } from '../shared/message.ts'
import type { QueuedMessage, TurnView } from '../shared/protocol.ts'
import type { ApprovalDecision } from '../shared/tool-state.ts'
import { Toolbox } from '../tools/toolbox.ts'
import { AnswerShelf } from './answer-shelf.ts'
import type { Memory } from './choice.ts'
import type { CustomisingOfTurn } from './customisation/turn.ts'
import { limitsWith } from '../agent/limits.ts'
import type { Fitting } from './fitting/fitting.ts'
import { InOrder } from './in-order.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import { Queued } from './queued.ts'
import type { Settings } from './settings.ts'
import type { StepParts } from './step.ts'
import { Steps } from './step.ts'
import type { Watch } from './telemetry/watch.ts'
import type { TurnEvent } from './turn.ts'
import { Turn } from './turn.ts'

export type AnswerEvent =
  | TurnEvent
  /** Its title or its choice of model is another one. */
  | { type: 'changed' }
  | { type: 'deleted' }

export type AnswerParts = StepParts & {
  settings: () => Settings
  /** Keeps what was typed for a turn over the end of the window. */
  memory?: Memory
  /** Told whether what was written could be stored. */
  stored(all: boolean): void
  /** What the models of this conversation may call now. */
  tools(conversation: Conversation): Promise<Toolbox>
  approvals: Loop['approvals']
  /** Agents and instructions. */
  customising?: CustomisingOfTurn
  /** Makes each request fit into the window of its model. */
  fitting: Pick<Fitting, 'fit'>
  /** Told of what turns do. */
  watch?: Pick<Watch, 'turn'>
  /** A turn is over. */
  ended?(conversation: ConversationId): void
  /** Told how each call goes; `log` is told of requests. */
  toolLog: Log
}

type Listener = (event: AnswerEvent) => void

/** What is read for the first of so many readers, and held until the last of them has had it. */
function readOnce<T>(read: () => T, readers: number): () => T {
  let held: { value: T } | undefined
  let left = readers
  return () => {
    const { value } = (held ??= { value: read() })
    if (--left <= 0) held = undefined
    return value
  }
}

/** A turn of one answer that calls nothing is told by that answer. */
function tellsSomething({ calls, totals, waiting, end }: TurnView): boolean {
  return waiting !== undefined || calls.length > 0 || (totals?.steps ?? 0) > 1 || end?.kind === 'limit'
}

export class Answers {
  readonly #parts: AnswerParts
  readonly #shelf: AnswerShelf
  readonly #steps: Steps
  readonly #turns = new Map<ConversationId, Turn>()
  /** The turns that answer one message side by side. */
  readonly #lanes = new Map<ConversationId, Turn[]>()
  /** What was typed for a turn and has not gone out: where that is over, it goes out with the next one. */
  readonly #left: Queued
  /** How the last turn of each conversation ended, for pages that come later. */
  readonly #ended = new Map<ConversationId, TurnView>()
  /** Chats whose person goes on although a limit of cost cannot be held to. */
  readonly #unpriced = new Set<ConversationId>()
  /** Messages, and what is chosen for them, on their way into conversations. */
  readonly sending = new InOrder()
  readonly #listeners = new Map<ConversationId, Set<Listener>>()

  constructor(parts: AnswerParts) {
    this.#parts = parts
    this.#left = new Queued(parts.memory)
    this.#shelf = new AnswerShelf({ ...parts, busy: () => this.count > 0 })
    this.#steps = new Steps(parts, this.#shelf)
  }

  /** The answer that is being written in this conversation, as far as it is, or whose tools are running. */
  running(conversation: ConversationId): StoredMessage | undefined {
    const lanes = this.#lanes.get(conversation) ?? []
    return this.#turns.get(conversation)?.current ?? lanes.find(({ current }) => current)?.current
  }

  /** The message as it is known here, where the store is behind. That it is pinned the store alone knows. */
  newest(message: StoredMessage): StoredMessage {
    const { id, pinned, conversation } = message
    const turn = this.#all(conversation).find((one) => one.newest(id))
    const newest = turn?.newest(id) ?? this.#shelf.newest(id) ?? message
    return pinned ? { ...newest, pinned } : newest
  }

  get count(): number {
    return this.#turns.size + [...this.#lanes.values()].flat().length
  }

  /** What the running turn's tools do, or how the last turn ended. */
  turn(conversation: ConversationId): TurnView | undefined {
    const view = this.#turns.get(conversation)?.view ?? this.#ended.get(conversation)
    return view && tellsSomething(view) ? view : undefined
  }

  queued(conversation: ConversationId): QueuedMessage[] {
    return this.#turns.get(conversation)?.queued ?? this.#left.of(conversation)
  }

  /** Hears of everything that happens in a conversation from now on. Returns how to stop hearing. */
  listen(conversation: ConversationId, listener: Listener): () => void {
    const listeners = this.#listeners.get(conversation) ?? new Set()
    this.#listeners.set(conversation, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(conversation)
    }
  }

  tell(conversation: ConversationId, event: AnswerEvent): void {
    if (event.type === 'deleted') this.#left.keep(conversation, [])
    for (const listener of this.#listeners.get(conversation) ?? []) listener(event)
  }

  /**
   * Starts an answer below `parent`. Its row and the new end of the branch stand when this returns; undefined where an
   * answer is being written already.
   */
  start(conversation: Conversation, parent: MessageId | null): MessageId | undefined {
    const { id } = conversation
    if (this.running(id)) return undefined
    const turn = this.#turn(conversation, parent, { queued: this.#left.of(id) })
    this.#turns.set(id, turn)
    this.#ended.delete(id)
    const answer = turn.begin()
    turn.finished = this.#run(conversation, turn)
    return answer
  }

  /**
   * Starts an answer in each lane: the conversation as it would be for that answer alone. They stand beside each other and
   * the shown branch still ends with `parent`. They call what only reads: none is to change what the others look at. False
   * where an answer is being written already.
   */
  compare(lanes: readonly Conversation[], parent: MessageId): boolean {
    const [first] = lanes
    if (!first || this.running(first.id)) return false
    const before = readOnce(() => this.#parts.store().messages.branch(first.id, parent), lanes.length)
    const turns = lanes.map((lane) => this.#turn(lane, parent, { queued: [], apart: true, before }))
    this.#lanes.set(first.id, turns)
    this.#ended.delete(first.id)
    for (const turn of turns) turn.begin()
    this.tell(first.id, { type: 'branch' })
    turns.forEach((turn, at) => (turn.finished = this.#run(lanes[at]!, turn)))
    return true
  }

  /** The lane that begins with this answer, while it is being written. */
  lane(conversation: ConversationId, head: MessageId): TurnView | undefined {
    const turn = this.#lanes.get(conversation)?.find((one) => one.head === head)
    return turn?.current && turn.view
  }

  stopLane(conversation: ConversationId, head: MessageId): void {
    this.#lanes
      .get(conversation)
      ?.find((one) => one.head === head)
      ?.controller.abort()
  }

  /** All turns that run in a conversation. */
  #all(conversation: ConversationId): Turn[] {
    const turn = this.#turns.get(conversation)
    return [...(turn ? [turn] : []), ...(this.#lanes.get(conversation) ?? [])]
  }

  #turn(
    conversation: Conversation,
    parent: MessageId | null,
    more: { queued: QueuedMessage[]; apart?: boolean; before?: () => readonly StoredMessage[] },
  ): Turn {
    const { store, settings, toolLog, customising, fitting, resilience } = this.#parts
    const tell = (event: TurnEvent): void => {
      if (event.type === 'queue') this.#left.keep(conversation.id, turn.queued)
      this.tell(conversation.id, event)
    }
    const parts = { conversation, parent, store, settings, customising, fitting, resilience, tell, ...more }
    const turn: Turn = new Turn({ ...parts, log: toolLog, shelf: this.#shelf, steps: this.#steps })
    return turn
  }

  /** The message goes out at the running turn's next step. False where no turn runs. */
  queue(conversation: ConversationId, content: Part[]): boolean {
    const turn = this.#turns.get(conversation)
    if (!turn?.current) return false
    turn.queue(content)
    return true
  }

  unqueue(conversation: ConversationId, id: string): QueuedMessage | undefined {
    const turn = this.#turns.get(conversation)
    if (turn) return turn.unqueue(id)
    const taken = this.#left.of(conversation).find((message) => message.id === id)
    this.#left.drop(conversation, id)
    this.tell(conversation, { type: 'queue' })
    return taken
  }

  /** False where nobody is asked about this call any more. */
  decide(conversation: ConversationId, callId: string, decision: ApprovalDecision): boolean {
    return this.#all(conversation).some((turn) => turn.decide(callId, decision))
  }

  /** What this answer waits for is tried at once, where it waits. */
  retryNow(conversation: ConversationId, answer: MessageId): void {
    for (const turn of this.#all(conversation)) if (turn.view.message === answer) turn.retryNow()
  }

  /** Ends the answer of this conversation. The socket is closed before this returns to the event loop. */
  stop(conversation: ConversationId): void {
    for (const { controller } of this.#all(conversation)) controller.abort()
  }

  /** For the end of the host: stops everything and waits until it is stored. */
  async stopAll(): Promise<void> {
    const turns = [...this.#turns.values(), ...[...this.#lanes.values()].flat()]
    for (const { controller } of turns) controller.abort()
    await Promise.all(turns.map(({ finished }) => finished))
    this.#shelf.close()
  }

  /** Without tools where they cannot be had: that is no reason not to answer. */
  async #tools(conversation: Conversation): Promise<Toolbox> {
    try {
      return await this.#parts.tools(conversation)
    } catch (error) {
      this.#parts.log.error(`tools could not be had: ${describe(error)}`)
      return new Toolbox([])
    }
  }

  async #run(conversation: Conversation, turn: Turn): Promise<void> {
    const { id } = conversation
    const { approvals, watch } = this.#parts
    const startedAt = Date.now()
    try {
      const all = await this.#tools(conversation)
      const tools = this.#turns.get(id) === turn ? all : all.onlyReading()
      const agent = (await this.#parts.customising?.of(conversation))?.agent
      turn.use(tools, watch?.turn({ conversation: id, startedAt, ...(agent && { agent }) }))
      const loop: Loop = {
        conversation: id,
        tools,
        approvals,
        limits: {
          ...limitsWith(this.#parts.settings().tools.limits, agent?.budget),
          ...(this.#unpriced.has(id) && { unpriced: true }),
        },
        owner: turn,
      }
      const { end, totals } = await runLoop(loop, turn.controller.signal)
      turn.end(end, totals)
      if (end.kind === 'limit' && end.unknown) this.#unpriced.add(id)
    } catch (error) {
      this.#parts.log.error(`a turn ended unexpectedly: ${describe(error)}`)
    }
    if (this.#turns.get(id) === turn) {
      this.#ended.set(id, turn.view)
      this.#turns.delete(id)
    } else this.#leaveLane(id, turn)
    this.#shelf.rest()
    this.#parts.ended?.(id)
  }

  #leaveLane(conversation: ConversationId, turn: Turn): void {
    const others = this.#lanes.get(conversation)?.filter((one) => one !== turn) ?? []
    if (others.length > 0) this.#lanes.set(conversation, others)
    else this.#lanes.delete(conversation)
    this.tell(conversation, { type: 'changed' })
  }
}
