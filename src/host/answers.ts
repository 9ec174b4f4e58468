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
import type { CustomisingOfTurn } from './customisation/turn.ts'
import { limitsWith } from '../agent/limits.ts'
import type { Fitting } from './fitting/fitting.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import type { StepParts } from './step.ts'
import { Steps } from './step.ts'
import type { TurnEvent } from './turn.ts'
import { Turn } from './turn.ts'

export type AnswerEvent =
  | TurnEvent
  /** Its title or its choice of model is another one. */
  | { type: 'changed' }
  | { type: 'deleted' }

export type AnswerParts = StepParts & {
  /** Told whether what was written could be stored. */
  stored(all: boolean): void
  /** What the models of this conversation may call now. */
  tools(conversation: Conversation): Promise<Toolbox>
  approvals: Loop['approvals']
  /** Agents and instructions. */
  customising?: CustomisingOfTurn
  /** Makes each request fit into the window of its model. */
  fitting: Pick<Fitting, 'fit'>
  /** A turn is over. */
  ended?(conversation: ConversationId): void
  /** Told how each call goes; `log` is told of requests. */
  toolLog: Log
}

type Listener = (event: AnswerEvent) => void

/** A turn of one answer that calls nothing is told by that answer. */
function tellsSomething({ calls, totals, end }: TurnView): boolean {
  return calls.length > 0 || (totals?.steps ?? 0) > 1 || end?.kind === 'limit'
}

export class Answers {
  readonly #parts: AnswerParts
  readonly #shelf: AnswerShelf
  readonly #steps: Steps
  readonly #turns = new Map<ConversationId, Turn>()
  /** What was typed for a turn that was stopped or failed: it goes out with the next one. */
  readonly #left = new Map<ConversationId, QueuedMessage[]>()
  /** How the last turn of each conversation ended, for pages that come later. */
  readonly #ended = new Map<ConversationId, TurnView>()
  readonly #listeners = new Map<ConversationId, Set<Listener>>()

  constructor(parts: AnswerParts) {
    this.#parts = parts
    this.#shelf = new AnswerShelf({ ...parts, busy: () => this.#turns.size > 0 })
    this.#steps = new Steps(parts, this.#shelf)
  }

  /** The answer that is being written in this conversation, as far as it is, or whose tools are running. */
  running(conversation: ConversationId): StoredMessage | undefined {
    return this.#turns.get(conversation)?.current
  }

  /** The message as it is known here, where the store is behind. */
  newest(message: StoredMessage): StoredMessage {
    return this.#turns.get(message.conversation)?.newest(message.id) ?? this.#shelf.newest(message.id) ?? message
  }

  get count(): number {
    return this.#turns.size
  }

  /** What the running turn's tools do, or how the last turn ended. */
  turn(conversation: ConversationId): TurnView | undefined {
    const view = this.#turns.get(conversation)?.view ?? this.#ended.get(conversation)
    return view && tellsSomething(view) ? view : undefined
  }

  queued(conversation: ConversationId): QueuedMessage[] {
    return this.#turns.get(conversation)?.queued ?? this.#left.get(conversation) ?? []
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
    for (const listener of this.#listeners.get(conversation) ?? []) listener(event)
  }

  /**
   * Starts an answer below `parent`. Its row and the new end of the branch stand when this returns; undefined where an
   * answer is being written already.
   */
  start(conversation: Conversation, parent: MessageId | null): MessageId | undefined {
    const { id } = conversation
    if (this.running(id)) return undefined
    const { store, settings, toolLog, customising, fitting } = this.#parts
    const tell = (event: TurnEvent): void => this.tell(id, event)
    const turn = new Turn({
      conversation,
      parent,
      store,
      settings,
      customising,
      fitting,
      log: toolLog,
      shelf: this.#shelf,
      steps: this.#steps,
      tell,
      queued: this.#left.get(id) ?? [],
    })
    this.#turns.set(id, turn)
    this.#ended.delete(id)
    this.#left.delete(id)
    const answer = turn.begin()
    turn.finished = this.#run(conversation, turn)
    return answer
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
    const left = this.#left.get(conversation) ?? []
    const taken = left.find((message) => message.id === id)
    this.#left.set(
      conversation,
      left.filter((message) => message !== taken),
    )
    this.tell(conversation, { type: 'queue' })
    return taken
  }

  /** False where nobody is asked about this call any more. */
  decide(conversation: ConversationId, callId: string, decision: ApprovalDecision): boolean {
    return this.#turns.get(conversation)?.decide(callId, decision) ?? false
  }

  /** Ends the answer of this conversation. The socket is closed before this returns to the event loop. */
  stop(conversation: ConversationId): void {
    this.#turns.get(conversation)?.controller.abort()
  }

  /** For the end of the host: stops everything and waits until it is stored. */
  async stopAll(): Promise<void> {
    for (const { controller } of this.#turns.values()) controller.abort()
    await Promise.all([...this.#turns.values()].map(({ finished }) => finished))
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
    const { approvals } = this.#parts
    try {
      const tools = await this.#tools(conversation)
      const agent = (await this.#parts.customising?.of(conversation))?.agent
      turn.use(tools)
      const loop: Loop = {
        conversation: id,
        tools,
        approvals,
        limits: limitsWith(this.#parts.settings().tools.limits, agent?.budget),
        owner: turn,
      }
      const { end, totals } = await runLoop(loop, turn.controller.signal)
      turn.end(end, totals)
    } catch (error) {
      this.#parts.log.error(`a turn ended unexpectedly: ${describe(error)}`)
    }
    if (this.#turns.get(id) === turn) {
      this.#ended.set(id, turn.view)
      if (turn.queued.length > 0) this.#left.set(id, turn.queued)
      this.#turns.delete(id)
    }
    this.#shelf.rest()
    this.#parts.ended?.(id)
  }
}
