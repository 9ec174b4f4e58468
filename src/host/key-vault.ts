/**
 * Where keys lie: SecretStorage, under `panelist.key.<provider>.<profile>`, each with the origin it was set for. Which
 * there are is kept beside them by name, because a secret that is gone after a restart must be told from none at all.
 */
import type * as vscode from 'vscode'
import { isObject, parseJson } from '../shared/json.ts'

/** A key and the origin of the endpoint it was set for. */
export type BoundKey = { key: string; origin: string }

export const DEFAULT_PROFILE = 'default'

/** The names of the secrets that were set: `<provider>` for the default profile, `<provider>/<profile>` for others. */
const INDEX = 'panelist.keys'
/** Those of them that were found gone. */
const LOST = 'panelist.keys.lost'
/** The profile that counts where nobody chose one, by provider. */
const DEFAULTS = 'panelist.keys.default'

/** Every request and every view of a panel asks for the keys of all providers, most of which have none. Milliseconds. */
const NONE_COUNTS_FOR = 1_000

export class KeyVault {
  readonly #secrets: vscode.SecretStorage
  readonly #state: vscode.Memento
  readonly #setHere = new Set<string>()
  /**
   * What was read, until it changes: SecretStorage answers from another process, which takes 5 ms when that is idle and
   * 100 ms when it is not, and every request and every view of a panel asks.
   */
  readonly #held = new Map<string, Promise<BoundKey | undefined>>()
  /** The names of all secrets, until one changes. */
  #names: Promise<string[]> | undefined
  #askedAt = 0
  /** The names are asked for anew, behind what is known. */
  #again: Promise<unknown> | undefined

  constructor(secrets: vscode.SecretStorage, state: vscode.Memento) {
    this.#secrets = secrets
    this.#state = state
    secrets.onDidChange(() => this.#forgetAll())
  }

  /** The profiles of a provider that there is a key of, the one named default first, then by name. */
  async profiles(provider: string): Promise<string[]> {
    const prefix = secretName(provider, '')
    this.#names ??= this.#askNames()
    this.#names.catch(() => (this.#names = undefined))
    const names = await this.#names
    const profiles = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
    // That there is none is not held for long: another window may set one without a word to this.
    if (profiles.length === 0 && performance.now() - this.#askedAt > NONE_COUNTS_FOR) this.#askAgain()
    return inOrder(profiles)
  }

  /** The same for whoever would say that there is none: if that is being asked for anew, the answer is waited for. */
  async profilesNow(provider: string): Promise<string[]> {
    await this.#again
    return this.profiles(provider)
  }

  /** The profile the person made the default one, where they did. */
  preferred(provider: string): string | undefined {
    return this.#state.get<Record<string, string>>(DEFAULTS, {})[provider]
  }

  async prefer(provider: string, profile: string | undefined): Promise<void> {
    const { [provider]: _, ...others } = this.#state.get<Record<string, string>>(DEFAULTS, {})
    await this.#state.update(DEFAULTS, profile === undefined ? others : { ...others, [provider]: profile })
  }

  async read(provider: string, profile: string): Promise<BoundKey | undefined> {
    const name = indexName(provider, profile)
    const held = this.#held.get(name)
    if (held) return held
    const reading = this.#fetch(provider, profile)
    this.#held.set(name, reading)
    // That there is none is not held: another window may set one without a word to this.
    const forget = (): boolean => this.#held.delete(name)
    reading.then((bound) => (bound ? this.#noteKept(name) : forget()), forget)
    return reading
  }

  /** What was read may be out of date: another window may have set a better one without a word to this. */
  forget(provider: string, profile: string): void {
    this.#held.delete(indexName(provider, profile))
    this.#names = undefined
  }

  async store(provider: string, profile: string, bound: BoundKey): Promise<void> {
    const name = indexName(provider, profile)
    this.#setHere.add(name)
    await this.#secrets.store(secretName(provider, profile), JSON.stringify(bound))
    this.#forgetAll()
    if (!this.#list(INDEX).includes(name)) await this.#state.update(INDEX, [...this.#list(INDEX), name])
  }

  async delete(provider: string, profile: string): Promise<void> {
    const name = indexName(provider, profile)
    await this.#secrets.delete(secretName(provider, profile))
    this.#forgetAll()
    await this.#state.update(INDEX, without(this.#list(INDEX), name))
    await this.#state.update(LOST, without(this.#list(LOST), name))
    if (this.preferred(provider) === profile) await this.prefer(provider, undefined)
  }

  /** True where a key that was set here will be gone when the window closes. */
  isInMemory(provider: string, profile: string): boolean {
    const name = indexName(provider, profile)
    return this.#setHere.has(name) && this.#list(LOST).includes(name)
  }

  /** The profiles whose key was set and is gone: the storage does not keep what it is given. Remembers that it was so. */
  async noteLost(provider: string): Promise<string[]> {
    const there = await this.profiles(provider)
    const gone = this.#wereSet(provider).filter((profile) => !there.includes(profile))
    const names = gone.map((profile) => indexName(provider, profile))
    const news = names.filter((name) => !this.#list(LOST).includes(name))
    if (news.length > 0) void this.#state.update(LOST, [...this.#list(LOST), ...news])
    return gone
  }

  /** A key that is there although this window did not set it has outlived one: the storage keeps what it is given. */
  #noteKept(name: string): void {
    if (this.#setHere.has(name) || !this.#list(LOST).includes(name)) return
    void this.#state.update(LOST, without(this.#list(LOST), name))
  }

  async #askNames(): Promise<string[]> {
    this.#askedAt = performance.now()
    return this.#secrets.keys()
  }

  /** A request that needs no key, or has one of the environment, is not held up by it. */
  #askAgain(): void {
    if (this.#again) return
    const before = this.#names
    const keep = (names: string[]): void => {
      if (this.#names === before) this.#names = Promise.resolve(names)
    }
    this.#again = this.#askNames()
      .then(keep, () => (this.#names = undefined))
      .finally(() => (this.#again = undefined))
  }

  #forgetAll(): void {
    this.#held.clear()
    this.#names = undefined
  }

  /** By what is kept beside the secrets, which may know less than there is: VS Code writes it down now and then. */
  #wereSet(provider: string): string[] {
    const prefix = `${provider}/`
    const others = this.#list(INDEX).filter((name) => name.startsWith(prefix))
    const profiles = others.map((name) => name.slice(prefix.length))
    return this.#list(INDEX).includes(provider) ? [DEFAULT_PROFILE, ...profiles] : profiles
  }

  #list(key: string): string[] {
    return this.#state.get<string[]>(key, [])
  }

  async #fetch(provider: string, profile: string): Promise<BoundKey | undefined> {
    const secret = await this.#secrets.get(secretName(provider, profile))
    const bound = secret === undefined ? undefined : parseJson(secret)
    if (!isObject(bound) || typeof bound.key !== 'string' || typeof bound.origin !== 'string') return undefined
    return { key: bound.key, origin: bound.origin }
  }
}

function inOrder(profiles: readonly string[]): string[] {
  const others = profiles.filter((profile) => profile !== DEFAULT_PROFILE).sort()
  return profiles.includes(DEFAULT_PROFILE) ? [DEFAULT_PROFILE, ...others] : others
}

const without = (names: readonly string[], name: string): string[] => names.filter((other) => other !== name)

function secretName(provider: string, profile: string): string {
  return `panelist.key.${provider}.${profile}`
}

function indexName(provider: string, profile: string): string {
  return profile === DEFAULT_PROFILE ? provider : `${provider}/${profile}`
}
