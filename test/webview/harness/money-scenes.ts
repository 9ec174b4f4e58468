/** Budgets that are met, and nearly met. */
import type { BudgetQuestion, BudgetView } from '../../../src/shared/protocol.ts'

/** Far in the future, so that it is named by its date. */
const resetsAt = new Date(2031, 11, 1).getTime()

export const day: BudgetView = { scope: 'day', limit: 2, used: 1.7, reserved: 0.2, warns: true }
export const month: BudgetView = { scope: 'month', limit: 40, used: 12.5, reserved: 0, resetsAt }
export const credits: BudgetView = { scope: 'credits', limit: 1_000, used: 310, reserved: 0, resetsAt, name: 'Gateway' }

export const question: BudgetQuestion = { id: 'b1', model: 'Claude Sonnet 4.5', estimate: 0.4, budgets: [day] }
