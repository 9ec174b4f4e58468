/** The list of conversations, as far as it was asked for: a page at a time, for the filters that are set. */
import { SvelteSet } from 'svelte/reactivity'
import type { ConversationId, ConversationSummary } from '../../src/shared/conversation.ts'
import type { HistoryFacets, HistoryFilters } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'
import { joined, without } from './history-rows.ts'

/** Conversations asked for at once. */
const PAGE = 100
/** Who scrolls on gets as much again as there is, and at most so many: the end of a long list is a few pages away. */
const MOST_MORE = 1_000

/** What was done with some, and can be taken back. */
export type Undoable = { conversations: ConversationId[]; what: 'deleted' | 'archived' | 'unarchived' }

export class HistoryStore {
  conversations: ConversationSummary[] | undefined = $state.raw()
  more = $state(false)
  facets: HistoryFacets | undefined = $state.raw()
  filters: HistoryFilters = $state.raw({})
  problem: string | undefined = $state()
  undoable: Undoable | undefined = $state.raw()
  /** The person wants to choose several, or has chosen one. */
  choosing = $state(false)
  readonly selected = new SvelteSet<ConversationId>()
  readonly #bridge: Bridge
  #latest = 0
  #asking: Promise<void> = Promise.resolve()
  #loadingMore = false

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /** By more than words. */
  get narrowed(): boolean {
    return Object.keys(this.filters).some((field) => field !== 'search')
  }

  get selecting(): boolean {
    return this.choosing || this.selected.size > 0
  }

  forgetSearch(): void {
    const { search: _search, ...others } = this.filters
    this.filters = others
  }

  /** Nothing is selected, and nothing is to be. */
  leave(): void {
    this.choosing = false
    this.selected.clear()
  }

  get filtered(): boolean {
    return Object.keys(this.filters).length > 0
  }

  /** Takes what is undefined as not filtered by. */
  async filter(change: { [Field in keyof HistoryFilters]?: HistoryFilters[Field] | undefined }): Promise<void> {
    const all = Object.entries({ ...this.filters, ...change }).filter(
      ([, value]) => value !== undefined && value !== '',
    )
    this.filters = Object.fromEntries(all)
    this.leave()
    await this.load()
  }

  /** The first page. Of several asked for at once only the last one counts. */
  async load(): Promise<void> {
    await this.#ask(
      () => this.#bridge.ask('history', { ...this.filters, limit: PAGE }),
      (page) => {
        this.conversations = page.conversations
        this.more = page.more
      },
    )
  }

  /** As much of it as is there already, anew: something changed. */
  async again(): Promise<void> {
    const limit = Math.max(PAGE, this.conversations?.length ?? 0)
    await this.#ask(
      () => this.#bridge.ask('history', { ...this.filters, limit }),
      (page) => {
        const before = this.conversations ?? []
        this.conversations = page.conversations
        this.more = page.more
        const gone = without(
          before,
          page.conversations.map(({ id }) => id),
        )
        for (const { id } of gone) this.selected.delete(id)
      },
    )
  }

  async loadMore(): Promise<void> {
    if (!this.more || this.#loadingMore) return
    this.#loadingMore = true
    const offset = this.conversations?.length ?? 0
    await this.#ask(
      () =>
        this.#bridge.ask('history', { ...this.filters, offset, limit: Math.min(MOST_MORE, Math.max(PAGE, offset)) }),
      (page) => {
        this.conversations = joined(this.conversations ?? [], page.conversations)
        this.more = page.more
      },
    )
    this.#loadingMore = false
  }

  /** Settles once the list is that of the filters as they are. */
  async settled(): Promise<void> {
    let asked
    do {
      asked = this.#latest
      await this.#asking
    } while (asked !== this.#latest)
  }

  async loadFacets(): Promise<void> {
    this.facets = await this.#bridge.ask('history-facets', {}).catch(() => this.facets)
  }

  rename(conversation: ConversationId, title: string): Promise<void> {
    return this.#change(
      (one) => (one.id === conversation ? { ...one, title } : one),
      () => this.#bridge.ask('rename', { conversation, title }),
    )
  }

  async pin(conversations: ConversationId[], on: boolean): Promise<void> {
    await this.#andAgain(() => this.#bridge.ask('pin-chats', { conversations, on }))
  }

  async archive(conversations: ConversationId[], on: boolean): Promise<void> {
    const done = await this.#remove(conversations, () => this.#bridge.ask('archive-chats', { conversations, on }))
    if (done) this.undoable = { conversations, what: on ? 'archived' : 'unarchived' }
  }

  async delete(conversations: ConversationId[]): Promise<void> {
    const done = await this.#remove(conversations, () => this.#bridge.ask('delete-chats', { conversations }))
    if (done) this.undoable = { conversations, what: 'deleted' }
  }

  async undo(): Promise<void> {
    const { undoable } = this
    if (!undoable) return
    const { conversations, what } = undoable
    this.undoable = undefined
    await this.#andAgain(() =>
      what === 'deleted'
        ? this.#bridge.ask('restore-chats', { conversations })
        : this.#bridge.ask('archive-chats', { conversations, on: what === 'unarchived' }),
    )
  }

  /** That the list can be had does not take back why the work could not be done. */
  async #andAgain(work: () => Promise<unknown>): Promise<void> {
    await this.#attempt(work)
    const { problem } = this
    await this.again()
    this.problem = problem ?? this.problem
  }

  async #remove(conversations: ConversationId[], work: () => Promise<unknown>): Promise<boolean> {
    if (!(await this.#attempt(work))) return false
    this.conversations = without(this.conversations ?? [], conversations)
    this.leave()
    if ((this.conversations?.length ?? 0) < PAGE) await this.loadMore()
    return true
  }

  async #change(
    change: (one: ConversationSummary) => ConversationSummary,
    work: () => Promise<unknown>,
  ): Promise<void> {
    if (await this.#attempt(work)) this.conversations = this.conversations?.map(change)
  }

  async #attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      this.problem = undefined
      return true
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
      return false
    }
  }

  async #ask<T>(ask: () => Promise<T>, take: (answer: T) => void): Promise<void> {
    const mine = ++this.#latest
    const asking = this.#attempt(async () => {
      const answer = await ask()
      if (mine === this.#latest) take(answer)
    })
    await (this.#asking = asking.then(() => undefined))
  }
}
