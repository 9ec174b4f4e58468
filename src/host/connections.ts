/** From a provider's id to a provider that can be asked: endpoint, headers and key, put together in one place. */
import { createProvider, providers } from '../llm/index.ts'
import type { Provider, ProviderInfo } from '../llm/types.ts'
import { withConnectTimeout } from '../resilience/connect.ts'
import type { Failure } from '../shared/failure.ts'
import { FailureError } from '../shared/failure.ts'
import type { KeyStatus } from '../shared/protocol.ts'
import type { Keys } from './keys.ts'
import type { ProviderSettings, Settings } from './settings.ts'

/** The providers a person can choose. */
export const offered: readonly ProviderInfo[] = providers.filter(({ id }) => id === 'anthropic' || id === 'openai')

export type Connected = { info: ProviderInfo; provider: Provider; status: KeyStatus }

export class Connections {
  readonly #keys: Keys
  readonly #settings: () => Settings

  constructor(keys: Keys, settings: () => Settings) {
    this.#keys = keys
    this.#settings = settings
  }

  /** A provider ready to be asked, or why it cannot be. */
  async open(id: string): Promise<Connected | Failure> {
    const info = offered.find((provider) => provider.id === id)
    if (!info) return unknownProvider(id)
    const settings = this.settingsOf(id)
    const key = await this.#keys.find(info, settings)
    if (key.status === 'missing') return { code: 'auth', message: key.why ?? `No API key for ${info.label}.` }
    try {
      return { info, provider: this.#connect(id, settings, key.value), status: key.status }
    } catch (error) {
      if (error instanceof FailureError) return error.failure
      throw error
    }
  }

  #connect(id: string, settings: ProviderSettings | undefined, apiKey: string | undefined): Provider {
    return createProvider(id, {
      ...(apiKey !== undefined && { apiKey }),
      ...(settings?.baseUrl && { baseUrl: settings.baseUrl }),
      ...(settings?.headers && { headers: settings.headers }),
      fetch: withConnectTimeout(globalThis.fetch, this.#settings().timeouts.connect),
    })
  }

  async status(info: ProviderInfo): Promise<KeyStatus> {
    return (await this.#keys.find(info, this.settingsOf(info.id))).status
  }

  settingsOf(id: string): ProviderSettings | undefined {
    return this.#settings().providers[id]
  }

  /** Where requests to this provider go. */
  endpoint(info: ProviderInfo): string {
    return this.settingsOf(info.id)?.baseUrl ?? info.defaultBaseUrl
  }
}

function unknownProvider(id: string): Failure {
  const known = offered.map((provider) => provider.id).join(', ')
  return { code: 'invalid-request', message: `There is no provider named “${id}”. Choose one of: ${known}.` }
}
