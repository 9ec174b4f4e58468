/** The settings as values. What decides where bytes and keys go is read from the user's own settings only. */
import * as vscode from 'vscode'
import type { Timeouts } from '../resilience/timeouts.ts'
import { defaultTimeouts } from '../resilience/timeouts.ts'
import { isObject } from '../shared/json.ts'
import { isLoopback } from './address.ts'

export type ProviderSettings = {
  baseUrl?: string
  headers?: Record<string, string>
  useEnvironmentKey?: boolean
  demo?: boolean
}

export type Settings = {
  provider?: string
  model?: string
  /** Where `provider` and `model` come from. */
  origin: 'workspace' | 'user' | 'default'
  /** Tokens. */
  maxOutputTokens?: number
  systemPrompt: string
  providers: Record<string, ProviderSettings>
  timeouts: Timeouts
  /** Sentences about values that cannot be used. */
  problems: string[]
}

export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration('panelist')
  const user = <T>(key: string): T | undefined => configuration.inspect<T>(key)?.globalValue
  const workspace = <T>(key: string): T | undefined => {
    if (!vscode.workspace.isTrusted) return undefined
    const values = configuration.inspect<T>(key)
    return values?.workspaceFolderValue ?? values?.workspaceValue
  }
  const problems: string[] = []
  const settings: Settings = {
    ...chooseModel(
      { provider: text(workspace('provider')), model: text(workspace('model')) },
      { provider: text(user('provider')), model: text(user('model')) },
    ),
    systemPrompt: text(user('systemPrompt')) ?? '',
    providers: readProviders(user('providers'), problems),
    timeouts: {
      connect: milliseconds(user('timeouts.connect'), defaultTimeouts.connect),
      firstToken: milliseconds(user('timeouts.firstToken'), defaultTimeouts.firstToken),
      idle: milliseconds(user('timeouts.idle'), defaultTimeouts.idle),
      total: milliseconds(user('timeouts.total'), defaultTimeouts.total),
    },
    problems,
  }
  const limits = [tokens(user('maxOutputTokens')), tokens(workspace('maxOutputTokens'))].filter(
    (limit) => limit !== undefined,
  )
  if (limits.length > 0) settings.maxOutputTokens = Math.min(...limits)
  return settings
}

type Pair = { provider: string | undefined; model: string | undefined }

/** A workspace wins, but the user's model is not asked of another provider than the one it was set for. */
function chooseModel(workspace: Pair, user: Pair): Pick<Settings, 'provider' | 'model' | 'origin'> {
  const provider = workspace.provider ?? user.provider
  const model = workspace.model ?? (provider === user.provider ? user.model : undefined)
  const origin = workspace.provider || workspace.model ? 'workspace' : provider || model ? 'user' : 'default'
  return { ...(provider && { provider }), ...(model && { model }), origin }
}

function readProviders(value: unknown, problems: string[]): Record<string, ProviderSettings> {
  const providers: Record<string, ProviderSettings> = {}
  if (!isObject(value)) return providers
  for (const [id, entry] of Object.entries(value)) {
    if (!isObject(entry)) {
      problems.push(`The setting panelist.providers.${id} must be an object.`)
      continue
    }
    const provider: ProviderSettings = {}
    if (text(entry.baseUrl) !== undefined) {
      const baseUrl = validUrl(text(entry.baseUrl) ?? '')
      if (baseUrl) provider.baseUrl = baseUrl
      else
        problems.push(
          `panelist.providers.${id}.baseUrl is not an http or https address, or has a password in it. Nothing is sent to ${id} until it is.`,
        )
      // An unusable endpoint must not fall back to the default one, so it stays as an address that cannot be reached.
      provider.baseUrl ??= 'http://invalid.invalid'
    }
    if (isObject(entry.headers)) provider.headers = strings(entry.headers)
    if (entry.useEnvironmentKey === true) provider.useEnvironmentKey = true
    if (entry.demo === true && isLoopback(provider.baseUrl)) provider.demo = true
    providers[id] = provider
  }
  return providers
}

function validUrl(value: string): string | undefined {
  const url = URL.parse(value)
  return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? value.replace(/\/+$/, '') : undefined
}

function strings(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

function tokens(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}

function milliseconds(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? value * 1000 : fallback
}
