/**
 * API keys: which one a request is sent with. They lie in SecretStorage, bound to the origin of the endpoint they were
 * set for, and leave this file only towards that origin. A provider may have several, each under the name of a profile;
 * the environment is one more profile, which can only be read.
 */
import type * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import type { KeyProfile, KeyStatus } from '../shared/protocol.ts'
import { isLoopback } from './address.ts'
import { variableOf } from './environment.ts'
import { DEFAULT_PROFILE, KeyVault } from './key-vault.ts'
import { endpointOf } from './offer.ts'
import type { ProviderSettings } from './settings.ts'

export { DEFAULT_PROFILE }
/** The profile that is the environment variable of the provider's own tools. */
export const ENVIRONMENT = 'environment'

export type FoundKey = {
  status: KeyStatus
  value?: string
  /** The profile `value` is of. */
  profile?: string
  /** The variable `value` came from. */
  envVar?: string
  /** Why there is none although one might be expected: a sentence with what to do. */
  why?: string
}

type Place = { info: ProviderInfo; settings: ProviderSettings | undefined; origin: string }

export class Keys {
  readonly #vault: KeyVault
  readonly #environment: NodeJS.ProcessEnv
  readonly #rejected = new Set<string>()

  constructor(secrets: vscode.SecretStorage, state: vscode.Memento, environment: NodeJS.ProcessEnv) {
    this.#vault = new KeyVault(secrets, state)
    this.#environment = environment
  }

  /**
   * The key for this provider's endpoint: of the profile asked for and of no other, else of the default one. Without a
   * default it is the first that was set for this origin, then the environment's.
   */
  async find(info: ProviderInfo, settings: ProviderSettings | undefined, profile?: string): Promise<FoundKey> {
    const place = placeOf(info, settings)
    // Where nobody names a key, the person's own is used before one that others share.
    const shared = settings?.credits?.keyProfile
    const preferred = this.#vault.preferred(info.id)
    const wanted = profile ?? (preferred === shared ? undefined : preferred)
    if (wanted !== undefined) {
      const found = await this.#of(place, wanted)
      if (found) return found
      if (profile !== undefined) return { status: 'missing', why: this.#whyNoProfile(place, profile) }
    }
    const profiles = await this.#vault.profiles(info.id)
    for (const name of sharedLast([...profiles, ENVIRONMENT], shared)) {
      const found = await this.#of(place, name)
      if (found) return found
    }
    if (needsNone(place, profiles.length > 0)) return { status: 'not-needed' }
    const isNews = profiles.length === 0 && (await this.#vault.profilesNow(info.id)).length > 0
    if (isNews) return this.find(info, settings, profile)
    return { status: 'missing', why: await this.#whyMissing(place) }
  }

  /** Every profile of a provider that has a key, also those whose key is for another endpoint than the present one. */
  async profiles(info: ProviderInfo, settings: ProviderSettings | undefined): Promise<KeyProfile[]> {
    const place = placeOf(info, settings)
    const inUse = (await this.find(info, settings)).profile
    const all: KeyProfile[] = []
    for (const name of [...(await this.#vault.profiles(info.id)), ENVIRONMENT]) {
      const found = await this.#of(place, name)
      const envVar = name === ENVIRONMENT ? this.#variable(info) : undefined
      if (!found && name === ENVIRONMENT) continue
      all.push({
        name,
        status: found?.status ?? 'missing',
        ...(name === inUse && { inUse: true as const }),
        ...(envVar && { envVar: envVar.name }),
      })
    }
    return all
  }

  /** The names of the profiles a request to this endpoint can be sent with. */
  async names(info: ProviderInfo, settings: ProviderSettings | undefined): Promise<string[]> {
    const profiles = await this.profiles(info, settings)
    return profiles.filter(({ status }) => status !== 'missing').map(({ name }) => name)
  }

  async set(
    info: ProviderInfo,
    settings: ProviderSettings | undefined,
    key: string,
    profile = DEFAULT_PROFILE,
  ): Promise<void> {
    this.#rejected.delete(rejection(info.id, profile))
    await this.#vault.store(info.id, profile, { key, origin: placeOf(info, settings).origin })
  }

  /** True where there was a key to remove. */
  async remove(info: ProviderInfo, profile = DEFAULT_PROFILE): Promise<boolean> {
    const had = (await this.#vault.read(info.id, profile)) !== undefined
    await this.#vault.delete(info.id, profile)
    this.#rejected.delete(rejection(info.id, profile))
    return had
  }

  /** Makes this the profile that counts where nobody chose one. */
  prefer(provider: string, profile: string): Promise<void> {
    return this.#vault.prefer(provider, profile)
  }

  /** The provider said that this key is wrong. Holds until another is set. True where that is news. */
  reject(provider: string, profile: string): boolean {
    this.#vault.forget(provider, profile)
    if (this.#rejected.has(rejection(provider, profile))) return false
    this.#rejected.add(rejection(provider, profile))
    return true
  }

  /** The provider took the key. True where that is news. */
  accept(provider: string, profile: string): boolean {
    return this.#rejected.delete(rejection(provider, profile))
  }

  async #of(place: Place, profile: string): Promise<FoundKey | undefined> {
    const { info, origin } = place
    const rejected = this.#rejected.has(rejection(info.id, profile))
    if (profile === ENVIRONMENT) {
      const variable = this.#variable(info)
      if (!variable || !mayUseEnvironment(place)) return undefined
      return { status: rejected ? 'rejected' : 'environment', value: variable.value, profile, envVar: variable.name }
    }
    const stored = await this.#vault.read(info.id, profile)
    if (stored?.origin !== origin) return undefined
    const kept = this.#vault.isInMemory(info.id, profile) ? 'memory' : 'set'
    return { status: rejected ? 'rejected' : kept, value: stored.key, profile }
  }

  #variable(info: ProviderInfo): { name: string; value: string } | undefined {
    const name = variableOf(info, this.#environment)
    return name === undefined ? undefined : { name, value: this.#environment[name]!.trim() }
  }

  #whyNoProfile({ info, origin }: Place, profile: string): string {
    return `There is no key named “${profile}” for ${info.label} at ${origin}. Set one of that name, or choose another.`
  }

  async #whyMissing({ info, origin }: Place): Promise<string> {
    const profiles = await this.#vault.profiles(info.id)
    const stored = await Promise.all(profiles.map((name) => this.#vault.read(info.id, name)))
    const elsewhere = stored.find((bound) => bound !== undefined)
    if (elsewhere) {
      return `The ${info.label} key was set for ${elsewhere.origin} and is not sent to ${origin}. Set a key for this endpoint.`
    }
    const variable = this.#variable(info)
    if (variable) {
      return `${variable.name} is not sent to ${origin}, because that is not ${info.label}'s own endpoint. Set a key for it, or set panelist.providers.${info.id}.useEnvironmentKey.`
    }
    const lost = await this.#vault.noteLost(info.id)
    if (lost.length > 0) {
      return `The ${info.label} key is gone: VS Code could keep it only in memory, because there is no system keyring here. Set it again, or use ${info.envVar ?? 'an environment variable'}.`
    }
    return noKeyYet(info)
  }
}

function sharedLast(profiles: readonly string[], shared: string | undefined): string[] {
  return [...profiles.filter((name) => name !== shared), ...profiles.filter((name) => name === shared)]
}

function placeOf(info: ProviderInfo, settings: ProviderSettings | undefined): Place {
  return { info, settings, origin: URL.parse(endpointOf(info, settings))?.origin ?? '' }
}

/** Without a word of the person a key of the environment goes to nobody but the one its variable is named after. */
function mayUseEnvironment({ info, settings, origin }: Place): boolean {
  if (settings?.useEnvironmentKey || settings?.environmentVariable) return true
  return info.defaultBaseUrl === '' || origin === new URL(info.defaultBaseUrl).origin
}

/**
 * A server on this machine takes everyone, unless it stands in for one that does not. Of a server of the person's own
 * only its first answer tells; where it was given a key before, the key belongs to it.
 */
function needsNone({ info, settings }: Place, hasKeys: boolean): boolean {
  if (info.keyless) return true
  if (settings?.baseUrl === undefined || settings.baseUrl === info.defaultBaseUrl) return false
  return isLoopback(settings.baseUrl) || (info.keyUrl === undefined && !hasKeys)
}

function rejection(provider: string, profile: string): string {
  return `${provider}/${profile}`
}

/** Why there is no key where nobody would expect one. */
export function noKeyYet({ label }: ProviderInfo): string {
  return `No API key for ${label}. Set one to go on.`
}

const MOST_OF_A_NAME = 30

/** Why this cannot name a profile, for the input box; undefined where it can. */
export function profileProblem(text: string): string | undefined {
  const name = text.trim()
  if (name === '') return 'Give the key a name, such as personal or work.'
  if (!/^[a-z0-9][a-z0-9_-]*$/i.test(name)) return 'Use letters, digits, - and _.'
  if (name.toLowerCase() === ENVIRONMENT) return 'This name stands for the environment variable.'
  return name.length > MOST_OF_A_NAME ? `Use at most ${MOST_OF_A_NAME} letters.` : undefined
}

/** Why this text cannot be an API key, for the password box; undefined where it can. */
export function keyProblem(text: string): string | undefined {
  const key = text.trim()
  if (key === '') return 'Paste the key here.'
  if (/\s/.test(key)) return 'A key has no spaces or line breaks. Copy it again.'
  if (/[^\x21-\x7e]/.test(key)) return 'This holds a character that no key has. Copy it again.'
  if (/^https?:/.test(key)) return 'This is an address, not a key. Endpoints belong in the setting panelist.providers.'
  return key.length < 8 ? 'This is too short for a key.' : undefined
}
