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
import type { BudgetDecision, BudgetQuestion, BudgetView } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import type { Budgets, Limit } from '../../usage/budgets.ts'
import type { Credits } from '../../usage/credits.ts'
import type { Bill, Priced, Short } from '../../usage/ledger.ts'
import { billOf, hold, settle } from '../../usage/ledger.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { PendingQuestions } from '../pending-questions.ts'
import { Passes } from './passes.ts'
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
  readonly #passes = new Passes()
  /** What the person let a request pass that failed then: the same again is not asked about. */
  readonly #carried = new Map<ConversationId, Passes>()
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
    const request = this.#priced(asking)
    const once = this.#carriedTo(asking.conversation)
    for (;;) {
      const now = this.#now()
      const bill = billOf(request, this.#parts.budgets(), now)
      const counts = (limit: Limit): boolean => !once.has(limit) && !this.#passes.has(limit, asking.conversation)
      const entered = this.#try(asking, request, bill, counts, once)
      if ('settle' in entered) return entered
      if (!entered.askable) return entered.failure
      const decision = await aside(this.#ask(asking, entered.views, signal))
      if (decision === 'stop') return stopped(entered.views)
      const passes = decision === 'send-all' ? this.#passes : once
      passes.add(entered.limits, decision === 'send-all' ? asking.conversation : undefined)
    }
  }

  #try(asking: Asking, request: Priced, bill: Bill, counts: (limit: Limit) => boolean, once: Passes): Ticket | Refused {
    const { conversation } = asking
    const mayAsk = conversation !== undefined && this.#parts.asks(conversation)
    if (bill.unknown && this.#parts.budgets().unknownPrice === 'ask') {
      const limits = bill.limits.filter(counts)
      const views = limits.map((limit) => this.#parts.view({ ...limit, ...this.#spent(limit) }))
      const failure = unpriced(this.#parts.nameOf(asking.target.provider, asking.target.model))
      if (limits.length > 0) return { failure, askable: mayAsk, limits, views }
    }
    const id = randomUUID()
    try {
      const short = hold(this.#parts.store().budget, id, bill, counts, this.#now())
      if (!short) return this.#ticket(id, asking, request, bill, once)
      const views = short.map((limit) => this.#parts.view(limit))
      const hard = short.filter(({ then }) => then === 'stop')
      const shown = hard.length > 0 ? hard.map((limit) => this.#parts.view(limit)) : views
      const most = request.paidBy === 'credits' ? bill.credits : bill.amount
      return { failure: met(shown, most, this.#now()), askable: mayAsk && hard.length === 0, limits: short, views }
    } catch (error) {
      this.#parts.log.error(`budgets: ${describe(error)}`)
      // Who set no budget is not kept from sending by the ledger of them.
      if (!bill.limits.some(counts)) return { settle: () => undefined }
      return { failure: unchecked(), askable: false, limits: [], views: [] }
    }
  }

  #ask(
    { conversation, target, estimate }: Asking,
    budgets: BudgetView[],
    signal: AbortSignal,
  ): Promise<BudgetDecision> {
    const model = this.#parts.nameOf(target.provider, target.model)
    const question = { model, budgets, ...(estimate !== undefined && { estimate }) }
    return this.#parts.questions.ask(conversation ?? '', question, signal)
  }

  #carriedTo(conversation: ConversationId | undefined): Passes {
    if (conversation === undefined) return new Passes()
    const carried = this.#carried.get(conversation)
    this.#carried.delete(conversation)
    return carried ?? new Passes()
  }

  #ticket(id: string, asking: Asking, request: Priced, { limits }: Bill, once: Passes): Ticket {
    this.#beat(1)
    let open = true
    return {
      settle: (outcome: Outcome) => {
        if (!open) return
        open = false
        this.#beat(-1)
        if (outcome.failure && asking.conversation !== undefined) this.#carried.set(asking.conversation, once)
        try {
          settle(this.#parts.store().budget, id, request, outcome)
          this.#parts.settled(asking, limits)
        } catch (error) {
          // What is not settled is given back once this window is gone.
          this.#parts.log.error(`budgets: what a request cost could not be written: ${describe(error)}`)
        }
      },
    }
  }

  #priced({ target, conversation, agent, workspace, inputTokens, maxOutputTokens, estimate }: Asking): Priced {
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
      tokens: inputTokens + (maxOutputTokens ?? 0),
      ...(estimate !== undefined && { estimate }),
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

/** `askable`: the person may let it pass all the same. */
type Refused = { failure: Failure; askable: boolean; limits: Limit[]; views: BudgetView[] }
