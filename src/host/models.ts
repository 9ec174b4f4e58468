/**
 * Which models there are. The provider's own list first, kept in the store; what it does not tell is filled from the
 * price catalogue. Answers at once from what is known and refreshes behind.
 */
import type { ProviderInfo } from '../llm/types.ts'
import { FailureError } from '../shared/failure.ts'
import type { Failure } from '../shared/failure.ts'
import type { ModelInfo } from '../shared/model.ts'
import type { ModelGroup } from '../shared/protocol.ts'
import { isUsable } from '../shared/protocol.ts'
import type { Store } from '../store/store.ts'
import { isLoopback } from './address.ts'
import type { Connections } from './connections.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import type { Settings } from './settings.ts'
import { withEntries } from './settings/models.ts'

const STALE_AFTER = 24 * 60 * 60 * 1000
const LIST_LIMIT = 15_000
/** A list that failed is not asked for again by itself before this. */
const PAUSE_AFTER_FAILURE = 60_000

export type ModelParts = {
  connections: Connections
  settings: () => Settings
  store: () => Store
  log: Log
  /** A list was fetched, or could not be. */
  changed: () => void
  /** The provider refused the key of this profile when it was asked for its list. */
  refused?: (provider: string, keyProfile: string) => void
}

/** What the Providers page says of a list. */
export type ListState = { models: ModelInfo[]; fetchedAt: number; failure?: Failure; failedAt?: number }

type Known = { models: ModelInfo[]; fetchedAt: number; failure?: Failure; failedAt?: number }

export class Models {
  readonly #connections: Connections
  readonly #settings: () => Settings
  readonly #store: () => Store
  readonly #log: Log
  readonly #changed: () => void
  readonly #refused: ModelParts['refused']
  readonly #known = new Map<string, Known>()
  readonly #refreshing = new Map<string, Promise<void>>()
  /** How often everything was forgotten: what fails that was asked for before says nothing of how things are now. */
  #age = 0

  constructor({ connections, settings, store, log, changed, refused }: ModelParts) {
    this.#connections = connections
    this.#settings = settings
    this.#store = store
    this.#log = log
    this.#changed = changed
    this.#refused = refused
  }

  /** All groups as they are known now. Lists that are old, or all of them with `refresh`, are asked for again behind. */
  async groups(refresh: boolean): Promise<ModelGroup[]> {
    return Promise.all(
      this.#connections.offered().map(async (info): Promise<ModelGroup> => {
        const { status, envVar, profiles } = await this.#connections.standing(info)
        const known = await this.#load(info)
        if (isUsable(status) && (refresh || isDue(known))) void this.refresh(info)
        const settings = this.#connections.settingsOf(info.id)
        return {
          provider: info.id,
          label: info.label,
          key: status,
          models: this.#withEntries(info, known.models),
          ...(profiles && profiles.length > 1 && { keyProfiles: profiles }),
          ...(status === 'environment' && envVar && { envVar }),
          ...(settings?.demo && { demo: true as const }),
          ...(this.#isLocal(info) && { local: true as const }),
          ...(known.failure && { failure: known.failure }),
        }
      }),
    )
  }

  /** The list as it is known now. Asks nobody. */
  async list(info: ProviderInfo): Promise<ListState> {
    const known = await this.#load(info)
    return { ...known, models: this.#withEntries(info, known.models) }
  }

  /** The models of a provider, as they are known now. */
  async of(provider: string): Promise<ModelInfo[]> {
    const info = this.#connections.info(provider)
    return info ? (await this.list(info)).models : []
  }

  /** What is known of one model; a model no list knows has a name and nothing else. */
  async info(provider: string, model: string): Promise<ModelInfo | undefined> {
    const info = this.#connections.info(provider)
    if (!info) return undefined
    const { models } = await this.list(info)
    return (
      models.find(({ id }) => id === model) ??
      this.#priced(info, await this.#fill({ id: model, provider, name: model, source: 'catalogue' }, info))
    )
  }

  /**
   * The model to begin with where none was chosen, from the lists there are. Where there is none yet the provider is
   * asked: now (`wait`), or behind, and `changed` tells when the answer is there.
   */
  async firstChoice(info: ProviderInfo, wait: boolean): Promise<string | undefined> {
    const preferred = this.#connections.settingsOf(info.id)?.defaultModel
    if (preferred !== undefined) return preferred
    const known = await this.#load(info)
    const listed = known.models.length > 0 && (known.fetchedAt > 0 || !this.#connections.settingsOf(info.id)?.baseUrl)
    // A list that failed is not asked for again by itself: its failure would tell everyone to look once more.
    if (!listed && wait) await this.refresh(info)
    else if (!listed && !known.failure) void this.refresh(info)
    const { models } = await this.list(info)
    return (models.find(({ id }) => PREFERRED[info.id]?.test(id)) ?? models[0])?.id
  }

  /** Why the last list of this provider could not be had. */
  async failure(info: ProviderInfo): Promise<Failure | undefined> {
    return (await this.#load(info)).failure
  }

  refresh(info: ProviderInfo): Promise<void> {
    const key = this.#cacheKey(info)
    const running = this.#refreshing.get(key)
    if (running) return running
    const work = this.#fetch(info, key).finally(() => {
      if (this.#refreshing.get(key) === work) this.#refreshing.delete(key)
    })
    this.#refreshing.set(key, work)
    return work
  }

  /** Endpoints or keys changed: lists of other endpoints are other lists, failures may be over. */
  forget(): void {
    this.#age++
    this.#known.clear()
    this.#refreshing.clear()
  }

  /** What was told, or why nothing was, when somebody else asked for the list. Counts as if it had been asked for here. */
  learn(info: ProviderInfo, told: ModelInfo[] | Failure): Promise<void> {
    return this.#learn(info, this.#cacheKey(info), told)
  }

  async #fetch(info: ProviderInfo, key: string): Promise<void> {
    const age = this.#age
    let keyProfile: string | undefined
    try {
      const connected = await this.#connections.open(info.id)
      if ('code' in connected) throw new FailureError(connected)
      keyProfile = connected.keyProfile
      await this.#learn(info, key, await connected.provider.listModels(AbortSignal.timeout(LIST_LIMIT)))
    } catch (error) {
      const failure: Failure =
        error instanceof FailureError
          ? error.failure
          : {
              code: 'unknown',
              message: `The model list of ${info.label} could not be read. Try again; the logs hold the details.`,
            }
      if (age !== this.#age) return
      const isRefusal = failure.code === 'auth' && failure.status !== undefined
      if (isRefusal && keyProfile !== undefined) this.#refused?.(info.id, keyProfile)
      await this.#learn(info, key, failure, describe(error))
    }
  }

  async #learn(info: ProviderInfo, key: string, told: ModelInfo[] | Failure, reason?: string): Promise<void> {
    if (Array.isArray(told)) {
      const models = await Promise.all(told.map((model) => this.#fill(model, info)))
      const fetched = { models, fetchedAt: Date.now() }
      this.#known.set(key, fetched)
      this.#store().modelCache.set(key, fetched)
      this.#log.info(`models of ${info.id}: ${models.length}`)
    } else {
      this.#known.set(key, { ...(await this.#load(info, key)), failure: told, failedAt: Date.now() })
      this.#log.warn(`models of ${info.id}: ${reason ?? told.code}`)
    }
    this.#changed()
  }

  async #load(info: ProviderInfo, key = this.#cacheKey(info)): Promise<Known> {
    const known = this.#known.get(key)
    if (known) return known
    const cached = this.#store().modelCache.get(key)
    const loaded: Known = cached ?? { models: await this.#catalogue(info), fetchedAt: 0 }
    // A list may have been told meanwhile.
    const told = this.#known.get(key)
    if (told) return told
    this.#known.set(key, loaded)
    return loaded
  }

  /** Before the first list: the catalogue, but only for the provider's own endpoint, where its names hold. */
  async #catalogue(info: ProviderInfo): Promise<ModelInfo[]> {
    if (this.#connections.settingsOf(info.id)?.baseUrl || !CATALOGUED.has(info.id)) return []
    const { catalogue } = await import('../llm/catalogue.ts')
    return catalogue(info.id)
  }

  /** The person's own entries win over whatever a list tells. */
  #withEntries(info: ProviderInfo, models: readonly ModelInfo[]): ModelInfo[] {
    const entries = this.#settings().models.filter(({ provider }) => provider === info.id)
    return withEntries(models, entries).map((model) => this.#priced(info, model))
  }

  /** A demonstration on this machine asks for no money. */
  #priced({ id }: ProviderInfo, model: ModelInfo): ModelInfo {
    const isFree = this.#connections.settingsOf(id)?.demo && !model.price
    return isFree ? { ...model, price: { input: 0, output: 0 } } : model
  }

  /** A gateway on this machine passes on what others run. */
  #isLocal(info: ProviderInfo): boolean {
    return info.id !== 'litellm' && isLoopback(this.#connections.endpoint(info))
  }

  /** Prices belong to an address: those of the provider's own endpoint say nothing of another. */
  async #fill(model: ModelInfo, info: ProviderInfo): Promise<ModelInfo> {
    const { fill } = await import('../llm/catalogue.ts')
    return fill(model, this.#connections.settingsOf(info.id)?.baseUrl)
  }

  #cacheKey(info: ProviderInfo): string {
    return `${info.id} ${URL.parse(this.#connections.endpoint(info))?.origin ?? ''}`.trim()
  }
}

/** The failure tells everyone to look once more, so without the pause a dead provider would be asked without end. */
function isDue({ fetchedAt, failedAt = 0 }: Known): boolean {
  const now = Date.now()
  return now - fetchedAt > STALE_AFTER && now - failedAt > PAUSE_AFTER_FAILURE
}

/** Whose models the price data names completely enough to be shown before the first list. */
const CATALOGUED = new Set(['anthropic', 'openai', 'google'])

/** What most people would choose first of a provider's own list: the middle of each family, where the list is newest first. */
const PREFERRED: Record<string, RegExp> = {
  anthropic: /sonnet/,
  openai: /^gpt-[\d.]+(-\d{4}-\d{2}-\d{2})?$/,
  google: /^gemini-[\d.]+-pro/,
  openrouter: /^openrouter\/auto$/,
}
