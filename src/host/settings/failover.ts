/** What is done where a provider fails, and whom nothing is sent to. */
import type { FailoverRules, ModelRef } from '../../resilience/failover.ts'
import { defaultRules } from '../../resilience/failover.ts'
import type { FailureCode } from '../../shared/failure.ts'
import { milliseconds, text, texts } from './values.ts'

export type FailoverSettings = FailoverRules & {
  /** Who is asked in turn. */
  chain: ModelRef[]
}

export const noFailover: FailoverSettings = { ...defaultRules, chain: [] }

/** What a person may name in `panelist.failoverOn`; the manifest lists the same. */
export const FAILURES: readonly FailureCode[] = [
  ...defaultRules.on,
  'truncated',
  'malformed',
  'auth',
  'permission',
  'not-found',
  'invalid-request',
  'context-length',
  'content-filter',
]

type Raw = Record<'chain' | 'on' | 'after', unknown>

/** What cannot be used is left out and told in `problems`, in whole sentences. */
export function readFailover({ chain, on, after }: Raw, problems: string[]): FailoverSettings {
  const models: ModelRef[] = []
  for (const entry of texts(chain)) {
    const model = modelIn(entry)
    if (model) models.push(model)
    else problems.push(`“${entry}” in panelist.failover is no model: write provider/model, such as openai/gpt-5.`)
  }
  const named = Array.isArray(on) ? FAILURES.filter((code) => on.includes(code)) : defaultRules.on
  return { chain: models, on: named, patience: milliseconds(after, defaultRules.patience) }
}

/** `provider/model` taken apart; undefined where it is none. */
export function modelIn(entry: string): ModelRef | undefined {
  const slash = entry.indexOf('/')
  const provider = text(entry.slice(0, Math.max(0, slash)))
  const model = text(entry.slice(slash + 1))
  return provider !== undefined && model !== undefined ? { provider, model } : undefined
}

/** The ids of providers; each of the lists can only add to the others. */
export function readNeverSendTo(...lists: unknown[]): string[] {
  return [...new Set(lists.flatMap(texts))]
}
