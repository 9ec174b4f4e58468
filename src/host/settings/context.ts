/** What happens where a conversation is longer than the window of its model. */
import type { ContextStrategy } from '../../shared/agent.ts'
import type { ModelRef } from '../../shared/protocol.ts'
import { text } from './values.ts'

export type ContextSettings = {
  strategy: ContextStrategy
  /** Who writes summaries; absent: the model of the conversation. */
  summaryModel?: ModelRef
}

const STRATEGIES: readonly string[] = ['slide', 'summarise', 'ask'] satisfies ContextStrategy[]

export function readContext(strategy: unknown, model: unknown, problems: string[]): ContextSettings {
  const named = text(model)
  const at = named?.indexOf('/') ?? -1
  if (named !== undefined && (at < 1 || at === named.length - 1))
    problems.push(
      'panelist.context.summaryModel is written as provider/model, for example "anthropic/claude-haiku-4-5".',
    )
  return {
    strategy: STRATEGIES.includes(strategy as string) ? (strategy as ContextStrategy) : 'slide',
    ...(named !== undefined &&
      at > 0 &&
      at < named.length - 1 && { summaryModel: { provider: named.slice(0, at), model: named.slice(at + 1) } }),
  }
}
