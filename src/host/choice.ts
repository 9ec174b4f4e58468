/**
 * Which model answers next, and why: the conversation's own choice, else its agent, else the settings, else the last used,
 * else the first that can.
 */
import type { Target } from '../resilience/admission.ts'
import type { Agent } from '../shared/agent.ts'
import type { Conversation, ConversationId } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { Chosen, ModelRef } from '../shared/protocol.ts'
import { isUsable } from '../shared/protocol.ts'
import { maxOutputTokensFor } from '../agent/request.ts'
import type { Connections } from './connections.ts'
import type { KnownModels } from './customisation/agent-models.ts'
import { modelsNamed } from './customisation/agent-models.ts'
import type { Models } from './models.ts'
import type { Settings } from './settings.ts'

/** `instead`: the model of the agent, where the conversation has another. */
type Picked = { provider: string; model?: string; origin: Chosen['origin']; instead?: string }
/** Which agent a conversation has, and the name of the key it may ask with. */
export type AgentsToChooseBy = {
  of(conversation: Conversation | undefined): Promise<{ agent?: Agent }>
  keyOf(agent: Agent): string | undefined
}
/** What outlives the window; VS Code's Memento is one. */
export type Memory = { get<T>(key: string): T | undefined; update(key: string, value: unknown): Thenable<void> }

const LAST = 'panelist.lastModel'

export class Chooser {
  readonly #connections: Connections
  readonly #models: Models
  readonly #settings: () => Settings
  readonly #memory: Memory
  readonly #agents: AgentsToChooseBy | undefined

  constructor(
    connections: Connections,
    models: Models,
    settings: () => Settings,
    memory: Memory,
    agents?: AgentsToChooseBy,
  ) {
    this.#connections = connections
    this.#models = models
    this.#settings = settings
    this.#memory = memory
    this.#agents = agents
  }

  /**
   * The model for the next answer, or undefined where no provider can be used. Where nobody named a model and the
   * provider has not been asked yet, it is asked now (`wait`), or the answer is undefined for the moment.
   */
  async choose(conversation: Conversation | undefined, wait: boolean): Promise<Chosen | undefined> {
    const { agent } = (await this.#agents?.of(conversation)) ?? {}
    const pick = await this.#pick(conversation, agent, wait)
    const info = pick && this.#connections.info(pick.provider)
    if (!pick || !info) return undefined
    // Whom nothing may be sent to is not asked for its models either.
    const asks = wait && !this.#connections.isBarred(pick.provider, conversation?.id)
    const model = pick.model ?? (await this.#firstModel(pick.provider, asks))
    if (model === undefined) return undefined
    const known = await this.#models.info(info.id, model)
    const settings = this.#settings()
    const { choice } = conversation ?? {}
    const profile = choice?.keyProfile ?? this.#keyOf(agent, pick)
    const standing = await this.#connections.standing(info, profile, conversation?.id)
    const most = mostTokens(settings, agent)
    const limited = known?.maxOutputTokens ?? choice?.maxOutputTokens ?? most
    return {
      ...(agent?.thinking && { thinking: agent.thinking }),
      ...choice,
      provider: info.id,
      model,
      ...(standing.profile !== undefined && { keyProfile: standing.profile }),
      ...(choice?.keyProfile !== undefined && { keyChosen: true as const }),
      origin: pick.origin,
      providerLabel: info.label,
      key: standing.status,
      ...(this.#connections.settingsOf(info.id)?.demo && { demo: true as const }),
      ...(known && { info: known }),
      outputLimit: maxOutputTokensFor(known, choice?.maxOutputTokens, most),
      ...(agent && { agent: { id: agent.id, name: agent.name, ...(pick.instead && { model: pick.instead }) } }),
      ...(limited === undefined && { outputGuessed: true as const }),
    }
  }

  /** The same conversation, answered by another model or with another key. */
  async chooseInstead(conversation: Conversation, { keyProfile, ...model }: Target): Promise<Chosen | undefined> {
    const { keyProfile: own, ...choice } = conversation.choice ?? {}
    const key = keyProfile ?? (conversation.choice?.provider === model.provider ? own : undefined)
    const chosen = { ...choice, ...model, ...(key !== undefined && { keyProfile: key }) }
    return this.choose({ ...conversation, choice: chosen }, true)
  }

  /** Why `choose` found no model, where a provider said so. */
  async whyNone(conversation: Conversation | undefined): Promise<Failure | undefined> {
    const { agent } = (await this.#agents?.of(conversation)) ?? {}
    const pick = await this.#pick(conversation, agent, false)
    const info = pick && this.#connections.info(pick.provider)
    return info && (this.#connections.whyBarred(info.id, conversation?.id) ?? this.#models.failure(info))
  }

  /**
   * True where every provider still wants a key. The editor's own models count once the person has chosen them: an editor
   * nobody is signed in to lists models that do not answer.
   */
  async needsKey(): Promise<boolean> {
    const last = this.#memory.get<{ provider: string }>(LAST)
    const chosen = this.#settings().provider ?? last?.provider
    const counts = this.#connections.offered().filter(({ id }) => id === chosen || !this.#connections.isEditor(id))
    const statuses = await Promise.all(counts.map((info) => this.#connections.status(info)))
    return !statuses.some(isUsable)
  }

  /** True until the person has chosen a model or named a provider. */
  isUndecided(): boolean {
    return this.#settings().provider === undefined && this.#memory.get(LAST) === undefined
  }

  async remember(provider: string, model: string): Promise<void> {
    await this.#memory.update(LAST, { provider, model })
  }

  /** The first of an agent's models that can be asked in this conversation; undefined where it names none, or none can be. */
  async modelOf(
    agent: Pick<Agent, 'models' | 'provider'>,
    wait: boolean,
    conversation?: ConversationId,
  ): Promise<ModelRef | undefined> {
    if (agent.models.length === 0) return undefined
    const ref = await this.#firstOf(agent, await this.#known(false, conversation), conversation)
    if (ref) return ref
    // A name may be that of a model of a list that nobody has asked for yet: now, or behind, and `changed` tells.
    const asked = this.#known(true, conversation)
    asked.catch(() => undefined)
    return wait ? this.#firstOf(agent, await asked, conversation) : undefined
  }

  /** Those an agent names, in its order, each of the first provider that can be asked and has it. */
  async modelsOf(
    { models, provider }: Pick<Agent, 'models' | 'provider'>,
    conversation?: ConversationId,
  ): Promise<ModelRef[]> {
    const known = await this.#known(false, conversation)
    const refs = await Promise.all(
      models.map((name) => this.#firstOf({ models: [name], ...(provider && { provider }) }, known, conversation)),
    )
    return refs.filter((ref) => ref !== undefined)
  }

  async #firstOf(
    { models, provider }: Pick<Agent, 'models' | 'provider'>,
    known: readonly KnownModels[],
    conversation: ConversationId | undefined,
  ): Promise<ModelRef | undefined> {
    for (const name of models) {
      for (const ref of modelsNamed(name, provider, known)) {
        const info = this.#connections.info(ref.provider)
        if (info && isUsable(await this.#connections.status(info, undefined, conversation))) return ref
      }
    }
    return undefined
  }

  async #known(ask: boolean, conversation: ConversationId | undefined): Promise<KnownModels[]> {
    return Promise.all(
      this.#connections.offered().map(async (info) => {
        const { fetchedAt, failure } = await this.#models.list(info)
        const unasked = ask && fetchedAt === 0 && !failure
        if (unasked && isUsable(await this.#connections.status(info, undefined, conversation)))
          await this.#models.refresh(info)
        const { models } = await this.#models.list(info)
        return { provider: info.id, label: info.label, models, editor: this.#connections.isEditor(info.id) }
      }),
    )
  }

  /** The name of a key means something only to the provider it is for. */
  #keyOf(agent: Agent | undefined, { provider, origin }: Picked): string | undefined {
    if (!agent) return undefined
    const isFor =
      agent.provider === undefined ? origin === 'agent' || agent.models.length === 0 : agent.provider === provider
    return isFor ? this.#agents?.keyOf(agent) : undefined
  }

  async #pick(
    conversation: Conversation | undefined,
    agent: Agent | undefined,
    wait: boolean,
  ): Promise<Picked | undefined> {
    const { choice } = conversation ?? {}
    const own = agent && (await this.modelOf(agent, wait, conversation?.id))
    if (choice) {
      const { provider, model } = choice
      if (own?.provider === provider && own.model === model) return { ...own, origin: 'agent' }
      return { provider, model, origin: 'conversation', ...(own && { instead: own.model }) }
    }
    if (own) return { ...own, origin: 'agent' }
    if (agent?.provider !== undefined && agent.models.length === 0 && this.#connections.info(agent.provider)) {
      return { provider: agent.provider, origin: 'agent' }
    }
    const settings = this.#settings()
    const last = this.#memory.get<{ provider: string; model: string }>(LAST)
    const provider =
      settings.provider ??
      (await this.#lastUsable(last, conversation?.id)) ??
      (await this.#firstUsable(conversation?.id))
    if (provider === undefined) return undefined
    const model = settings.model ?? (last?.provider === provider ? last.model : undefined)
    return { provider, origin: settings.origin, ...(model !== undefined && { model }) }
  }

  async #lastUsable(
    last: { provider: string } | undefined,
    conversation: ConversationId | undefined,
  ): Promise<string | undefined> {
    const info = last && this.#connections.info(last.provider)
    return info && isUsable(await this.#connections.status(info, undefined, conversation)) ? info.id : undefined
  }

  async #firstUsable(conversation: ConversationId | undefined): Promise<string | undefined> {
    for (const info of this.#connections.offered()) {
      const unasked = !this.#connections.isEditor(info.id)
      if (unasked && isUsable(await this.#connections.status(info, undefined, conversation))) return info.id
    }
    return undefined
  }

  async #firstModel(provider: string, wait: boolean): Promise<string | undefined> {
    const info = this.#connections.info(provider)
    if (!info) return undefined
    return this.#models.firstChoice(info, wait)
  }
}

/** An agent of the workspace may only lower what the person set. */
function mostTokens({ maxOutputTokens }: Settings, agent: Agent | undefined): number | undefined {
  const own = agent?.maxOutputTokens
  if (own === undefined || maxOutputTokens === undefined) return own ?? maxOutputTokens
  return agent?.place === 'user' ? own : Math.min(own, maxOutputTokens)
}
