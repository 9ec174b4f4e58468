/**
 * One panel and the conversation it shows. Tells the page what happens; holds nothing that a reload of the page, or of the
 * window, could lose. What the page asks is answered in `receive.ts`.
 */
import { randomUUID } from 'node:crypto'
import type { Conversation, ConversationId, MessageId, StoredMessage } from '../shared/conversation.ts'
import type { ConversationView, Page, PanelEvent, Snapshot, ToWebview } from '../shared/protocol.ts'
import type { MessageView } from '../shared/view.ts'
import { unseal } from '../shared/view.ts'
import type { AnswerEvent } from './answers.ts'
import { load } from './attachments.ts'
import { Batcher } from './batcher.ts'
import type { Services } from './services.ts'

/** The page, seen from the host. Posting to a page that is gone is no error: it asks for a snapshot when it is back. */
export type Port = { post(message: ToWebview): void }

/** Where the panel stands, and what of it outside the page changes. */
export type Place = {
  kind: Snapshot['place']
  /** Another conversation is shown. */
  onSwitch?(conversation: ConversationId): void
  onTitle?(title: string): void
}

/** Messages in a snapshot, and in each older page. */
const PAGE = 30

export class Session {
  readonly services: Services
  readonly #place: Place
  readonly #batcher: Batcher
  #conversation: ConversationId
  /** True once the host knows better than the page what is shown. */
  #told = false
  #stopListening: () => void
  readonly #stopNotices: () => void

  constructor(services: Services, port: Port, place: Place, conversation?: ConversationId) {
    this.services = services
    this.#place = place
    this.#batcher = new Batcher((batch) => port.post({ type: 'batch', ...batch }))
    this.#conversation = conversation ?? randomUUID()
    // VS Code writes down the state of a page now and then, so that after a crash it is that of an earlier conversation.
    this.#told = conversation !== undefined
    this.#stopListening = this.#listen()
    this.#stopNotices = services.notices.listen((event) => this.push(event))
  }

  get conversation(): ConversationId {
    return this.#conversation
  }

  /** The stored conversation; a new one has no row before its first message. */
  stored(): Conversation | undefined {
    return this.services.store().conversations.get(this.#conversation)
  }

  push(event: PanelEvent): void {
    this.#batcher.push(event)
  }

  /** Shows another conversation. Without an id, a new one. */
  switchTo(conversation: ConversationId = randomUUID()): void {
    this.#stopListening()
    this.#conversation = conversation
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

  /** Where the shown branch is another one now, or another conversation is shown. */
  stale(): void {
    this.push({ type: 'stale' })
  }

  async snapshot(): Promise<Snapshot> {
    const view = await this.view()
    const needsKey = await this.services.chooser.needsKey()
    // From here to the end nothing waits: an event is either in the page below or in a batch after it.
    this.#told = true
    const epoch = randomUUID()
    const page = this.page()
    this.#batcher.restart(epoch)
    const running = this.services.answers.running(this.#conversation)
    if (running) view.running = running.id
    else delete view.running
    return { epoch, conversation: view, page, notices: this.services.notices.all, place: this.#place.kind, needsKey }
  }

  page(before?: MessageId): Page {
    const leaf = this.stored()?.leaf
    if (leaf === undefined) return { messages: [], more: false }
    const { messages, more } = this.services
      .store()
      .messages.page(this.#conversation, { leaf, limit: PAGE, ...(before !== undefined && { before }) })
    return { messages: messages.map((message) => this.#show(message)), more }
  }

  async view(): Promise<ConversationView> {
    const conversation = this.stored()
    this.#place.onTitle?.(conversation?.title ?? '')
    const chosen = await this.services.chooser.choose(conversation, false)
    const running = this.services.answers.running(this.#conversation)
    return {
      id: this.#conversation,
      title: conversation?.title ?? '',
      ...(chosen && { chosen }),
      ...(running && { running: running.id }),
    }
  }

  /** Tells the page anew who answers next: a choice, a key or a setting changed. */
  async refresh(): Promise<void> {
    const [conversation, needsKey] = await Promise.all([this.view(), this.services.chooser.needsKey()])
    this.push({ type: 'conversation', conversation, needsKey })
  }

  dispose(): void {
    this.#stopListening()
    this.#stopNotices()
    this.#batcher.stop()
  }

  #listen(): () => void {
    return this.services.answers.listen(this.#conversation, (event) => this.#hear(event))
  }

  #hear(event: AnswerEvent): void {
    if (event.type === 'stream') return this.#batcher.pushStream(event.id, event.event)
    if (event.type === 'message') {
      this.push({ type: 'message', message: this.#show(event.message) })
      if (event.message.state === 'streaming') void this.refresh()
      return
    }
    const { id, state, timing, cost } = event.message
    this.push({ type: 'settled', id, state, ...(timing && { timing }), ...(cost !== undefined && { cost }) })
    void this.refresh()
  }

  #show(message: StoredMessage): MessageView {
    const running = this.services.answers.running(this.#conversation)
    const current = running?.id === message.id ? running : message
    return unseal<StoredMessage>({ ...current, message: load(current.message, this.services.store().blobs) })
  }
}
