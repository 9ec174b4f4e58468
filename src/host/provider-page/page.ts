/** The Providers page, seen from the host: what it shows and what its buttons do. No key comes near it. */
import type { ProviderInfo } from '../../llm/types.ts'
import type { Failure } from '../../shared/failure.ts'
import type { ProviderAction, ProviderCard, ProviderTest } from '../../shared/protocol.ts'
import type { Connections, Standing } from '../connections.ts'
import type { Keys } from '../keys.ts'
import { noKeyYet } from '../keys.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { Models } from '../models.ts'
import type { Settings } from '../settings.ts'
import { NOWHERE } from '../settings/providers.ts'
import { actions } from './actions.ts'
import type { ActionParts } from './actions.ts'
import { addProvider } from './add.ts'
import type { Boxes } from './boxes.ts'
import { ConnectionTests } from './connection-tests.ts'
import type { Entries } from './entries.ts'
import { kindOf } from './kinds.ts'
import { Troubles } from './troubles.ts'

export type PageParts = {
  connections: Connections
  keys: Keys
  models: Models
  settings: () => Settings
  boxes: Boxes
  log: Log
  /** Changes the user's own `panelist.providers`. Throws a sentence where it cannot. */
  write(change: (entries: Entries) => Entries): Promise<void>
  /** Something the page shows changed. */
  changed(): void
  /** A provider that was tested gave its list. */
  worked?(provider: string): void
  /** Milliseconds a test may take. */
  testLimit?: number
}

export class ProviderPage {
  readonly #parts: PageParts
  readonly #tests: ConnectionTests
  readonly #troubles = new Troubles()

  constructor(parts: PageParts) {
    this.#parts = parts
    this.#tests = new ConnectionTests({
      ...parts,
      worked: (provider) => {
        this.#troubles.note(provider, undefined)
        parts.worked?.(provider)
      },
      ...(parts.testLimit !== undefined && { limit: parts.testLimit }),
    })
  }

  async cards(): Promise<ProviderCard[]> {
    const { connections, models } = this.#parts
    // Lists that are old are asked for again behind, and the page hears of it.
    void models.groups(false).catch((error: unknown) => this.#parts.log.error(`providers: ${describe(error)}`))
    return Promise.all(connections.all().map((info) => this.#card(info)))
  }

  test(provider: string): Promise<ProviderTest | undefined> {
    return this.#tests.run(this.#info(provider))
  }

  async act(action: ProviderAction, provider: string, profile?: string): Promise<void> {
    await actions[action](this.#actionParts(), this.#info(provider), profile)
  }

  /** Asks for one more provider and gives its id; undefined where the person left. */
  add(): Promise<string | undefined> {
    return addProvider(this.#actionParts())
  }

  /** How an answer of this provider ended. True where that is news. */
  noteOutcome(provider: string, failure: Failure | undefined): boolean {
    return this.#troubles.note(provider, failure)
  }

  /** Another key is set, or one is gone. */
  keysChanged(provider: string): void {
    this.#tests.forget(provider)
    this.#troubles.note(provider, undefined)
  }

  #actionParts(): ActionParts {
    return { ...this.#parts, tests: this.#tests }
  }

  #info(id: string): ProviderInfo {
    const info = this.#parts.connections.all().find((provider) => provider.id === id)
    if (!info) throw new Error(`There is no provider named “${id}” any more.`)
    return info
  }

  async #card(info: ProviderInfo): Promise<ProviderCard> {
    const { connections, models, settings } = this.#parts
    const own = connections.settingsOf(info.id)
    const kind = kindOf(info.id, connections)
    const standing = await connections.standing(info)
    const list = await models.list(info)
    const test = this.#tests.last(info, standing.profile)
    const isUsable = connections.endpoint(info) !== NOWHERE
    const problem = this.#problem(info, list, test)
    const defaultModel = list.models.find(({ id }) => id === own?.defaultModel)?.name ?? own?.defaultModel
    return {
      id: info.id,
      label: info.label,
      kind,
      enabled: own?.enabled !== false,
      ...(own?.demo && { demo: true as const }),
      endpoint: kind === 'editor' || !isUsable ? '' : plain(connections.endpoint(info)),
      key: standing.status,
      ...(standing.envVar !== undefined && { envVar: standing.envVar }),
      ...(isUsable ? isNews(standing, info) && { why: standing.why } : { why: UNUSABLE }),
      keys: await this.#keys(info, kind, standing.profile),
      ...(settings().keyProfiles[info.id] !== undefined && { keyPinned: true as const }),
      ...(info.keyUrl !== undefined && { hasKeyPage: true as const }),
      ...(info.id === 'openrouter' && { canSignIn: true as const }),
      models: list.models.length,
      ...(list.fetchedAt > 0 && { listedAt: list.fetchedAt }),
      ...(problem && { problem }),
      ...(this.#tests.isRunning(info.id) && { testing: true as const }),
      ...(test && { test }),
      ...(defaultModel !== undefined && { defaultModel }),
    }
  }

  async #keys(
    info: ProviderInfo,
    kind: ProviderCard['kind'],
    inUse: string | undefined,
  ): Promise<ProviderCard['keys']> {
    if (kind === 'editor') return []
    const { keys, connections } = this.#parts
    const profiles = await keys.profiles(info, connections.settingsOf(info.id))
    return profiles.map(({ inUse: _, ...profile }) => ({
      ...profile,
      ...(profile.name === inUse && { inUse: true as const }),
    }))
  }

  /** The newest of what went wrong; what a test has said since then stands for it. */
  #problem(
    info: ProviderInfo,
    { failure, failedAt = 0 }: { failure?: Failure; failedAt?: number },
    test: ProviderTest | undefined,
  ): ProviderCard['problem'] {
    const ofList = failure && { text: failure.message, at: failedAt }
    const ofAnswer = this.#troubles.of(info.id)
    const newest = [ofList, ofAnswer].filter((one) => one !== undefined).sort((a, b) => b.at - a.at)[0]
    // A test tells the list of its failure a moment after it has ended.
    return newest && test && newest.at <= test.at + SAME_MOMENT ? undefined : newest
  }
}

const UNUSABLE = 'The baseUrl in your settings is not an http or https address, or has a password in it.'

/** Milliseconds. */
const SAME_MOMENT = 1000

/** True where more is to be said than that there is no key. */
function isNews(standing: Standing, info: ProviderInfo): standing is Standing & { why: string } {
  return standing.status === 'missing' && standing.why !== undefined && standing.why !== noKeyYet(info)
}

/** An address without what may be meant for the server alone. */
function plain(endpoint: string): string {
  const url = URL.parse(endpoint)
  return url ? `${url.origin}${url.pathname}`.replace(/\/+$/, '') : endpoint
}
