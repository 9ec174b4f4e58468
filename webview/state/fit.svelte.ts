/** What of the chat the model is not sent, and what stands for it: the marks of the transcript, and what a request is made of. */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { Counted, FitDecision, SummaryView } from '../../src/shared/protocol.ts'
import type { MessageView } from '../../src/shared/view.ts'
import type { Panel } from './panel.svelte.ts'

type FittedView = NonNullable<MessageView['fitted']>

const stores = new WeakMap<Panel, FitStore>()

/** One a panel. */
export function fitOf(panel: Panel): FitStore {
  const known = stores.get(panel)
  if (known) return known
  const store = new FitStore(panel)
  stores.set(panel, store)
  return store
}

export class FitStore {
  readonly #panel: Panel
  /** The summary that stands for the beginning, once it was asked for. */
  summary: SummaryView | undefined = $state.raw()
  /** The request as it would go out now, by parts. */
  now: Counted | undefined = $state.raw()
  #asked = 0
  #looked = 0
  /** The chat that `now` is of. */
  #of: string | undefined

  constructor(panel: Panel) {
    this.#panel = panel
  }

  /** The last answer that was asked for, and how its request was cut. */
  get last(): { id: MessageId; fitted?: FittedView } | undefined {
    const entry = this.#panel.conversation.entries.findLast(({ role, stored }) => {
      return role === 'assistant' && ((stored.message as AssistantMessage).content.length > 0 || stored.fitted)
    })
    return entry && { id: entry.id, ...(entry.stored.fitted && { fitted: entry.stored.fitted }) }
  }

  /** How many earlier messages were not sent, where this message is the first that was. */
  leftBefore(id: MessageId): number {
    const fitted = this.last?.fitted
    return fitted?.from === id ? fitted.left : 0
  }

  /** What a person should know of how this answer was asked for. */
  notesOf(id: MessageId): string[] {
    const { last } = this
    if (last?.id !== id || !last.fitted) return []
    const { note, short } = last.fitted
    const shortened =
      short === undefined ? [] : ['Older results of tools were sent as their first lines alone, so that the turn fits.']
    return [...(note === undefined ? [] : [note]), ...shortened]
  }

  /** To be run as an effect: another summary counts, or another chat is shown. */
  follow(): void {
    const { conversation } = this.#panel
    const [id, wanted] = [conversation.view?.id, conversation.view?.context?.summary]
    void conversation.generation
    const turn = ++this.#asked
    if (id === undefined || wanted === undefined) this.summary = undefined
    else void this.#ask(turn)
  }

  async #ask(turn: number): Promise<void> {
    const summaries = await this.#panel.bridge.ask('summaries', {}).catch(() => [])
    if (turn === this.#asked) this.summary = summaries[0]
  }

  /** Of the request that would be sent now. Of several answers under way only that of the last question counts. */
  async look(): Promise<void> {
    const { composer, conversation, bridge } = this.#panel
    const { editing } = composer
    const turn = ++this.#looked
    if (this.#of !== conversation.view?.id) this.now = undefined
    this.#of = conversation.view?.id
    const draft = { text: composer.text, files: [], ...(editing && { parent: editing.stored.parent }) }
    const now = await bridge.ask('context', draft).catch(() => null)
    if (turn === this.#looked) this.now = now ?? undefined
  }

  async summarise(instead?: string): Promise<void> {
    await this.#panel.try('summarise', instead === undefined ? {} : { instead })
  }

  async undo(summary: string): Promise<void> {
    await this.#panel.try('undo-summary', { summary })
  }

  async cancel(): Promise<void> {
    await this.#panel.try('cancel-summary', {})
  }

  async decide(question: string, decision: FitDecision): Promise<void> {
    await this.#panel.try('decide-fit', { question, decision })
  }

  async pin(message: MessageId, pinned: boolean): Promise<void> {
    await this.#panel.try('pin-message', { message, pinned })
  }
}

export const earlier = (count: number): string => (count === 1 ? '1 earlier message' : `${count} earlier messages`)
