/** Which model answers next, and why: the conversation's own choice, else the settings, else the last used, else the first that can. */
import type { Conversation } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { Chosen } from '../shared/protocol.ts'
import { isUsable } from '../shared/protocol.ts'
import { maxOutputTokensFor } from '../agent/request.ts'
import type { Connections } from './connections.ts'
import type { Models } from './models.ts'
import type { Settings } from './settings.ts'

type Pick = { provider: string; model?: string; origin: Chosen['origin'] }
/** What outlives the window; VS Code's Memento is one. */
export type Memory = { get<T>(key: string): T | undefined; update(key: string, value: unknown): Thenable<void> }

const LAST = 'panelist.lastModel'

export class Chooser {
  readonly #connections: Connections
  readonly #models: Models
  readonly #settings: () => Settings
  readonly #memory: Memory

  constructor(connections: Connections, models: Models, settings: () => Settings, memory: Memory) {
    this.#connections = connections
    this.#models = models
    this.#settings = settings
    this.#memory = memory
  }

  /**
   * The model for the next answer, or undefined where no provider can be used. Where nobody named a model and the
   * provider has not been asked yet, it is asked now (`wait`), or the answer is undefined for the moment.
   */
  async choose(conversation: Conversation | undefined, wait: boolean): Promise<Chosen | undefined> {
    const pick = await this.#pick(conversation)
    const info = pick && this.#connections.info(pick.provider)
    if (!pick || !info) return undefined
    const model = pick.model ?? (await this.#firstModel(pick.provider, wait))
    if (model === undefined) return undefined
    const known = await this.#models.info(info.id, model)
    const settings = this.#settings()
    const { choice } = conversation ?? {}
    const standing = await this.#connections.standing(info, choice?.keyProfile)
    const limited = known?.maxOutputTokens ?? choice?.maxOutputTokens ?? settings.maxOutputTokens
    return {
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
      outputLimit: maxOutputTokensFor(known, choice?.maxOutputTokens, settings.maxOutputTokens),
      ...(limited === undefined && { outputGuessed: true as const }),
    }
  }

  /** Why `choose` found no model, where a provider said so. */
  async whyNone(conversation: Conversation | undefined): Promise<Failure | undefined> {
    const pick = await this.#pick(conversation)
    const info = pick && this.#connections.info(pick.provider)
    return info && this.#models.failure(info)
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

  async #pick(conversation: Conversation | undefined): Promise<Pick | undefined> {
    const { choice } = conversation ?? {}
    if (choice) return { provider: choice.provider, model: choice.model, origin: 'conversation' }
    const settings = this.#settings()
    const last = this.#memory.get<{ provider: string; model: string }>(LAST)
    const provider = settings.provider ?? (await this.#lastUsable(last)) ?? (await this.#firstUsable())
    if (provider === undefined) return undefined
    const model = settings.model ?? (last?.provider === provider ? last.model : undefined)
    return { provider, origin: settings.origin, ...(model !== undefined && { model }) }
  }

  async #lastUsable(last: { provider: string } | undefined): Promise<string | undefined> {
    const info = last && this.#connections.info(last.provider)
    return info && isUsable(await this.#connections.status(info)) ? info.id : undefined
  }

  async #firstUsable(): Promise<string | undefined> {
    for (const info of this.#connections.offered()) {
      const unasked = !this.#connections.isEditor(info.id)
      if (unasked && isUsable(await this.#connections.status(info))) return info.id
    }
    return undefined
  }

  async #firstModel(provider: string, wait: boolean): Promise<string | undefined> {
    const info = this.#connections.info(provider)
    if (!info) return undefined
    return this.#models.firstChoice(info, wait)
  }
}
