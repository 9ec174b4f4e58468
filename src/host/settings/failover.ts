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

/**
 * What cannot be used is left out and told in `problems`, in whole sentences. A provider may stand by its label, in letters of any
 * case.
 */
export function readFailover({ chain, on, after }: Raw, known: readonly Named[], problems: string[]): FailoverSettings {
  const models: ModelRef[] = []
  for (const entry of texts(chain)) {
    const model = modelIn(entry)
    const ids = model ? idsOf(model.provider, known) : []
    if (model) models.push(...ids.map((provider) => ({ ...model, provider })))
    if (!model)
      problems.push(`“${entry}” in panelist.failover is no model: write provider/model, such as openai/gpt-5.`)
    else if (ids.length === 0)
      problems.push(`“${model.provider}” in panelist.failover is no provider. Providers: ${namesOf(known)}.`)
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

export type Named = { id: string; label?: string | undefined }
/** `user` and `workspaces` as they stand in the settings. */
type Rules = { user?: unknown; workspaces: readonly unknown[] }

/**
 * The ids of providers; each of the lists can only add to the others. What forbids must not be open for how it is written: one
 * name may stand without a list, and a provider by its label, in letters of any case. What the person's own list names in
 * vain is told in `problems`; a workspace may name servers that only others of its team have.
 */
export function readNeverSendTo({ user, workspaces }: Rules, known: readonly Named[], problems: string[]): string[] {
  for (const name of namesIn(user)) {
    if (idsOf(name, known).length > 0) continue
    problems.push(
      `“${name}” in panelist.neverSendTo is no provider, so nothing is kept from one. Providers: ${namesOf(known)}.`,
    )
  }
  const ids = [user, ...workspaces].flatMap(namesIn).flatMap((name) => {
    const found = idsOf(name, known)
    return found.length > 0 ? found : [name]
  })
  return [...new Set(ids)]
}

const namesOf = (known: readonly Named[]): string => [...new Set(known.map(({ id }) => id))].join(', ')

const namesIn = (value: unknown): string[] => texts(typeof value === 'string' ? [value] : value)

/** All that it may mean. */
export function idsOf(name: string, known: readonly Named[]): string[] {
  if (known.some(({ id }) => id === name)) return [name]
  const same = (other: string | undefined): boolean => other?.toLowerCase() === name.toLowerCase()
  return [...new Set(known.filter(({ id, label }) => same(id) || same(label)).map(({ id }) => id))]
}
