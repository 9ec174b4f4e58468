/** From a provider's id to a provider that can be asked: endpoint, headers and key, put together in one place. */
import { createProvider } from '../llm/index.ts'
import { secretsOf } from '../llm/redact.ts'
import type { Provider, ProviderInfo } from '../llm/types.ts'
import type { RateHeaders } from '../resilience/admission.ts'
import { withConnectTimeout } from '../resilience/connect.ts'
import type { ConversationId, PaidBy } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import { FailureError } from '../shared/failure.ts'
import type { Barred, BarredBy, KeyStatus } from '../shared/protocol.ts'
import { paidBy } from '../usage/credits.ts'
import type { FoundKey, Keys } from './keys.ts'
import type { Log } from './log.ts'
import { withRequestLog } from './logged-fetch.ts'
import type { EditorProvider, Presence } from './offer.ts'
import { allProviders, endpointOf, isOffered } from './offer.ts'
import type { ProviderSettings, Settings } from './settings.ts'

export type Connected = {
  info: ProviderInfo
  provider: Provider
  status: KeyStatus
  keyProfile?: string
  /** Whose money a request costs. Absent where none is asked for. */
  paidBy?: PaidBy
  /** Host and port its requests go to; absent for the editor's models. */
  host?: string
  /** The same with its scheme. */
  origin?: string
  /** The headers of the last answer it gave, where there was one. */
  headers?: () => RateHeaders | undefined
  /** How many requests it has taken so far: answered otherwise than with a refusal. */
  accepted?: () => number
  /**
   * The same as it is by now, or why nothing may be sent to it after all: asked right before, because a request may have
   * waited long for its turn, and its key be gone. What is as it was stays the same.
   */
  anew?: () => Promise<Connected | Failure>
}

/** A key's state, and for what needs no key whether it is there. */
export type Standing = Omit<FoundKey, 'value'> & {
  /** The names of the keys there are for it. */
  profiles?: string[]
}

export type ConnectionParts = {
  keys: Keys
  settings: () => Settings
  editor?: readonly EditorProvider[]
  presence?: Presence
  /** The providers that this conversation alone forbids. */
  forbidden?(conversation: ConversationId): readonly string[]
  /** Told of each request; `hide` of each value that no line may hold. */
  log?: Pick<Log, 'debug' | 'warn'> & { hide(secret: string): void }
}

export class Connections {
  readonly #parts: ConnectionParts

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  /** Every provider there is, also those that are switched off or have no address yet. */
  all(): ProviderInfo[] {
    return allProviders(this.#parts.settings().providers, this.#editor)
  }

  /** The providers a person can choose. */
  offered(): ProviderInfo[] {
    return this.all().filter((info) => this.isOffered(info))
  }

  isOffered(info: ProviderInfo): boolean {
    return isOffered(info, this.settingsOf(info.id), this.isEditor(info.id))
  }

  /** True for the models of the editor itself, which have neither an address nor a key. */
  isEditor(id: string): boolean {
    return this.#editor.some(({ info }) => info.id === id)
  }

  /** True where nothing may be sent to it, or nothing of one of these conversations. */
  isBarred(id: string, ...conversations: (ConversationId | undefined)[]): boolean {
    return this.barredBy(id, ...conversations) !== undefined
  }

  /** Who says that nothing may be sent to it. What a chat says counts last: the person can change it there. */
  barredBy(id: string, ...conversations: (ConversationId | undefined)[]): BarredBy | undefined {
    const { settings, forbidden } = this.#parts
    const { neverSendTo, neverSendToHere = [] } = settings()
    if (neverSendToHere.includes(id)) return 'workspace'
    if (neverSendTo.includes(id)) return 'user'
    const isBarred = conversations.some((one) => one !== undefined && forbidden?.(one).includes(id))
    return isBarred ? 'chat' : undefined
  }

  /** All that nothing may be sent to: those of the settings, and those that this conversation forbids. */
  barredOf(conversation: ConversationId): Barred[] {
    const { settings, forbidden } = this.#parts
    const ids = new Set([...settings().neverSendTo, ...(forbidden?.(conversation) ?? [])])
    return [...ids].map((id) => ({
      provider: id,
      label: this.all().find((info) => info.id === id)?.label ?? id,
      by: this.barredBy(id, conversation) ?? 'chat',
    }))
  }

  /** Why nothing may be sent to it, in words; undefined where it may. */
  whyBarred(id: string, ...conversations: (ConversationId | undefined)[]): Failure | undefined {
    const by = this.barredBy(id, ...conversations)
    return by && barred(this.all().find((info) => info.id === id) ?? { id, label: id }, by)
  }

  info(id: string): ProviderInfo | undefined {
    return this.offered().find((info) => info.id === id)
  }

  /**
   * A provider ready to be asked, with the key of this profile or of the default one, or why it cannot be. Whatever is sent
   * for a conversation, or while it may be part of it, names that one: it may forbid the provider.
   */
  async open(
    id: string,
    profile?: string,
    ...conversations: (ConversationId | undefined)[]
  ): Promise<Connected | Failure> {
    const info = this.info(id)
    const why = this.#why(id, conversations)
    if (!info || why) return why ?? this.#whyNot(id)
    const editor = this.#editor.find((provider) => provider.info.id === id)
    if (editor) {
      const anew = (): Promise<Connected | Failure> => Promise.resolve(this.#why(id, conversations) ?? connected)
      const connected: Connected = { info, provider: editor.create(), status: 'not-needed', anew }
      return connected
    }
    const key = await this.#find(info, profile)
    if (key.status === 'missing') return { code: 'auth', message: key.why ?? `No API key for ${info.label}.` }
    try {
      let headers: Headers | undefined
      let accepted = 0
      const provider = this.#connect(id, key.value, (answered) => {
        headers = answered.headers
        if (answered.ok) accepted++
      })
      const address = URL.parse(this.endpoint(info))
      const { status, profile: keyProfile } = key
      const payer = paidBy(this.settingsOf(id)?.credits, keyProfile)
      const made = this.#madeOf(info, key)
      const anew = async (): Promise<Connected | Failure> => {
        const now = this.info(id)
        const [why, its] = [this.#why(id, conversations), now && (await this.#find(now, keyProfile ?? profile))]
        if (!why && now && its && this.#madeOf(now, its) === made) return connected
        return this.open(id, keyProfile ?? profile, ...conversations)
      }
      const connected: Connected = {
        info,
        provider,
        status,
        anew,
        headers: () => headers,
        accepted: () => accepted,
        ...(keyProfile !== undefined && { keyProfile }),
        ...(payer && { paidBy: payer }),
        ...(address && { host: address.host, origin: address.origin }),
      }
      return connected
    } catch (error) {
      if (error instanceof FailureError) return error.failure
      throw error
    }
  }

  /** Whether a provider can be used as it is, and with which key; never the key itself. */
  async standing(info: ProviderInfo, profile?: string, conversation?: ConversationId): Promise<Standing> {
    if (this.isBarred(info.id, conversation)) return { status: 'barred' }
    if (this.isEditor(info.id)) return { status: this.#isThere(info) ? 'not-needed' : 'absent' }
    const { value: _, ...standing } = await this.#find(info, profile)
    if (info.keyless && standing.status === 'not-needed' && !this.#isThere(info)) return { status: 'absent' }
    return { ...standing, profiles: await this.#parts.keys.names(info, this.settingsOf(info.id)) }
  }

  async status(info: ProviderInfo, profile?: string, conversation?: ConversationId): Promise<KeyStatus> {
    return (await this.standing(info, profile, conversation)).status
  }

  settingsOf(id: string): ProviderSettings | undefined {
    return this.#parts.settings().providers[id]
  }

  /** Where requests to this provider go; empty where the person has to say so first, and for the editor's models. */
  endpoint(info: ProviderInfo): string {
    return endpointOf(info, this.settingsOf(info.id))
  }

  get #editor(): readonly EditorProvider[] {
    return this.#parts.editor ?? []
  }

  #why(id: string, conversations: readonly (ConversationId | undefined)[]): Failure | undefined {
    return this.info(id) ? this.whyBarred(id, ...conversations) : this.#whyNot(id)
  }

  /** All that a connection is made of, to be compared and for nothing else: the key is among it. */
  #madeOf(info: ProviderInfo, { value, profile }: FoundKey): string {
    const { headers, dialect } = this.settingsOf(info.id) ?? {}
    return JSON.stringify([profile, value, this.endpoint(info), headers, dialect])
  }

  /** What was asked for by name, else what the settings say for this provider, else the default. */
  #find(info: ProviderInfo, profile: string | undefined): Promise<FoundKey> {
    const { keys, settings } = this.#parts
    return keys.find(info, this.settingsOf(info.id), profile ?? settings().keyProfiles[info.id])
  }

  /** Without a look nothing is known to be there. */
  #isThere(info: ProviderInfo): boolean {
    const { presence } = this.#parts
    return presence === undefined || presence.state(info.id) === 'running'
  }

  #connect(id: string, apiKey: string | undefined, answered: (response: Response) => void): Provider {
    const settings = this.settingsOf(id)
    const info = this.info(id)
    const baseUrl = info && endpointOf(info, settings)
    const { log } = this.#parts
    for (const secret of secretsOf(apiKey, settings?.headers)) log?.hide(secret)
    const inner = withConnectTimeout(globalThis.fetch, this.#parts.settings().timeouts.connect)
    const wire: typeof fetch = async (...request) => {
      const response = await inner(...request)
      answered(response)
      return response
    }
    return createProvider(id, {
      ...(apiKey !== undefined && { apiKey }),
      ...(baseUrl && { baseUrl }),
      ...(settings?.headers && { headers: settings.headers }),
      ...(settings?.dialect && { dialect: settings.dialect }),
      fetch: log ? withRequestLog(wire, log) : wire,
    })
  }

  #whyNot(id: string): Failure {
    const info = this.all().find((provider) => provider.id === id)
    if (info && this.settingsOf(id)?.enabled === false)
      return { code: 'invalid-request', message: `${info.label} is switched off. Switch it on under Providers.` }
    if (info) {
      const message = `${info.label} has no address yet. Set its baseUrl in panelist.providers.`
      return { code: 'invalid-request', message }
    }
    const known = this.offered().map((provider) => provider.id)
    return {
      code: 'invalid-request',
      message: `There is no provider named “${id}”. Choose one of: ${known.join(', ')}.`,
    }
  }
}

const barred = ({ id, label }: Pick<ProviderInfo, 'id' | 'label'>, by: BarredBy): Failure => ({
  code: 'invalid-request',
  message:
    by === 'chat'
      ? `Nothing of this chat is sent to ${label}: its options forbid it. Choose another model, or allow ${label} in the options of this chat.`
      : `Nothing is sent to ${label}: “${id}” stands in panelist.neverSendTo${by === 'workspace' ? ' of this workspace' : ''}. Choose another model, or take it out of that setting.`,
})
