/** Failover among what this window can ask: its providers, keys, agents and settings. */
import type { Asking } from '../../resilience/admission.ts'
import { Failover } from '../../resilience/failover.ts'
import type { Look, ModelRef } from '../../resilience/failover.ts'
import type { Kept } from '../../resilience/sticky.ts'
import type { Agent } from '../../shared/agent.ts'
import type { Conversation } from '../../shared/conversation.ts'
import type { Chosen } from '../../shared/protocol.ts'
import { isUsable } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import type { Chooser } from '../choice.ts'
import type { Connections } from '../connections.ts'
import type { Models } from '../models.ts'
import type { Settings } from '../settings.ts'
import { modelIn } from '../settings/failover.ts'

export type FailoverWindow = {
  settings: () => Pick<Settings, 'failover' | 'providers'>
  store: () => Store
  connections: () => Pick<Connections, 'info' | 'standing' | 'isBarred'>
  models: () => Pick<Models, 'info'>
  chooser: () => Pick<Chooser, 'modelsOf'>
  /** The agent of a conversation. */
  agentOf(conversation: Conversation): Promise<Agent | undefined>
  /** Epoch milliseconds. */
  now?(): number
}

export class WindowFailover extends Failover {
  constructor(window: FailoverWindow) {
    super({
      rules: () => window.settings().failover,
      chain: (asking) => chainOf(window, asking),
      look: (model) => look(window, model),
      keys: (provider) => rotated(window, provider),
      isForbidden: (provider) => window.connections().isBarred(provider),
      now: window.now ?? Date.now,
    })
  }

  keptOf({ id }: Pick<Conversation, 'id'>, { provider, model, keyProfile }: Chosen): Kept | undefined {
    return this.kept(id, { provider, model, ...(keyProfile !== undefined && { keyProfile }) })
  }
}

/** The chat itself says who, else its agent, else the settings: an agent that names several models says by that who stands in for whom. */
async function chainOf(window: FailoverWindow, { conversation: id }: Asking): Promise<readonly ModelRef[]> {
  const conversation = id === undefined ? undefined : window.store().conversations.get(id)
  const own = conversation?.choice?.failover
  if (own) return own.flatMap((model) => modelIn(model) ?? [])
  const agent = conversation && (await window.agentOf(conversation))
  if (agent && agent.models.length > 1) return window.chooser().modelsOf(agent)
  return window.settings().failover.chain
}

async function look(window: FailoverWindow, { provider, model }: ModelRef): Promise<Look | undefined> {
  const connections = window.connections()
  const info = connections.info(provider)
  if (!info) return undefined
  const { status } = await connections.standing(info)
  const known = await window.models().info(provider, model)
  return { label: info.label, usable: isUsable(status) && status !== 'rejected', ...(known && { info: known }) }
}

async function rotated(window: FailoverWindow, provider: string): Promise<string[]> {
  const marked = window.settings().providers[provider]?.rotateKeys ?? []
  const info = window.connections().info(provider)
  if (!info || marked.length < 2) return []
  const { profiles = [] } = await window.connections().standing(info)
  return marked.filter((name) => profiles.includes(name))
}
