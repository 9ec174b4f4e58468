/** The usage page, which is an editor tab of its own, and what the chat shows of the same statistics. */
import type { ConversationId } from '../conversation.ts'
import type { Day } from '../day.ts'
import type { ModelSpeed, UsageQuery, UsageReport } from '../usage.ts'
import type { BudgetView } from './money.ts'
import type { Empty } from './empty.ts'

/**
 * What cache reads saved over the price of input, in USD: of the models whose prices are known now. `unknown`: tokens of the
 * others.
 */
export type CacheSavings = { saved: number; unknown: number }

export type UsageView = {
  report: UsageReport
  savings: CacheSavings
  today: Day
  /** By the provider's id. */
  labels: Record<string, string>
  /** Absent where there are none. */
  budgets?: BudgetView[]
}

export type ExportFormat = 'csv' | 'json'

export type UsageRequests = {
  usage: [UsageQuery, UsageView]
  /** To a place the person chooses. */
  'export-usage': [{ query: UsageQuery; format: ExportFormat }, Empty]
  'open-chat': [{ conversation: ConversationId }, Empty]
  /** Something the page could not do, for the log. */
  report: [{ problem: string }, Empty]
}

export type ToUsageHost = {
  [Name in keyof UsageRequests]: { type: 'request'; id: number; name: Name; body: UsageRequests[Name][0] }
}[keyof UsageRequests]

/** How a provider does, told from its last requests. `text`: a sentence. `at`: of the newest of them, epoch milliseconds. */
export type ProviderHealth = { state: 'ok' | 'slow' | 'limited' | 'down'; text: string; at: number }

/** What everyday requests tell of models and providers. */
export type OwnExperience = { speeds: ModelSpeed[]; health: Record<string, ProviderHealth> }
