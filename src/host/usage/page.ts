/** What the usage page asks, seen from the host. */
import type { ConversationId } from '../../shared/conversation.ts'
import { dayOf } from '../../shared/day.ts'
import type { BudgetView, ModelGroup, ToUsageHost, ToWebview, UsageRequests } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import { cacheSavings } from '../../usage/statistics.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import { csvOf, jsonOf } from './export.ts'

export type UsagePageParts = {
  store(): Store
  /** What is known of models, with their prices. */
  models(): Promise<ModelGroup[]>
  budgets?(): Promise<BudgetView[]>
  saveFile(name: string, bytes: Uint8Array): Promise<void>
  openChat(conversation: ConversationId): void
  log: Log
  now?: () => number
}

type Handlers = { [Name in keyof UsageRequests]: (body: UsageRequests[Name][0]) => Promise<UsageRequests[Name][1]> }

/** Answers one request; an error is the page's to show. Never rejects. */
export type UsageReceiver = (message: ToUsageHost, post: (answer: ToWebview) => void) => Promise<void>

export function usagePage(parts: UsagePageParts): UsageReceiver {
  const handlers = handlersOf(parts)
  return async ({ id, name, body }, post) => {
    try {
      const handle = handlers[name] as (body: unknown) => Promise<unknown>
      post({ type: 'response', id, body: await handle(body) })
    } catch (error) {
      parts.log.error(`${name}: ${describe(error)}`)
      post({ type: 'error', id, message: error instanceof Error ? error.message : String(error) })
    }
  }
}

function handlersOf({ store, models, budgets, saveFile, openChat, log, now = Date.now }: UsagePageParts): Handlers {
  return {
    async usage(query) {
      const [groups, limits] = await Promise.all([models(), budgets?.()])
      const report = store().usage.report(query)
      const prices = new Map(
        groups.flatMap(({ models: all }) => all.map(({ provider, id, price }) => [`${provider}\n${id}`, price])),
      )
      return {
        report,
        savings: cacheSavings(report.by.model, (provider, model) => prices.get(`${provider}\n${model}`)),
        today: dayOf(now()),
        labels: labelsOf(groups),
        ...(limits && limits.length > 0 && { budgets: limits }),
      }
    },
    async 'export-usage'({ query, format }) {
      const { usage } = store()
      const rows = usage.rows(query)
      const text = format === 'csv' ? csvOf(rows) : jsonOf(query, usage.report(query), rows, now())
      const days = [query.from, query.to ?? dayOf(now())].filter((day) => day !== undefined).join('-to-')
      await saveFile(`panelist-usage-${days}.${format}`, new TextEncoder().encode(text))
      return {}
    },
    async 'open-chat'({ conversation }) {
      if (!store().conversations.get(conversation)) throw new Error('This chat is no longer there.')
      openChat(conversation)
      return {}
    },
    async report({ problem }) {
      log.error(`usage page: ${problem}`)
      return {}
    },
  }
}

/** Where several are called the same, which of them it is stands beside it. */
function labelsOf(groups: readonly ModelGroup[]): Record<string, string> {
  const called = Map.groupBy(groups, ({ label }) => label)
  return Object.fromEntries(
    groups.map(({ provider, label }) => {
      const isOnly = label === provider || called.get(label)?.length === 1
      return [provider, isOnly ? label : `${label} (${provider})`]
    }),
  )
}
