/** The settings as values. What decides where bytes and keys go is read from the user's own settings only. */
import * as vscode from 'vscode'
import type { Kinds } from './customisation/discover.ts'
import { readKinds } from './settings/instructions.ts'
import type { Limits } from '../agent/limits.ts'
import { defaultLimits } from '../agent/limits.ts'
import { providers } from '../llm/registry.ts'
import type { RetrySettings } from '../resilience/schedule.ts'
import { defaultRetry } from '../resilience/schedule.ts'
import type { Timeouts } from '../resilience/timeouts.ts'
import { defaultTimeouts } from '../resilience/timeouts.ts'
import { isObject } from '../shared/json.ts'
import type { Budgets } from '../usage/budgets.ts'
import { readBudgets } from './settings/budgets.ts'
import { readRateLimits } from './settings/rates.ts'
import type { RateLimit } from '../resilience/rate/limits.ts'
import { readFailover, readNeverSendTo } from './settings/failover.ts'
import type { FailoverSettings } from './settings/failover.ts'
import { readContext } from './settings/context.ts'
import type { ContextSettings } from './settings/context.ts'
import { readModels } from './settings/models.ts'
import type { ModelEntry } from './settings/models.ts'
import { readTelemetry } from './settings/telemetry.ts'
import type { TelemetrySettings } from './settings/telemetry.ts'
import { readProviders } from './settings/providers.ts'
import type { ProviderSettings } from './settings/providers.ts'
import { count, milliseconds, strings, text, texts, tokens } from './settings/values.ts'
import { info as editor } from './vscode-models/offer.ts'

export type { ModelEntry, ProviderSettings }

export type ToolSettings = {
  enabled: boolean
  /** Panelist's own tools that only read inside the workspace run without a question. */
  readsUnasked: boolean
  /** Models are told of the tools of other extensions as well. */
  fromExtensions: boolean
  /** Hosts that may be fetched from although they are not public: `localhost:3000`. */
  allowedHosts: string[]
  /** When a turn pauses: requests, USD, milliseconds. */
  limits: Limits
}

export type Settings = {
  provider?: string
  model?: string
  /** Where `provider` and `model` come from. */
  origin: 'workspace' | 'user' | 'default'
  /** Tokens. */
  maxOutputTokens?: number
  systemPrompt: string
  /** Who names new chats: a model of the provider that answered, or their first words. */
  titles: 'model' | 'words'
  /** Who counts a request before it is sent. */
  countTokens: 'provider' | 'estimate'
  providers: Record<string, ProviderSettings>
  models: ModelEntry[]
  /** The key profile of each provider, by the provider's id. */
  keyProfiles: Record<string, string>
  tools: ToolSettings
  timeouts: Timeouts
  retry: RetrySettings
  failover: FailoverSettings
  /** The ids of providers that nothing is sent to. */
  neverSendTo: string[]
  /** Those of them that the workspace names. */
  neverSendToHere?: string[]
  rateLimits: RateLimit[]
  context: ContextSettings
  /** Where a workspace lowers them, its own. */
  budgets: Budgets
  /** The agent of new conversations, and who says so. */
  agent?: { name: string; origin: 'workspace' | 'user' }
  /** The person's own folder of agents, prompts and instructions; empty: where VS Code keeps theirs. */
  agentsFolder: string
  /** Which kinds of instructions are read. */
  instructions: Kinds
  telemetry: TelemetrySettings
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
  const named = readProviders(user('providers'), problems)
  const known = [...providers, editor, ...Object.entries(named).map(([id, { label }]) => ({ id, label }))]
  const forbiddenHere = everyWorkspace('neverSendTo')
  const settings: Settings = {
    ...chooseModel(
      { provider: text(workspace('provider')), model: text(workspace('model')) },
      { provider: text(user('provider')), model: text(user('model')) },
    ),
    systemPrompt: text(user('systemPrompt')) ?? '',
    titles: user('chatTitles') === 'words' ? 'words' : 'model',
    countTokens: user('countTokens') === 'estimate' ? 'estimate' : 'provider',
    providers: named,
    models: readModels(user('models'), problems),
    keyProfiles: { ...profiles(user('keyProfiles')), ...profiles(workspace('keyProfiles')) },
    tools: {
      enabled: user('tools.enabled') !== false,
      readsUnasked: user('tools.readsUnasked') !== false,
      fromExtensions: user('tools.fromExtensions') === true,
      allowedHosts: texts(user('tools.allowedHosts')),
      limits: readLimits(user('tools.maxSteps'), user('tools.maxCost'), user('tools.maxMinutes')),
    },
    timeouts: {
      connect: milliseconds(user('timeouts.connect'), defaultTimeouts.connect),
      firstToken: milliseconds(user('timeouts.firstToken'), defaultTimeouts.firstToken),
      idle: milliseconds(user('timeouts.idle'), defaultTimeouts.idle),
      total: milliseconds(user('timeouts.total'), defaultTimeouts.total),
    },
    retry: {
      attempts: count(user('retry.attempts'), defaultRetry.attempts),
      baseDelay: milliseconds(user('retry.baseDelay'), defaultRetry.baseDelay),
      maxWait: milliseconds(user('retry.maxWait'), defaultRetry.maxWait),
    },
    failover: readFailover(
      { chain: user('failover'), on: user('failoverOn'), after: user('failoverAfter') },
      known,
      problems,
    ),
    rateLimits: readRateLimits(user('rateLimits'), known, problems),
    neverSendTo: readNeverSendTo({ user: user('neverSendTo'), workspaces: forbiddenHere }, known, problems),
    neverSendToHere: readNeverSendTo({ workspaces: forbiddenHere }, known, problems),
    agentsFolder: text(user('agents.folder')) ?? '',
    telemetry: readTelemetry(
      user('telemetry.endpoint'),
      user('telemetry.captureContent'),
      user('telemetry.attributes'),
      problems,
    ),
    instructions: readKinds([user('instructions.files'), workspace('instructions.files')]),
    budgets: readBudgets(user('budgets'), workspace('budgets'), problems),
    context: readContext(user('context.strategy'), user('context.summaryModel'), problems),
    problems,
  }
  const [agentHere, agentOfPerson] = [text(workspace('agent')), text(user('agent'))]
  const agent = agentHere ?? agentOfPerson
  if (agent !== undefined) settings.agent = { name: agent, origin: agentHere === undefined ? 'user' : 'workspace' }
  const limits = [tokens(user('maxOutputTokens')), tokens(workspace('maxOutputTokens'))].filter(
    (limit) => limit !== undefined,
  )
  if (limits.length > 0) settings.maxOutputTokens = Math.min(...limits)
  return settings
}

/**
 * Of each folder of the workspace, and also of one that is not trusted: nobody is harmed by what only forbids. Which folder a
 * request is about nobody knows.
 */
function everyWorkspace(key: string): unknown[] {
  const folders = vscode.workspace.workspaceFolders ?? []
  const all = vscode.workspace.getConfiguration('panelist').inspect(key)?.workspaceValue
  const own = folders.map(
    ({ uri }) => vscode.workspace.getConfiguration('panelist', uri).inspect(key)?.workspaceFolderValue,
  )
  return [all, ...own]
}

type Pair = { provider: string | undefined; model: string | undefined }

/** A workspace wins, but the user's model is not asked of another provider than the one it was set for. */
function chooseModel(workspace: Pair, user: Pair): Pick<Settings, 'provider' | 'model' | 'origin'> {
  const provider = workspace.provider ?? user.provider
  const model = workspace.model ?? (provider === user.provider ? user.model : undefined)
  const origin = workspace.provider || workspace.model ? 'workspace' : provider || model ? 'user' : 'default'
  return { ...(provider && { provider }), ...(model && { model }), origin }
}

/** 0: no such limit. */
function readLimits(steps: unknown, cost: unknown, minutes: unknown): Limits {
  const limits: Limits = {}
  const most = typeof steps === 'number' && Number.isInteger(steps) && steps >= 0 ? steps : defaultLimits.steps
  if (most) limits.steps = most
  if (typeof cost === 'number' && cost > 0) limits.cost = cost
  if (typeof minutes === 'number' && minutes > 0) limits.time = minutes * 60_000
  return limits
}

function profiles(value: unknown): Record<string, string> {
  return isObject(value) ? strings(value) : {}
}
