/* eslint svelte/prefer-svelte-reactivity: off -- bookkeeping that nothing draws */
/**
 * The copy of the host's state that the panel draws. It can be lost at any time: a gap in the batches, or an epoch
 * that is not ours, makes it ask for a snapshot again.
 */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { Batch, ConversationView, Notice, PanelEvent, QuestionView, Snapshot } from '../../src/shared/protocol.ts'
import { outlivesSnapshot } from '../../src/shared/protocol.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { BlockView, MessageView } from '../../src/shared/view.ts'
import { CallStore } from './calls.svelte.ts'
import { Entry } from './entry.svelte.ts'
import { Frames } from './frames.ts'
import { turnsOf } from './turns.ts'
import { timed, WaitStore, type SideWait } from './waits.svelte.ts'

type ToolResultView = Extract<BlockView, { type: 'tool-result' }>

/** One of several answers to the same message. `id`: of its first. */
export type LaneEntries = { id: MessageId; entries: Entry[] }

/** What happens outside the transcript when an event arrives. */
export type Listeners = {
  needSnapshot(): void
  event(event: PanelEvent): void
}

export class ConversationStore {
  view: ConversationView | undefined = $state.raw()
  entries: Entry[] = $state.raw([])
  /** The answers to the last message, side by side, where there are several and none is chosen. */
  lanes: LaneEntries[] = $state.raw([])
  notices: Notice[] = $state.raw([])
  /** What MCP servers ask. */
  questions: QuestionView[] = $state.raw([])
  /** What is waited for beside the answers. */
  sideWaits: SideWait[] = $state.raw([])
  more = $state(false)
  needsKey = $state(false)
  place: Snapshot['place'] = $state('sidebar')
  /** False until the first snapshot has come. */
  loaded = $state(false)
  /** Changes with every snapshot: the transcript then starts at its end again. */
  generation = $state(0)

  readonly calls = new CallStore()
  readonly waits = new WaitStore()
  readonly #turns = $derived.by(
    () => new Map([this.entries, ...this.lanes.map(({ entries }) => entries)].flatMap((all) => [...turnsOf(all)])),
  )

  readonly #listeners: Listeners
  readonly #byId = new Map<string, Entry>()
  readonly #frames = new Frames(() => this.#drain())
  #queue: PanelEvent[] = []
  #epoch = ''
  #seq = 0
  #asking = true

  constructor(listeners: Listeners) {
    this.#listeners = listeners
  }

  get running(): Entry | undefined {
    const id = this.view?.running
    return id === undefined ? undefined : this.find(id)
  }

  /** What the tool call `call` of the answer `entry` came to: the results stand in the message after it. */
  result(entry: Entry, call: string): ToolResultView | undefined {
    const lane = this.lanes.find(({ entries }) => entries.includes(entry))
    const entries = lane?.entries ?? this.entries
    const next = entries[entries.indexOf(entry) + 1]
    const blocks = [...entry.content, ...(next?.role === 'tool' ? next.content : [])]
    return blocks.find((block): block is ToolResultView => block.type === 'tool-result' && block.callId === call)
  }

  /** The answers of its turn, in order. */
  stepsOf(entry: Entry): readonly Entry[] {
    return this.#turns.get(entry) ?? [entry]
  }

  /** True where a turn is not over with this answer: its tools run, or what was typed meanwhile goes out. */
  goesOn(id: string): boolean {
    const message = this.find(id)?.stored.message as AssistantMessage | undefined
    const calls = message?.content.some((block) => block.type === 'tool-call' && block.ranBy === 'host')
    return calls || message?.stop.kind === 'paused' || (this.view?.queued?.length ?? 0) > 0
  }

  find(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  /** Starts a new epoch. Entries of the same conversation keep their place on the screen. */
  load(snapshot: Snapshot): void {
    const same = this.view?.id === snapshot.conversation.id
    this.#epoch = snapshot.epoch
    this.#seq = 0
    this.#asking = false
    this.#queue = this.#queue.filter(outlivesSnapshot)
    this.#byId.clear()
    this.entries = snapshot.page.messages.map((message) => this.#entry(message))
    const lanes = snapshot.comparison?.lanes ?? []
    this.lanes = lanes.map(({ id, messages }) => ({ id, entries: messages.map((message) => this.#entry(message)) }))
    this.view = snapshot.conversation
    this.calls.reset()
    this.waits.reset()
    for (const turn of [snapshot.conversation.turn, ...lanes.map((lane) => lane.turn)]) {
      this.calls.show(turn)
      if (turn) this.waits.hear(turn)
    }
    this.notices = snapshot.notices
    this.questions = snapshot.questions ?? []
    this.sideWaits = (snapshot.sideWaits ?? []).map(timed)
    this.more = snapshot.page.more
    this.needsKey = snapshot.needsKey
    this.place = snapshot.place
    this.loaded = true
    if (!same) this.generation++
    // Whoever loads the snapshot has more to do with it before anything else happens.
    if (this.#queue.length > 0) queueMicrotask(() => this.#frames.request())
  }

  receive(batch: Batch): void {
    if (this.#asking) return void this.#queue.push(...batch.events.filter(outlivesSnapshot))
    if (batch.epoch !== this.#epoch || batch.seq !== this.#seq + 1) {
      this.askAgain()
      return this.receive(batch)
    }
    this.#seq = batch.seq
    this.#queue.push(...batch.events)
    this.#frames.request(!batch.events.every(isPreamble))
  }

  /** What was told and waits for a frame is drawn now. While a snapshot is on its way nothing is drawn before it. */
  catchUp(): void {
    if (!this.#asking) this.#frames.flush()
  }

  /** Of what arrives before the snapshot only what is not in it counts. */
  askAgain(): void {
    this.#asking = true
    this.#queue = this.#queue.filter(outlivesSnapshot)
    this.#listeners.needSnapshot()
  }

  prepend(messages: MessageView[], more: boolean): void {
    const known = messages.filter((message) => !this.#byId.has(message.id))
    this.entries = [...known.map((message) => this.#entry(message)), ...this.entries]
    this.more = more
  }

  dismiss(notice: string): void {
    this.notices = this.notices.filter(({ id }) => id !== notice)
  }

  #entry(message: MessageView): Entry {
    const entry = new Entry(message)
    this.#byId.set(entry.id, entry)
    return entry
  }

  #drain(): void {
    const events = this.#queue
    this.#queue = []
    for (const [place, event] of events.entries()) {
      this.#apply(event)
      this.#listeners.event(event)
      // What follows was told of what the snapshot will show.
      if (this.#asking) return void (this.#queue = events.slice(place + 1).filter(outlivesSnapshot))
    }
  }

  #apply(event: PanelEvent): void {
    switch (event.type) {
      case 'message':
        this.#place(event.message)
        return event.begins ? this.#begun(event.message.id) : undefined
      case 'stream':
        return this.find(event.id)?.grow(event.events)
      case 'settled':
        this.find(event.id)?.settle(event)
        return event.resumes ? undefined : this.#stopped(event.id)
      case 'waiting':
        return this.waits.hear(event)
      case 'conversation':
        this.view = event.conversation
        this.calls.show(event.conversation.turn)
        this.needsKey = event.needsKey
        return
      case 'call':
        return this.calls.hear(event.id, event.event)
      case 'turn':
        return this.#turned(event)
      case 'notice':
        this.notices = [...this.notices.filter(({ id }) => id !== event.notice.id), event.notice]
        return
      case 'questions':
        this.questions = event.questions
        return
      case 'side-waits':
        this.sideWaits = event.waits.map(timed)
        return
      case 'notice-gone':
        return this.dismiss(event.id)
      case 'stale':
        return this.askAgain()
    }
  }

  #turned({ totals, end }: Extract<PanelEvent, { type: 'turn' }>): void {
    const message = this.entries.findLast(({ role }) => role === 'assistant')?.id
    if (!this.view || message === undefined) return
    const calls = this.view.turn?.message === message ? this.view.turn.calls : []
    this.view = { ...this.view, turn: { message, calls, totals, ...(end && { end }) } }
  }

  /** At once, not when the conversation is told anew: whoever wants it stopped need not wait for that. */
  #begun(id: MessageId): void {
    if (this.view && this.view.running === undefined) this.view = { ...this.view, running: id }
  }

  /** At once, not when the conversation is told anew: the composer must never be left in Stop. */
  #stopped(id: string): void {
    if (this.view?.running !== id || this.goesOn(id)) return
    const view = { ...this.view }
    delete view.running
    this.view = view
  }

  #place(message: MessageView): void {
    const known = this.find(message.id)
    if (known) return known.replace(message)
    const lane = this.lanes.find(({ entries }) => entries.at(-1)?.id === message.parent)
    if (lane) {
      const entries = [...lane.entries, this.#entry(message)]
      this.lanes = this.lanes.map((one) => (one === lane ? { ...one, entries } : one))
      return
    }
    this.entries = [...this.entries, this.#entry(message)]
  }
}

/** True for what only announces text: drawing it at once would make the first words wait for the frame after. */
function isPreamble(event: PanelEvent): boolean {
  return event.type === 'stream' && event.events.every(({ type }) => type === 'start' || type === 'block-start')
}
