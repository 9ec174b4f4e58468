/**
 * API keys. They live in SecretStorage, are bound to the origin of the endpoint they were set for, and leave this file
 * only towards that origin. Environment variables are a fallback for the provider's own endpoint.
 */
import type * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { KeyStatus } from '../shared/protocol.ts'
import { isLoopback } from './address.ts'
import type { ProviderSettings } from './settings.ts'

export type FoundKey = {
  status: KeyStatus
  value?: string
  /** Why there is none although one might be expected: a sentence with what to do. */
  why?: string
}

type Bound = { key: string; origin: string }

const PROFILE = 'default'
/** Which secrets were set, so that one that is gone after a restart shows that nothing keeps them. Names only. */
const INDEX = 'panelist.keys'
/** Those of them that were found gone. */
const LOST = 'panelist.keys.lost'

export class Keys {
  readonly #secrets: vscode.SecretStorage
  readonly #state: vscode.Memento
  readonly #environment: NodeJS.ProcessEnv
  readonly #rejected = new Set<string>()
  readonly #setHere = new Set<string>()
  /**
   * What was read, until it changes: SecretStorage answers from another process, which takes 5 ms when that is idle and
   * 100 ms when it is not, and every request and every view of a panel asks.
   */
  readonly #held = new Map<string, Promise<Bound | undefined>>()

  constructor(secrets: vscode.SecretStorage, state: vscode.Memento, environment: NodeJS.ProcessEnv) {
    this.#secrets = secrets
    this.#state = state
    this.#environment = environment
    secrets.onDidChange(() => this.#held.clear())
  }

  async find(provider: ProviderInfo, settings: ProviderSettings | undefined): Promise<FoundKey> {
    const endpoint = settings?.baseUrl ?? provider.defaultBaseUrl
    const origin = new URL(endpoint).origin
    const stored = await this.#read(provider.id)
    if (stored) this.#noteKept(provider.id)
    if (stored?.origin === origin) return { status: this.#statusOf(provider.id), value: stored.key }
    const variable = provider.envVar
    const fromEnvironment = variable ? this.#environment[variable]?.trim() : undefined
    const ownEndpoint = origin === new URL(provider.defaultBaseUrl).origin
    if (fromEnvironment && (ownEndpoint || settings?.useEnvironmentKey)) {
      return { status: this.#rejected.has(provider.id) ? 'rejected' : 'environment', value: fromEnvironment }
    }
    if (isLoopback(endpoint) && !ownEndpoint) return { status: 'not-needed' }
    return { status: 'missing', why: this.#whyMissing(provider, origin, stored, fromEnvironment) }
  }

  async set(provider: ProviderInfo, settings: ProviderSettings | undefined, key: string): Promise<void> {
    const origin = new URL(settings?.baseUrl ?? provider.defaultBaseUrl).origin
    this.#rejected.delete(provider.id)
    this.#setHere.add(provider.id)
    await this.#secrets.store(secretName(provider.id), JSON.stringify({ key, origin } satisfies Bound))
    this.#held.delete(provider.id)
    if (!this.#known().includes(provider.id)) await this.#state.update(INDEX, [...this.#known(), provider.id])
  }

  /** True where there was a key to remove. */
  async remove(provider: ProviderInfo): Promise<boolean> {
    const had = (await this.#read(provider.id)) !== undefined
    await this.#secrets.delete(secretName(provider.id))
    this.#held.delete(provider.id)
    this.#rejected.delete(provider.id)
    await this.#state.update(INDEX, without(this.#known(), provider.id))
    await this.#state.update(LOST, without(this.#lost(), provider.id))
    return had
  }

  /** The provider said that this key is wrong. Holds until another is set. True where that is news. */
  reject(provider: string): boolean {
    // Another window may have set a better one without a word to this.
    this.#held.delete(provider)
    if (this.#rejected.has(provider)) return false
    this.#rejected.add(provider)
    return true
  }

  /** The provider took the key. True where that is news. */
  accept(provider: string): boolean {
    return this.#rejected.delete(provider)
  }

  /** A key that is there although this window did not set it has outlived one: the storage keeps what it is given. */
  #noteKept(provider: string): void {
    if (this.#setHere.has(provider) || !this.#wasLost(provider)) return
    void this.#state.update(LOST, without(this.#lost(), provider))
  }

  #statusOf(provider: string): KeyStatus {
    if (this.#rejected.has(provider)) return 'rejected'
    return this.#setHere.has(provider) && this.#wasLost(provider) ? 'memory' : 'set'
  }

  #whyMissing(
    provider: ProviderInfo,
    origin: string,
    stored: Bound | undefined,
    fromEnvironment: string | undefined,
  ): string {
    if (stored) {
      return `The ${provider.label} key was set for ${stored.origin} and is not sent to ${origin}. Set a key for this endpoint.`
    }
    if (fromEnvironment) {
      return `${provider.envVar} is not sent to ${origin}, because that is not ${provider.label}'s own endpoint. Set a key for it, or set panelist.providers.${provider.id}.useEnvironmentKey.`
    }
    if (this.#known().includes(provider.id)) {
      if (!this.#wasLost(provider.id)) void this.#state.update(LOST, [...this.#lost(), provider.id])
      return `The ${provider.label} key is gone: VS Code could keep it only in memory, because there is no system keyring here. Set it again, or use ${provider.envVar ?? 'an environment variable'}.`
    }
    return `No API key for ${provider.label}. Set one to go on.`
  }

  #wasLost(provider: string): boolean {
    return this.#lost().includes(provider)
  }

  #lost(): string[] {
    return this.#state.get<string[]>(LOST, [])
  }

  #known(): string[] {
    return this.#state.get<string[]>(INDEX, [])
  }

  async #read(provider: string): Promise<Bound | undefined> {
    const held = this.#held.get(provider)
    if (held) return held
    const reading = this.#fetch(provider)
    this.#held.set(provider, reading)
    // That there is none is not held: another window may set one without a word to this.
    const forget = (): boolean => this.#held.delete(provider)
    reading.then((bound) => bound ?? forget(), forget)
    return reading
  }

  async #fetch(provider: string): Promise<Bound | undefined> {
    const secret = await this.#secrets.get(secretName(provider))
    const bound = secret === undefined ? undefined : parseJson(secret)
    if (!isObject(bound) || typeof bound.key !== 'string' || typeof bound.origin !== 'string') return undefined
    return { key: bound.key, origin: bound.origin }
  }
}

const without = (ids: readonly string[], id: string): string[] => ids.filter((other) => other !== id)

function secretName(provider: string): string {
  return `panelist.key.${provider}.${PROFILE}`
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
