/**
 * The gate that no request passes without its money being held: the person's own, under their budgets, or the shared
 * credits of its connection. Where a budget is met the person is asked, or nothing is sent.
 */
import { randomUUID } from 'node:crypto'
import type { Asking, Gate, Outcome, Ticket } from '../../resilience/admission.ts'
import type { Aside } from '../../resilience/deadline.ts'
import { noAside } from '../../resilience/deadline.ts'
import type { ConversationId, PaidBy } from '../../shared/conversation.ts'
import type { Failure } from '../../shared/failure.ts'
import { isUsedUp } from '../../shared/ledger.ts'
import type { BudgetDecision, BudgetQuestion, BudgetView } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import type { Budgets, Limit } from '../../usage/budgets.ts'
import type { Credits } from '../../usage/credits.ts'
import type { Bill, Priced, Short } from '../../usage/ledger.ts'
import { billOf, hold, settle } from '../../usage/ledger.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { PendingQuestions } from '../pending-questions.ts'
import { persist } from '../persist.ts'
import type { Reason } from './passes.ts'
import { AnswerPasses, Passes } from './passes.ts'
import { met, stopped, unchecked, unpriced } from './words.ts'

export type BudgetGateParts = {
  store: () => Pick<Store, 'budget' | 'heartbeat'>
  budgets(): Budgets
  creditsOf(provider: string): Credits | undefined
  paidBy(provider: string, keyProfile: string | undefined): PaidBy | undefined
  questions: PendingQuestions<BudgetQuestion, BudgetDecision>
  /** False where nobody looks at what this conversation is asked for: it is not asked about then. */
  asks(conversation: ConversationId): boolean
  view(limit: Short): BudgetView
  nameOf(provider: string, model: string): string
  log: Pick<Log, 'info' | 'error'>
  /** Something was settled. */
  settled(request: Asking, limits: readonly Limit[]): void
  clock?: () => number
}

/** A window that has not said for half a minute that it lives loses what it holds. */
const HEARTBEAT_MS = 5_000

export class BudgetGate implements Gate {
  readonly name = 'budget'
  readonly #parts: BudgetGateParts
  readonly #ofChats = new Passes()
  readonly #ofAnswers = new AnswerPasses()
  #held = 0
  #beating: NodeJS.Timeout | undefined

  constructor(parts: BudgetGateParts) {
    this.#parts = parts
  }

  async enter(
    asking: Asking,
    signal: AbortSignal,
    _waiting?: unknown,
    aside: Aside = noAside,
  ): Promise<Ticket | Failure> {
    try {
      return await this.#enter(asking, signal, aside)
    } catch (error) {
      this.#parts.log.error(`budgets: ${describe(error)}`)
      return unchecked()
    }
  }

  async #enter(asking: Asking, signal: AbortSignal, aside: Aside): Promise<Ticket | Failure> {
    const { conversation } = asking
    const request = this.#priced(asking)
    const once = this.#ofAnswers.of(asking)
    for (;;) {
      const bill = billOf(request, this.#parts.budgets(), this.#now())
      const counts =
        (reason: Reason) =>
        (limit: Limit): boolean =>
          !once.has(reason, limit) && !this.#ofChats.has(reason, limit, conversation)
      const entered =
        this.#unpriced(asking, bill, counts('unknown')) ?? this.#hold(asking, request, bill, counts('met'))
      if ('settle' in entered) return entered
      if (!entered.askable) return entered.failure
      const decision = await aside(this.#ask(asking, entered.views, signal))
      if (decision === 'stop') return stopped(entered.views)
      for (const { reason, limits } of entered.waived)
        if (decision === 'send-all') this.#ofChats.add(reason, limits, conversation)
        else once.add(reason, limits)
      if (decision !== 'send-all') this.#ofAnswers.keep(asking, once)
    }
  }

  /** Undefined where nothing is in the way of sending what nobody knows the price of, or the price is known. */
  #unpriced(asking: Asking, bill: Bill, counts: (limit: Limit) => boolean): Refused | undefined {
    if (!bill.unknown || this.#parts.budgets().unknownPrice !== 'ask') return undefined
    const limits = bill.limits.filter(counts)
    if (limits.length === 0) return undefined
    const standing = limits.map((limit) => ({ ...limit, ...this.#spent(limit) }))
    const { hard, views } = this.#viewed(standing)
    const { provider, model } = asking.target
    const failure = unpriced(this.#parts.nameOf(provider, model), hard)
    // The person is shown which of them are used up: they are not asked about those once more.
    const usedUp = standing.filter((limit) => isUsedUp(limit.cap, limit))
    const waived: Waived[] = [
      { reason: 'unknown', limits },
      { reason: 'met', limits: usedUp },
    ]
    return { failure, askable: this.#mayAsk(asking, hard), waived, views }
  }

  #hold(asking: Asking, request: Priced, bill: Bill, counts: (limit: Limit) => boolean): Ticket | Refused {
    const id = asking.request ?? randomUUID()
    try {
      const short = hold(this.#parts.store().budget, id, bill, counts, this.#now())
      if (!short) return this.#ticket(id, asking, request, bill)
      const { hard, views } = this.#viewed(short)
      const most = bill.unknown ? undefined : request.paidBy === 'credits' ? bill.credits : bill.amount
      const failure = met(hard.length > 0 ? hard : views, most, this.#now(), isWider(asking))
      return { failure, askable: this.#mayAsk(asking, hard), waived: [{ reason: 'met', limits: short }], views }
    } catch (error) {
      // Who set no budget is not kept from sending by the ledger of them.
      if (bill.limits.some(counts)) throw error
      this.#parts.log.error(`budgets: ${describe(error)}`)
      return { settle: () => undefined }
    }
  }

  /** `hard`: those of them that nobody may pass. */
  #viewed(limits: readonly Short[]): { hard: BudgetView[]; views: BudgetView[] } {
    const view = (limit: Short): BudgetView => this.#parts.view(limit)
    return { hard: limits.filter(({ then }) => then === 'stop').map(view), views: limits.map(view) }
  }

  #mayAsk({ conversation }: Asking, hard: readonly BudgetView[]): boolean {
    return hard.length === 0 && conversation !== undefined && this.#parts.asks(conversation)
  }

  #ask(asking: Asking, budgets: BudgetView[], signal: AbortSignal): Promise<BudgetDecision> {
    const { conversation, target, estimate, held } = asking
    const model = this.#parts.nameOf(target.provider, target.model)
    const question = {
      model,
      budgets,
      ...(estimate !== undefined && { estimate }),
      ...(held?.cost !== undefined && isWider(asking) && { held: held.cost }),
    }
    return this.#parts.questions.ask(conversation ?? '', question, signal)
  }

  #ticket(id: string, asking: Asking, request: Priced, { limits }: Bill): Ticket {
    this.#beat(1)
    let open = true
    return {
      settle: (outcome: Outcome) => {
        if (!open) return
        open = false
        const { store, log } = this.#parts
        const write = (): void => settle(store().budget, id, request, outcome)
        // This window lives on for what it still holds. What it never comes to settle others do once it is gone.
        persist('budgets: what a request cost', write, log, (written) => {
          this.#beat(-1)
          if (written) this.#tell(asking, limits)
        })
      },
    }
  }

  #tell(asking: Asking, limits: readonly Limit[]): void {
    try {
      this.#parts.settled(asking, limits)
    } catch (error) {
      this.#parts.log.error(`budgets: ${describe(error)}`)
    }
  }

  #priced({ target, conversation, agent, workspace, inputTokens, maxOutputTokens, estimate, held }: Asking): Priced {
    const { provider, keyProfile } = target
    return {
      place: {
        ...(conversation !== undefined && { conversation }),
        ...(agent !== undefined && { agent }),
        ...(workspace !== undefined && { workspace }),
      },
      provider,
      paidBy: this.#parts.paidBy(provider, keyProfile),
      credits: this.#parts.creditsOf(provider),
      tokens: (held?.inputTokens ?? inputTokens) + (maxOutputTokens ?? 0),
      ...(estimate !== undefined && { estimate: held?.cost ?? estimate }),
    }
  }

  #spent({ cap }: Limit): { used: number; reserved: number } {
    return this.#parts.store().budget.spent([cap])[0] ?? { used: 0, reserved: 0 }
  }

  #beat(more: 1 | -1): void {
    this.#held += more
    if (this.#held === 1 && more === 1) {
      this.#beating = setInterval(() => this.#live(), HEARTBEAT_MS)
      this.#beating.unref()
    }
    if (this.#held === 0) clearInterval(this.#beating)
  }

  #live(): void {
    try {
      this.#parts.store().heartbeat()
    } catch (error) {
      this.#parts.log.error(`budgets: ${describe(error)}`)
    }
  }

  #now(): number {
    return (this.#parts.clock ?? Date.now)()
  }
}

/** So much more is held than was estimated that a person would notice. */
function isWider({ estimate = 0, held, inputTokens, maxOutputTokens = 0 }: Asking): boolean {
  if (!held) return false
  const notable = (one: number, other: number): boolean => one > other * 1.05
  return held.cost === undefined
    ? notable(held.inputTokens + maxOutputTokens, inputTokens + maxOutputTokens)
    : notable(held.cost, estimate)
}

/** What the person lets pass with it. */
type Waived = { reason: Reason; limits: Limit[] }
/** `askable`: the person may let it pass all the same. */
type Refused = { failure: Failure; askable: boolean; waived: Waived[]; views: BudgetView[] }
