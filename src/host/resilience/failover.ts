/** Failover among what this window can ask: its providers, keys, agents and settings. */
import type { Asking, Target } from '../../resilience/admission.ts'
import { Failover } from '../../resilience/failover.ts'
import type { Look, ModelRef } from '../../resilience/failover.ts'
import type { Standing } from '../../resilience/sticky.ts'
import type { Agent } from '../../shared/agent.ts'
import type { Conversation } from '../../shared/conversation.ts'
import type { Barred, Chosen, KeyStatus, StandIn } from '../../shared/protocol.ts'
import { isUsable } from '../../shared/protocol.ts'
import type { Store } from '../../store/store.ts'
import { healthOf } from '../../usage/health.ts'
import type { Chooser } from '../choice.ts'
import type { Connections } from '../connections.ts'
import type { Models } from '../models.ts'
import type { Settings } from '../settings.ts'
import { modelIn } from '../settings/failover.ts'

export type FailoverWindow = {
  settings: () => Pick<Settings, 'failover' | 'providers'>
  store: () => Store
  connections: () => Pick<Connections, 'info' | 'standing' | 'isBarred' | 'barredOf'>
  models: () => Pick<Models, 'info'>
  chooser: () => Pick<Chooser, 'modelsOf'>
  /** The agent of a conversation. */
  agentOf(conversation: Conversation): Promise<Agent | undefined>
  /** For how many milliseconds nothing is sent to this target in any case. */
  rest?(target: Target): number
  /** Epoch milliseconds. */
  now?(): number
}

/** Of the newest requests, so many are looked at for how a model does. */
const LOOKED_AT = 200

export class WindowFailover extends Failover {
  readonly #window: FailoverWindow

  constructor(window: FailoverWindow) {
    super({
      rules: () => window.settings().failover,
      chain: (asking) => chainOf(window, asking),
      look: (model) => look(window, model),
      isDown: (target) => (window.rest?.(target) ?? 0) > 0 || isDown(window, target),
      keys: (provider) => rotated(window, provider),
      isForbidden: (provider, { conversation }) => window.connections().isBarred(provider, conversation),
      now: window.now ?? Date.now,
    })
    this.#window = window
  }

  /** `asks`: the request that is to be answered. */
  keptOf(
    { id }: Pick<Conversation, 'id'>,
    chosen: Chosen,
    asks?: () => Pick<Asking, 'inputTokens' | 'needs'>,
  ): Promise<Standing | undefined> {
    return this.kept(id, targetOf(chosen), asks)
  }

  /** Whom nothing of this conversation may be sent to, and who says so. */
  barred(conversation: string): Barred[] {
    return this.#window.connections().barredOf(conversation)
  }

  /** Who answers this conversation for now in place of the one that was chosen, as a person is told. */
  async standIn(conversation: string, chosen: Chosen): Promise<StandIn | undefined> {
    const kept = await this.kept(conversation, targetOf(chosen))
    if (!kept) return undefined
    const leftMs = kept.until - (this.#window.now ?? Date.now)()
    const { keyProfile } = kept.target
    if (kept.how === 'key')
      return { by: `the key “${keyProfile ?? ''}”`, first: `the key “${chosen.keyProfile ?? ''}”`, leftMs }
    const found = await look(this.#window, kept.target)
    return { by: found?.info?.name ?? kept.target.model, first: chosen.info?.name ?? chosen.model, leftMs }
  }

  /** Whoever was chosen is asked again from now on. */
  useFirst(conversation: string, chosen: Chosen): void {
    this.goBack(conversation, targetOf(chosen))
  }
}

const targetOf = ({ provider, model, keyProfile }: Chosen): Target => ({
  provider,
  model,
  ...(keyProfile !== undefined && { keyProfile }),
})

/** The chat itself says who, else its agent, else the settings: an agent that names several models says by that who stands in for whom. */
async function chainOf(window: FailoverWindow, { conversation: id }: Asking): Promise<readonly ModelRef[]> {
  const conversation = id === undefined ? undefined : window.store().conversations.get(id)
  const own = conversation?.choice?.failover
  if (own) return own.flatMap((model) => modelIn(model) ?? [])
  const agent = conversation && (await window.agentOf(conversation))
  if (agent && agent.models.length > 1) return window.chooser().modelsOf(agent, id)
  return window.settings().failover.chain
}

async function look(window: FailoverWindow, { provider, model }: ModelRef): Promise<Look | undefined> {
  const connections = window.connections()
  const info = connections.info(provider)
  if (!info) return undefined
  const { status, profile: keyProfile } = await connections.standing(info)
  const known = await window.models().info(provider, model)
  return {
    label: info.label,
    usable: takes(status),
    ...(known && { info: known }),
    ...(keyProfile !== undefined && { keyProfile }),
  }
}

/** A key that was refused takes no request of another. */
const takes = (status: KeyStatus): boolean => isUsable(status) && status !== 'rejected'

/** By its own last requests, from all windows: behind one provider a model may be down alone. */
function isDown({ store, now = Date.now }: FailoverWindow, { provider, model }: ModelRef): boolean {
  const last = store().requests.list({ limit: LOOKED_AT })
  const own = last.filter((record) => record.provider === provider && record.model === model)
  return healthOf(own, [], now())[provider]?.state === 'down'
}

async function rotated(window: FailoverWindow, provider: string): Promise<string[]> {
  const marked = window.settings().providers[provider]?.rotateKeys ?? []
  const info = window.connections().info(provider)
  if (!info || marked.length < 2) return []
  const standings = await Promise.all(marked.map((name) => window.connections().standing(info, name)))
  return standings.flatMap(({ profile, status }) => (profile !== undefined && takes(status) ? [profile] : []))
}
