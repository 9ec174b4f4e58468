/** The requests of one turn: the branch it stands on with what it has written so far, and what goes before the messages. */
import type { Aside } from '../resilience/deadline.ts'
import type { Guidance } from '../shared/agent.ts'
import type { Conversation, MessageId } from '../shared/conversation.ts'
import type { Message } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'
import type { Store } from '../store/store.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import type { Connected } from './connections.ts'
import type { CustomisingOfTurn } from './customisation/turn.ts'
import { guidanceOf, SystemOfTurn } from './customisation/turn.ts'
import type { FitOutcome, Fitting, TooLong } from './fitting/fitting.ts'
import type { Past } from './fitting/past.ts'
import { specsFor, systemWith } from './request.ts'
import type { Settings } from './settings.ts'

export type TurnRequestsParts = {
  conversation: Conversation
  /** The message that the turn answers. */
  parent: MessageId | null
  store: () => Store
  /** The branch down to `parent`, where others that begin now have read it. */
  before?(): readonly Past[]
  settings: () => Settings
  customising?: CustomisingOfTurn | undefined
  fitting: Pick<Fitting, 'fit'>
}

/** `after`: the first request was refused as too long. */
export type TurnRequest = {
  chosen: Chosen
  connected: Connected
  toolbox: Toolbox | undefined
  after?: TooLong | undefined
  /** Stands around each question to the person. */
  aside: Aside
}

export class TurnRequests {
  readonly #parts: TurnRequestsParts
  readonly #system: SystemOfTurn
  /** The rows of the turn so far, in the order of its messages. */
  readonly #rows: Pick<Past, 'id' | 'fitted'>[] = []
  /** Another model was chosen while the turn waited for that: from then on as it stands in the store. */
  #reread = false
  #asked = false

  constructor(parts: TurnRequestsParts) {
    this.#parts = parts
    this.#system = new SystemOfTurn(parts.customising, parts.conversation)
  }

  get conversation(): Conversation {
    const { conversation, store } = this.#parts
    return (this.#reread ? store().conversations.get(conversation.id) : undefined) ?? conversation
  }

  /** One more row of the turn, in the order in which its messages come. */
  wrote({ id, fitted }: Pick<Past, 'id' | 'fitted'>): void {
    this.#rows.push({ id, ...(fitted && { fitted }) })
  }

  /** `turn`: its messages so far. `guide` is told what the answer is made with. */
  async make(
    turn: readonly Message[],
    { chosen, connected, toolbox, after, aside }: TurnRequest,
    guide: (guidance: Guidance) => void,
    signal: AbortSignal,
  ): Promise<FitOutcome | undefined> {
    const { settings, fitting } = this.#parts
    const before = this.#before()
    const items = [...before, ...turn.map((message, at) => ({ id: '', ...this.#rows[at], message }))]
    const tools = specsFor(chosen, toolbox)
    const told = items.map(({ message }) => message)
    const prompt = await this.#system.prompt(told, tools)
    const guidance = guidanceOf(chosen, prompt)
    if (guidance) guide(guidance)
    const outcome = await fitting.fit(
      {
        conversation: this.conversation,
        items,
        chosen,
        aside,
        reader: { provider: connected.provider.id, dialect: connected.info.dialect },
        tools,
        toolTokens: tools.length > 0 ? (toolbox?.tokens ?? 0) : 0,
        ...systemWith(prompt?.text, tools, toolbox, settings()),
      },
      signal,
      after,
    )
    if (outcome && 'again' in outcome) this.#reread = true
    return outcome
  }

  /** Read anew for each request but the first: the person may have pinned or removed something meanwhile. */
  #before(): readonly Past[] {
    const { conversation, parent, store, before } = this.#parts
    const known = this.#asked ? undefined : before?.()
    this.#asked = true
    return known ?? (parent === null ? [] : store().messages.branch(conversation.id, parent))
  }
}
