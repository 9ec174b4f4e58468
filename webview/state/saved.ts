/** What survives a reload of the page: which conversation was shown, and what was typed in each. */
import type { ConversationId } from '../../src/shared/conversation.ts'
import type { Api } from '../bridge.ts'

type State = { conversation?: ConversationId; drafts: Record<ConversationId, string> }

const WRITE_AFTER_MS = 250
/** Drafts of more conversations than this: the oldest are dropped. */
const MOST_DRAFTS = 50

export class SavedState {
  readonly #api: Api
  readonly #state: State
  #timer = 0

  constructor(api: Api) {
    this.#api = api
    const saved = api.getState() as Partial<State> | null | undefined
    this.#state = { drafts: {}, ...saved }
    window.addEventListener('pagehide', () => this.#write())
    document.addEventListener('visibilitychange', () => this.#write())
  }

  get conversation(): ConversationId | undefined {
    return this.#state.conversation
  }

  set conversation(id: ConversationId | undefined) {
    if (id === undefined) delete this.#state.conversation
    else this.#state.conversation = id
    this.#later()
  }

  draft(id: ConversationId): string {
    return this.#state.drafts[id] ?? ''
  }

  setDraft(id: ConversationId, text: string): void {
    delete this.#state.drafts[id]
    if (text) this.#state.drafts[id] = text
    const [oldest, ...rest] = Object.keys(this.#state.drafts)
    if (oldest !== undefined && rest.length >= MOST_DRAFTS) delete this.#state.drafts[oldest]
    this.#later()
  }

  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#write(), WRITE_AFTER_MS)
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#api.setState(this.#state)
  }
}
