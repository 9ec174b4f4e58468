/** Budgets and shared credits: how each stands, and what a person is asked where one is met. */
import type { Empty } from './empty.ts'

export type BudgetScope = 'conversation' | 'agent' | 'workspace' | 'day' | 'month' | 'credits'

/**
 * How a budget stands. USD; of `credits` they are credits. `reserved` is held for requests that are under way.
 * `resetsAt`: epoch milliseconds, absent where it never does. `warns`: its warning share is reached.
 */
export type BudgetView = {
  scope: BudgetScope
  limit: number
  used: number
  reserved: number
  resetsAt?: number
  warns?: true
  /** Of an agent its name, of credits the provider's label, of a chat that is not the one shown its title. */
  name?: string
}

/**
 * Asked before a request that does not fit under these budgets, or whose price nobody knows (`estimate` absent, then
 * `budgets` are those that cannot be held to). `estimate`: what it may cost at most, USD. `held`: what is held for it,
 * where that is more because the estimate is a guess so far. `model`: its name.
 */
export type BudgetQuestion = { id: string; model: string; estimate?: number; held?: number; budgets: BudgetView[] }

/** `send-all`: and do not ask again in this chat, until the budget begins anew. `stop`: nothing is sent. */
export type BudgetDecision = 'send' | 'send-all' | 'stop'

/** What of money is to be shown with a chat: a question, and the budgets that are nearly used up. */
export type MoneyState = { asking?: BudgetQuestion; warning?: BudgetView[] }

export type MoneyRequests = {
  /** All budgets that hold for this chat as it stands. */
  budgets: [Empty, BudgetView[]]
  'decide-budget': [{ question: string; decision: BudgetDecision }, Empty]
}
