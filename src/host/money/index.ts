/** Everything of a window that keeps what is spent within its budgets: the gate, its questions, and how budgets stand. */
import type { Asking, Gate } from '../../resilience/admission.ts'
import type { Conversation, ConversationId, PaidBy } from '../../shared/conversation.ts'
import type { EntryPlace } from '../../shared/ledger.ts'
import type { BudgetDecision, BudgetQuestion, BudgetView, MoneyState, Notice } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import type { Budgets, Limit } from '../../usage/budgets.ts'
import { limitsOf, periodOf } from '../../usage/budgets.ts'
import type { Credits } from '../../usage/credits.ts'
import { limitOfCredits, paidBy } from '../../usage/credits.ts'
import type { Short } from '../../usage/ledger.ts'
import type { Memory } from '../choice.ts'
import type { Log } from '../log.ts'
import { PendingQuestions } from '../pending-questions.ts'
import { BudgetGate } from './gate.ts'
import { Told } from './told.ts'
import type { UnseenParts } from './unseen.ts'
import { UnseenQuestions } from './unseen.ts'
import { Warnings } from './warnings.ts'
import { warning } from './words.ts'

export type MoneyParts = {
  store: () => Pick<Store, 'budget' | 'heartbeat' | 'conversations'>
  budgets(): Budgets
  /** Of each connection that is marked as shared, by the provider's id. */
  credits(): Record<string, Credits>
  /** What a person calls a model, or a provider. */
  nameOf?(provider: string, model?: string): string | undefined
  memory: Memory
  log: Pick<Log, 'info' | 'error'>
  notices: { add(notice: Notice): void; dismiss(id: string): void }
  /** True while an answer is written there. */
  running(conversation: ConversationId): boolean
  /** What is to be shown with this conversation is something else now. */
  changed(conversation: ConversationId): void
  /** How a person hears of what is asked in a chat that they do not see. */
  unseen?: UnseenParts
  clock?: () => number
}

export class WindowMoney {
  readonly gate: Gate
  readonly questions: PendingQuestions<BudgetQuestion, BudgetDecision>
  readonly #parts: MoneyParts
  readonly #told: Told
  readonly #warnings: Warnings
  readonly #unseen: UnseenQuestions | undefined

  constructor(parts: MoneyParts) {
    this.#parts = parts
    this.#told = new Told(parts.memory)
    this.#warnings = new Warnings({ notices: parts.notices, now: () => this.#now() })
    this.questions = new PendingQuestions<BudgetQuestion, BudgetDecision>((conversation) => {
      parts.changed(conversation)
      this.#unseen?.changed(conversation)
    }, 'stop')
    const asked = (conversation: ConversationId): BudgetQuestion | undefined => this.questions.of(conversation)
    this.#unseen = parts.unseen && new UnseenQuestions(parts.unseen, asked, (conversation) => this.#title(conversation))
    this.gate = new BudgetGate({
      ...parts,
      creditsOf: (provider) => parts.credits()[provider],
      paidBy: (provider, keyProfile) => this.paidBy(provider, keyProfile),
      questions: this.questions,
      asks: (conversation) => parts.running(conversation),
      view: (limit) => this.#view(limit),
      nameOf: (provider, model) => parts.nameOf?.(provider, model) ?? model,
      settled: (asking, limits) => this.#settled(asking, limits),
    })
  }

  /** Whose money a request costs that is made with this key. */
  paidBy(provider: string, keyProfile: string | undefined): PaidBy | undefined {
    return paidBy(this.#parts.credits()[provider], keyProfile)
  }

  /** What the person sees is something else now. */
  look(): void {
    this.#unseen?.look()
  }

  /** Budgets may be other ones now. */
  settingsChanged(): void {
    const { budgets, credits } = this.#parts
    const gone = this.#warnings.keep(({ scope, cap: { key, limit } }) => {
      const now = scope === 'credits' ? credits()[key ?? '']?.allowance : budgets()[scope]?.limit
      return now === limit
    })
    for (const limit of gone) this.#told.forget(limit)
  }

  /** Every budget that holds there, and all shared credits. */
  views(place: Omit<EntryPlace, 'pool'>): BudgetView[] {
    const { budgets, credits } = this.#parts
    const now = this.#now()
    const shared = Object.entries(credits()).map(([provider, one]) => limitOfCredits(provider, one, now))
    return this.#viewsOf([...limitsOf(budgets(), place, now), ...shared])
  }

  /** What is the same for all chats of this window, and each agent's that cost something since its budget began. */
  overview(workspace: string | undefined): BudgetView[] {
    const { budgets, store } = this.#parts
    const now = this.#now()
    const shared = this.views(workspace === undefined ? {} : { workspace })
    if (!budgets().agent) return shared
    const agents = store().budget.agents(periodOf('month', now).since)
    const limits = agents.flatMap((agent) => limitsOf(budgets(), { agent }, now))
    return [...shared, ...this.#viewsOf(limits.filter(({ scope }) => scope === 'agent'))]
  }

  /** `agent`: in use there. Undefined where there is nothing to show. */
  state(
    id: ConversationId,
    stored: Conversation | undefined,
    workspace?: string,
    agent?: string,
  ): MoneyState | undefined {
    const asking = this.questions.of(id)
    const folder = stored?.workspace ?? workspace
    const place = {
      conversation: id,
      ...(agent !== undefined && { agent }),
      ...(folder !== undefined && { workspace: folder }),
    }
    const warning = this.views(place).filter(({ warns }) => warns)
    if (!asking && warning.length === 0) return undefined
    return { ...(asking && { asking }), ...(warning.length > 0 && { warning }) }
  }

  #viewsOf(limits: readonly Limit[]): BudgetView[] {
    if (limits.length === 0) return []
    const spent = this.#parts.store().budget.spent(limits.map(({ cap }) => cap))
    return limits.map((limit, at) => this.#view({ ...limit, ...(spent[at] ?? { used: 0, reserved: 0 }) }))
  }

  #view({ scope, cap, warnAt, used, reserved, resetsAt }: Short): BudgetView {
    const name = scope === 'agent' ? agentName(cap.key) : scope === 'credits' ? this.#label(cap.key) : undefined
    return {
      scope,
      limit: cap.limit,
      used,
      reserved,
      ...(resetsAt !== undefined && { resetsAt }),
      ...(used >= warnAt * cap.limit && { warns: true as const }),
      ...(name !== undefined && { name }),
    }
  }

  /** A notice stands in every panel: “this chat” would be another one there. */
  #named(view: BudgetView, conversation: string | undefined): BudgetView {
    if (view.scope !== 'conversation' || conversation === undefined) return view
    const title = this.#title(conversation)
    return title ? { ...view, name: title } : view
  }

  #title(conversation: ConversationId): string | undefined {
    return this.#parts.store().conversations.get(conversation)?.title
  }

  #label(provider: string | undefined): string | undefined {
    return provider === undefined ? undefined : (this.#parts.nameOf?.(provider) ?? provider)
  }

  /** Whoever crosses the share of a budget says so, once for as long as the budget counts. */
  #settled({ conversation }: Asking, limits: readonly Limit[]): void {
    const changed = (): void => {
      if (conversation !== undefined) this.#parts.changed(conversation)
    }
    this.#viewsOf(limits).forEach((view, at) => {
      const limit = limits[at]
      if (!limit) return
      const { key } = limit.cap
      const id = ['budget', view.scope, ...(key === undefined ? [] : [key])].join('-')
      const isOver = limit.resetsAt !== undefined && limit.resetsAt <= this.#now()
      if (!view.warns || isOver) return this.#warnings.dismiss(id)
      if (!this.#told.isNews(limit)) return
      this.#warnings.add(id, warning(this.#named(view, key)), limit, changed)
    })
    if (limits.length > 0) changed()
  }

  #now(): number {
    return (this.#parts.clock ?? Date.now)()
  }
}

/** `workspace:reviewer` stands for the file reviewer. */
const agentName = (id: string | undefined): string | undefined => id?.slice(id.indexOf(':') + 1)
