/** The commands that set, name, remove and show keys. They ask in native boxes: no page ever sees a key. */
import * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import type { KeyProfile, KeyStatus } from '../shared/protocol.ts'
import type { Connections } from './connections.ts'
import type { Keys } from './keys.ts'
import { DEFAULT_PROFILE, ENVIRONMENT, keyProblem, profileProblem } from './keys.ts'

export type KeyCommandParts = {
  keys: Keys
  connections: Connections
  keysChanged(provider: ProviderInfo): void
}

/** A provider's id, or one of its profiles with it. */
type Argument = { provider: string; profile?: string } | string | undefined

export class KeyCommands {
  readonly #parts: KeyCommandParts

  constructor(parts: KeyCommandParts) {
    this.#parts = parts
  }

  /** Sets the key of a provider. Where it has keys already, asks which one to replace or how to name another. */
  async set(argument: unknown): Promise<void> {
    const { provider: id, profile: named } = parse(argument)
    const provider = await this.#choose(id, 'Set the API key of which provider?')
    if (!provider) return
    const profile = named ?? (await this.#chooseProfile(provider))
    if (profile === undefined) return
    const key = await this.#askKey(provider, profile)
    if (key === undefined) return
    await this.store(provider, key, profile)
    vscode.window.setStatusBarMessage(`$(key) ${title(provider, profile)} key saved`, 4000)
  }

  /** Adds a key under a name of its own. */
  async add(argument: unknown): Promise<void> {
    const provider = await this.#choose(parse(argument).provider, 'Add a key for which provider?')
    if (!provider) return
    const profile = await this.#askName(provider)
    if (profile !== undefined) await this.set({ provider: provider.id, profile })
  }

  async store(provider: ProviderInfo, key: string, profile = DEFAULT_PROFILE): Promise<void> {
    const { keys, connections, keysChanged } = this.#parts
    await keys.set(provider, connections.settingsOf(provider.id), key.trim(), profile)
    keysChanged(provider)
  }

  async remove(argument: unknown): Promise<void> {
    const { keys, connections, keysChanged } = this.#parts
    const { provider: id, profile: named } = parse(argument)
    const provider = await this.#choose(id, 'Remove the API key of which provider?')
    if (!provider) return
    const profiles = await this.#stored(provider)
    const profile = named ?? (profiles.length > 1 ? await pickProfile(provider, profiles, 'Remove') : profiles[0]?.name)
    if (profile === undefined && profiles.length > 1) return
    const removed = await keys.remove(provider, profile)
    keysChanged(provider)
    const { status, envVar } = await connections.standing(provider)
    const left = status === 'environment' ? ` ${envVar ?? provider.envVar} is still used.` : ''
    void vscode.window.showInformationMessage(
      removed
        ? `The ${title(provider, profile)} key was removed.${left}`
        : `No ${provider.label} key is stored here.${left}`,
    )
  }

  /** Makes one of a provider's keys the one that counts where no other is chosen. */
  async prefer(argument: unknown): Promise<void> {
    const { keys, connections, keysChanged } = this.#parts
    const { provider: id, profile: named } = parse(argument)
    const provider = await this.#choose(id, 'Choose the default key of which provider?')
    if (!provider) return
    const profiles = await keys.profiles(provider, connections.settingsOf(provider.id))
    const profile = named ?? (await pickProfile(provider, profiles, 'Use by default'))
    if (profile === undefined) return
    await keys.prefer(provider.id, profile)
    keysChanged(provider)
  }

  async showStatus(): Promise<void> {
    const items = await this.#items()
    const picked = await vscode.window.showQuickPick(items, {
      title: 'Panelist: Key Status',
      placeHolder: 'Choose a provider to set its key',
    })
    if (picked) await this.set(picked.provider.id)
  }

  async #askKey(provider: ProviderInfo, profile: string): Promise<string | undefined> {
    const host = URL.parse(this.#parts.connections.endpoint(provider))?.host ?? provider.label
    return vscode.window.showInputBox({
      title: `Set API Key: ${title(provider, profile)}`,
      prompt: `Kept in VS Code's secret storage and sent to ${host} only. Get one at ${provider.keyUrl ?? host}`,
      placeHolder: 'Paste the key',
      password: true,
      ignoreFocusOut: true,
      validateInput: keyProblem,
    })
  }

  async #askName(provider: ProviderInfo): Promise<string | undefined> {
    const taken = (await this.#stored(provider)).map(({ name }) => name)
    const name = await vscode.window.showInputBox({
      title: `Add an API Key: ${provider.label}`,
      prompt: 'A name for this key',
      placeHolder: 'personal, work, ...',
      ignoreFocusOut: true,
      validateInput: (text) =>
        taken.includes(text.trim()) ? `There is a key named “${text.trim()}” already.` : profileProblem(text),
    })
    return name?.trim()
  }

  /** The one there is to set where there is none yet or the one in use was refused; else the person says. */
  async #chooseProfile(provider: ProviderInfo): Promise<string | undefined> {
    const stored = await this.#stored(provider)
    const refused = stored.find(({ inUse, status }) => inUse && status === 'rejected')
    if (stored.length === 0 || refused) return refused?.name ?? DEFAULT_PROFILE
    const another: vscode.QuickPickItem = { label: '$(add) Add another key…' }
    const picked = await vscode.window.showQuickPick([...stored.map(profileItem), another], {
      title: `Set API Key: ${provider.label}`,
      placeHolder: 'Replace which key?',
    })
    if (picked === another) return this.#askName(provider)
    return picked && (picked as ProfileItem).profile
  }

  async #stored(provider: ProviderInfo): Promise<KeyProfile[]> {
    const { keys, connections } = this.#parts
    const profiles = await keys.profiles(provider, connections.settingsOf(provider.id))
    return profiles.filter(({ name }) => name !== ENVIRONMENT)
  }

  async #choose(id: string | undefined, placeHolder: string): Promise<ProviderInfo | undefined> {
    const named = this.#parts.connections.all().find((provider) => provider.id === id)
    if (named) return named
    return (await vscode.window.showQuickPick(await this.#items(), { placeHolder }))?.provider
  }

  async #items(): Promise<ProviderItem[]> {
    const { connections } = this.#parts
    const providers = connections.offered().filter(({ id }) => !connections.isEditor(id))
    return Promise.all(
      providers.map(async (provider) => {
        const { status, envVar, profile } = await connections.standing(provider)
        return {
          label: provider.label,
          description: sayStatus(status, envVar, profile),
          detail: URL.parse(connections.endpoint(provider))?.host ?? '',
          provider,
        }
      }),
    )
  }
}

type ProviderItem = vscode.QuickPickItem & { provider: ProviderInfo }
type ProfileItem = vscode.QuickPickItem & { profile: string }

function parse(argument: unknown): { provider?: string; profile?: string } {
  const known = argument as Argument
  return typeof known === 'object' && known !== null ? known : typeof known === 'string' ? { provider: known } : {}
}

/** What a key is called in a sentence: its provider, and its name where that says something. */
function title(provider: ProviderInfo, profile: string | undefined): string {
  return profile === undefined || profile === DEFAULT_PROFILE ? provider.label : `${provider.label} (${profile})`
}

function profileItem({ name, status, inUse, envVar }: KeyProfile): ProfileItem {
  const words = [inUse && 'in use', sayStatus(status, envVar, undefined)]
  return { label: `$(key) ${name}`, description: words.filter(Boolean).join(', '), profile: name }
}

async function pickProfile(
  provider: ProviderInfo,
  profiles: readonly KeyProfile[],
  what: string,
): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(profiles.map(profileItem), {
    title: `${provider.label}: Keys`,
    placeHolder: `${what} which key?`,
  })
  return picked?.profile
}

function sayStatus(status: KeyStatus, envVar: string | undefined, profile: string | undefined): string {
  const named = profile === undefined || profile === DEFAULT_PROFILE ? '' : ` (${profile})`
  const words: Record<KeyStatus, string> = {
    set: `key set${named}`,
    memory: `key set${named}, but only until VS Code closes: there is no system keyring here`,
    environment: `key from ${envVar ?? 'the environment'}`,
    missing: 'no key',
    rejected: `key refused by the provider${named}`,
    'not-needed': 'no key needed',
    absent: 'no key needed, but it does not run',
    barred: 'nothing may be sent to it',
  }
  return words[status]
}
