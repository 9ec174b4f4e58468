/**
 * One panel and the conversation it shows. Tells the page what happens; holds nothing that a reload of the page, or of the
 * window, could lose. What the page asks is answered in `receive.ts`.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Conversation, ConversationId, MessageId } from '../shared/conversation.ts'
import type { ConversationView, Page, PanelEvent, SideWaitView, Snapshot, ToWebview } from '../shared/protocol.ts'
import { unseal } from '../shared/view.ts'
import type { AnswerEvent } from './answers.ts'
import { Batcher } from './batcher.ts'
import { ChatView } from './chat-view.ts'
import { describe } from './log.ts'
import { LogFeed } from './log-feed.ts'
import type { Services } from './services.ts'
import { Repeated } from './repeated.ts'
import { Shown } from './history/shown.ts'
import { ShownBranch } from './shown-branch.ts'

/** The page, seen from the host. Posting to a page that is gone is no error: it asks for a snapshot when it is back. */
export type Port = { post(message: ToWebview): void }

/** Where the panel stands, and what of it outside the page changes. */
export type Place = {
  kind: Snapshot['place']
  /** Another conversation is shown. */
  onSwitch?(conversation: ConversationId): void
  onTitle?(title: string): void
}

export class Session {
  readonly services: Services
  readonly #place: Place
  readonly #batcher: Batcher
  readonly #branch: ShownBranch
  readonly #view: ChatView
  /** The page gets a snapshot anyway: nothing has to tell it that its branch is another one. */
  #quiet = false
  /** The page has the keyboard, as far as it has said. */
  focused = false
  /** The log, while this page shows it. */
  readonly logFeed: LogFeed
  readonly #shown: Shown
  #conversation: ConversationId
  readonly #refresh = new Repeated(() => this.#refreshOnce())
  /** True once the host knows better than the page what is shown. */
  #told = false
  #stopListening: () => void
  readonly #stopNotices: () => void
  readonly #stopQuestions: () => void
  readonly #stopSideWaits: () => void
  readonly #closing = new AbortController()

  constructor(services: Services, port: Port, place: Place, conversation?: ConversationId) {
    this.services = services
    this.#place = place
    this.#batcher = new Batcher((batch) => port.post({ type: 'batch', ...batch }))
    this.#branch = new ShownBranch(services)
    this.#view = new ChatView(services, this.#branch)
    this.#shown = new Shown(services.store)
    this.#conversation = conversation ?? randomUUID()
    // VS Code writes down the state of a page now and then, so that after a crash it is that of an earlier conversation.
    this.#told = conversation !== undefined
    this.logFeed = new LogFeed(services.log, (entries) => this.push({ type: 'log', entries }))
    this.#stopListening = this.#listen()
    this.#stopNotices = services.notices.listen((event) => this.push(event))
    this.#stopQuestions = services.mcp.questions.listen((event) => this.push(event))
    this.#stopSideWaits = services.sideWaits.listen(() => this.push({ type: 'side-waits', waits: this.#sideWaits }))
  }

  get conversation(): ConversationId {
    return this.#conversation
  }

  /** True once a page has had its snapshot, so that what is pushed is heard. */
  get ready(): boolean {
    return this.#batcher.listening
  }

  /** Aborted when the panel is closed: what only its person waits for ends then. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  /** The stored conversation; a new one has no row before its first message. */
  stored(): Conversation | undefined {
    return this.services.store().conversations.get(this.#conversation)
  }

  /** A chat without a message and without a name: nothing tells it from a new one. */
  get untouched(): boolean {
    const stored = this.stored()
    return stored?.leaf === undefined && !stored?.title
  }

  /** Several have answered the end of its branch, and the person has not chosen with which to go on. */
  isUndecided(conversation: ConversationId): boolean {
    return this.#branch.answersBeside(conversation) !== undefined
  }

  push(event: PanelEvent): void {
    this.#batcher.push(event)
  }

  /** Shows another conversation. Without an id, a new one. */
  switchTo(conversation: ConversationId = randomUUID()): void {
    this.#told = true
    this.services.counting.stop(this)
    this.#stopListening()
    this.#conversation = conversation
    // Else what differs from the one before would be taken for what another window did to this one.
    this.#shown.note(conversation)
    this.#stopListening = this.#listen()
    this.#place.onSwitch?.(conversation)
  }

  /** Shows another conversation where the page did not ask for one. */
  change(conversation?: ConversationId): void {
    this.switchTo(conversation)
    this.stale()
  }

  /** What the page says it showed before. Counts until the host knows better: by itself, or from the first snapshot. */
  restore(conversation: ConversationId): void {
    if (!this.#told && conversation !== this.#conversation) this.switchTo(conversation)
  }

  /** Makes this the end of the shown branch, here and in every other panel. Whoever asked is answered by a snapshot. */
  showBranch(leaf: MessageId): void {
    this.services.store().conversations.setLeaf(this.#conversation, leaf)
    this.#quiet = true
    this.services.answers.tell(this.#conversation, { type: 'branch' })
    this.#quiet = false
  }

  /** Where the shown branch is another one now, or another conversation is shown. */
  stale(): void {
    this.push({ type: 'stale' })
  }

  /** `through`: a message of the branch that its page reaches up to. */
  async snapshot(through?: MessageId): Promise<Snapshot> {
    const [view, needsKey] = await Promise.all([this.view(), this.services.chooser.needsKey()])
    if (view.id !== this.#conversation) return this.snapshot(through)
    // From here to the end nothing waits: an event is either in the page below or in a batch after it.
    this.#told = true
    const epoch = randomUUID()
    const page = this.page(undefined, through)
    const comparison = this.#branch.comparison(this.#conversation)
    this.#batcher.restart(epoch)
    this.#shown.note(this.#conversation)
    const questions = this.services.mcp.questions.all
    const sideWaits = this.#sideWaits
    return {
      epoch,
      conversation: this.#view.asItStands(view),
      page,
      ...(comparison && { comparison }),
      notices: this.services.notices.all,
      ...(questions.length > 0 && { questions }),
      ...(sideWaits.length > 0 && { sideWaits }),
      place: this.#place.kind,
      needsKey,
    }
  }

  /** What comes before this message; all up to `through` where that is further up. */
  page(before?: MessageId, through?: MessageId): Page {
    return this.#branch.page(this.#conversation, before, through)
  }

  view(): Promise<ConversationView> {
    const stored = this.stored()
    this.#place.onTitle?.(stored?.title ?? '')
    return this.#view.of(this.#conversation, stored)
  }

  /** Tells the page anew who answers next: a choice, a key or a setting changed. Never rejects. */
  refresh(): Promise<void> {
    return this.#refresh.run()
  }

  /**
   * Resolves once the page has been told what has changed so far. Whoever changes what a page shows answers after this: until
   * the answer the page shows what it asked for, and after it what it was told. Never rejects.
   */
  async told(): Promise<void> {
    await this.refresh()
    // What was pushed goes out with the turn of the loop that comes next: no sooner than the snapshot that it follows.
    await nextTurn()
  }

  async #refreshOnce(): Promise<void> {
    try {
      const [conversation, needsKey] = await Promise.all([this.view(), this.services.chooser.needsKey()])
      if (conversation.id !== this.#conversation) return
      this.push({ type: 'conversation', conversation: this.#view.asItStands(conversation), needsKey })
    } catch (error) {
      this.services.log.from('panel').error(`refresh: ${describe(error)}`)
    }
  }

  /** Another window wrote something: if it is of this conversation, the page is told. */
  lookAgain(): void {
    if (!this.ready || this.services.answers.running(this.#conversation)) return
    const difference = this.#shown.look(this.#conversation)
    if (difference.kind === 'branch') this.stale()
    else if (difference.kind === 'gone') this.change()
    else if (difference.kind === 'message') {
      this.push({ type: 'message', message: this.#branch.view(difference.message) })
      void this.refresh()
    } else if (difference.kind === 'title') void this.refresh()
  }

  get #sideWaits(): SideWaitView[] {
    return this.services.sideWaits.views(this.#conversation)
  }

  dispose(): void {
    this.#closing.abort()
    this.services.counting.stop(this)
    this.#stopListening()
    this.#stopNotices()
    this.#stopQuestions()
    this.#stopSideWaits()
    this.logFeed.close()
    this.#batcher.stop()
  }

  #listen(): () => void {
    return this.services.answers.listen(this.#conversation, (event) => this.#hear(event))
  }

  #hear(event: AnswerEvent): void {
    // What this window writes is no news from another one.
    if (writes(event) && this.ready) this.#shown.note(this.#conversation)
    switch (event.type) {
      case 'stream':
        if (!this.#branch.holds(event.id)) return
        return this.#batcher.pushStream(event.id, event.event)
      case 'message': {
        const begins = event.message.state === 'streaming'
        if (this.#branch.takes(event.message)) {
          const message = this.#branch.view(event.message)
          this.push({ type: 'message', message, ...(begins && { begins }) })
        }
        if (!begins) return
        this.services.counting.stop(this)
        return void this.refresh()
      }
      case 'settled': {
        const { id, state, timing, cost, keyProfile, paidBy, guidance } = event.message
        this.push({
          type: 'settled',
          id,
          state,
          ...(event.resumes && { resumes: true as const }),
          ...(timing && { timing }),
          ...(cost !== undefined && { cost }),
          ...(keyProfile !== undefined && { keyProfile }),
          ...(paidBy && { paidBy }),
          ...(guidance && { guidance }),
        })
        return void this.refresh()
      }
      case 'call':
        return this.#batcher.pushCall(event.id, event.event)
      case 'waiting':
        if (!this.#branch.holds(event.id)) return
        return this.push({ type: 'waiting', message: event.id, ...(event.waiting && { waiting: event.waiting }) })
      case 'turn':
        // A turn of one answer is told by that answer. Its end is told in any case: tools may have run after it.
        if (!this.#branch.holds(event.message) || this.#branch.isApart(event.message))
          return void (event.end && this.refresh())
        if (event.totals.steps > 1 || event.end?.kind === 'limit' || event.end?.kind === 'stopped')
          this.push({ type: 'turn', totals: unseal(event.totals), ...(event.end && { end: unseal(event.end) }) })
        if (event.end) void this.refresh()
        return
      case 'queue':
        return void this.refresh()
      case 'branch':
        return this.#quiet ? undefined : this.stale()
      case 'changed':
        return void this.refresh()
      case 'deleted':
        return this.change()
    }
  }
}

/** False for what only tells how an answer goes. */
function writes({ type }: AnswerEvent): boolean {
  return !['stream', 'call', 'waiting', 'turn', 'queue'].includes(type)
}
