/** The Providers page. */
import type { ProviderId } from '../model.ts'
import type { Empty } from './empty.ts'
import type { KeyProfile, KeyStatus } from './models.ts'
import type { ProviderHealth } from './usage.ts'

/** One provider on the Providers page. */
export type ProviderCard = {
  id: ProviderId
  label: string
  /** `named`: a server the person named, which can be removed. `editor`: the editor's own models. */
  kind: 'built-in' | 'named' | 'editor'
  enabled: boolean
  demo?: true
  /** Where its requests go, without a query. Empty: the person has to say so first. The editor has none. */
  endpoint: string
  key: KeyStatus
  /** The environment variable in use. Its name, never its value. */
  envVar?: string
  /** Why there is no key although one might be expected. */
  why?: string
  keys: KeyProfile[]
  /** True where the settings say which of the keys counts. */
  keyPinned?: true
  /** True where there is a page to get a key from. */
  hasKeyPage?: true
  canSignIn?: true
  models: number
  /** When the provider was last asked for its models, in epoch milliseconds; absent: never. */
  listedAt?: number
  /** The last list or answer that failed, until one works. */
  problem?: { text: string; at: number }
  testing?: true
  /** How it does, where its last requests tell. */
  health?: ProviderHealth
  test?: ProviderTest
  /** The name of the model new chats begin with. */
  defaultModel?: string
}

/** What a test of a connection found, in a sentence. `at`: epoch milliseconds. */
export type ProviderTest = { ok: boolean; text: string; at: number }

/** What the Providers page asks the editor to do, in boxes of its own where there is something to say. */
export type ProviderAction =
  | 'set-key'
  | 'add-key'
  | 'prefer-key'
  | 'remove-key'
  | 'get-key'
  | 'sign-in'
  | 'edit-endpoint'
  | 'enable'
  | 'disable'
  | 'default-model'
  | 'cancel-test'
  | 'remove'

export type ProviderRequests = {
  providers: [Empty, ProviderCard[]]
  /** Asks the provider for its models with the key in use. Without `test` it was cancelled. */
  'test-provider': [{ provider: ProviderId }, { test?: ProviderTest }]
  'provider-action': [{ action: ProviderAction; provider: ProviderId; profile?: string }, Empty]
  /** Asks in boxes of the editor for one more provider; without `provider` the person left. */
  'add-provider': [Empty, { provider?: ProviderId }]
}
