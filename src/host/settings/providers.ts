/** `panelist.providers`: what the person set for each provider, and the servers they named themselves. */
import type { Connection } from '../../llm/types.ts'
import { isObject } from '../../shared/json.ts'
import type { Credits } from '../../usage/credits.ts'
import { isLoopback } from '../address.ts'
import { readCredits } from './budgets.ts'
import { strings, text, texts } from './values.ts'

export type ProviderSettings = {
  /** What a server of the person's own is called. */
  label?: string
  /** Its wire format; Chat Completions where absent. */
  dialect?: NonNullable<Connection['dialect']>
  baseUrl?: string
  headers?: Record<string, string>
  useEnvironmentKey?: boolean
  /** The variable a key of the environment is read from, for a server of the person's own. */
  environmentVariable?: string
  /** Absent: it is offered. */
  enabled?: false
  /** The model new chats begin with. */
  defaultModel?: string
  demo?: boolean
  /** The names of the keys that stand in for each other, in this order. */
  rotateKeys?: string[]
  /** A team pays for it: what there is to draw from. */
  credits?: Credits
}

/** Ids name secrets and cached lists, so they hold nothing that could be taken for a separator. */
const ID = /^[a-z0-9][a-z0-9_-]*$/i
const DIALECTS = ['openai-chat', 'openai-responses', 'anthropic'] as const
/** An unusable endpoint must not fall back to the default one: an address that cannot be reached stands for it. */
export const NOWHERE = 'http://invalid.invalid'

/** What cannot be used is left out and told in `problems`, in whole sentences. */
export function readProviders(value: unknown, problems: string[]): Record<string, ProviderSettings> {
  const providers: Record<string, ProviderSettings> = {}
  if (!isObject(value)) return providers
  for (const [id, entry] of Object.entries(value)) {
    const name = `panelist.providers.${id}`
    if (!ID.test(id)) problems.push(`“${id}” in panelist.providers is no usable name: use letters, digits, - and _.`)
    else if (!isObject(entry)) problems.push(`The setting ${name} must be an object.`)
    else providers[id] = readProvider(id, name, entry, problems)
  }
  return providers
}

function readProvider(id: string, name: string, entry: Record<string, unknown>, problems: string[]): ProviderSettings {
  const provider: ProviderSettings = {}
  const address = text(entry.baseUrl)
  if (address !== undefined) {
    provider.baseUrl = validUrl(address) ?? NOWHERE
    if (provider.baseUrl === NOWHERE)
      problems.push(
        `${name}.baseUrl is not an http or https address, or has a password in it. Nothing is sent to ${id} until it is.`,
      )
  }
  const dialect = DIALECTS.find((known) => known === entry.dialect)
  if (dialect) provider.dialect = dialect
  else if (entry.dialect !== undefined) problems.push(`${name}.dialect must be one of ${DIALECTS.join(', ')}.`)
  const words = ['label', 'environmentVariable', 'defaultModel'] as const
  for (const field of words) {
    const given = text(entry[field])
    if (given !== undefined) provider[field] = given
  }
  if (isObject(entry.headers)) provider.headers = strings(entry.headers)
  if (entry.useEnvironmentKey === true) provider.useEnvironmentKey = true
  if (entry.enabled === false) provider.enabled = false
  const rotated = texts(entry.rotateKeys)
  if (rotated.length > 0) provider.rotateKeys = [...new Set(rotated)]
  if (entry.demo === true && isLoopback(provider.baseUrl)) provider.demo = true
  const credits = readCredits(entry.credits, `${name}.credits`, problems)
  if (credits) provider.credits = credits
  return provider
}

/** The address without slashes at its end; undefined where it is none that can be asked. */
export function validUrl(value: string): string | undefined {
  const url = URL.parse(value)
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? value.replace(/\/+$/, '') : undefined
}
