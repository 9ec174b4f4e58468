/** What the SDK asks while it signs in to one server. It shows no page by itself: a page is shown when a person wants it. */
import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/sdk/client/auth.js'
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js'
import { createHash, randomBytes } from 'node:crypto'
import type { SignInPorts } from './ports.ts'
import { TokenStore } from './tokens.ts'

/** A client that was registered by hand. */
export type RegisteredClient = { clientId: string; clientSecret?: string }

/** The page that would sign in, and what belongs to it. */
export type Pending = { page: URL; state: string; verifier: string }

export class SignInProvider implements OAuthClientProvider {
  readonly redirectUrl: string
  readonly clientMetadataUrl?: string
  readonly url: URL
  readonly #ports: SignInPorts
  readonly #registered: RegisteredClient | undefined
  readonly #store: TokenStore
  /** Verifiers by their challenges: which of them counts is known when its page is shown. */
  readonly #verifiers = new Map<string, string>()
  /** What `codeVerifier` gives: set before a code is exchanged. */
  verifier = ''
  #lastRefresh: string | undefined
  #discovery: OAuthDiscoveryState | undefined
  /** Set when the server wants a sign-in. */
  pending: Pending | undefined

  constructor(server: string, url: URL, redirectUri: string, ports: SignInPorts, registered?: RegisteredClient) {
    this.url = url
    this.redirectUrl = redirectUri
    this.#ports = ports
    this.#registered = registered
    this.#store = new TokenStore(ports.secrets, server, url, redirectUri)
    if (ports.clientMetadataUrl !== undefined) this.clientMetadataUrl = ports.clientMetadataUrl
  }

  get clientMetadata(): OAuthClientMetadata {
    return {
      client_name: this.#ports.clientName,
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: this.#registered?.clientSecret ? 'client_secret_basic' : 'none',
    }
  }

  /** Guesses are not to succeed: 256 bits. */
  state(): string {
    return randomBytes(32).toString('base64url')
  }

  async clientInformation(): Promise<OAuthClientInformationMixed | undefined> {
    const { clientId, clientSecret } = this.#registered ?? {}
    if (clientId === undefined) return (await this.#store.read()).client
    return { client_id: clientId, ...(clientSecret ? { client_secret: clientSecret } : {}) }
  }

  async saveClientInformation(client: OAuthClientInformationMixed): Promise<void> {
    if (!this.#registered) await this.#store.change((kept) => void (kept.client = client))
  }

  async accessToken(): Promise<string | undefined> {
    return (await this.#store.read()).tokens?.access_token
  }

  async tokens(): Promise<OAuthTokens | undefined> {
    const { tokens } = await this.#store.read()
    this.#lastRefresh = tokens?.refresh_token
    return tokens
  }

  /** The same, as for a person who has no tokens yet. */
  withoutTokens(): OAuthClientProvider {
    return new Proxy<OAuthClientProvider>(this, {
      get: (target, field) => {
        if (field === 'tokens') return async () => undefined
        const value: unknown = Reflect.get(target, field)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  async saveTokens(tokens: OAuthTokens): Promise<void> {
    await this.#store.change((kept) => void (kept.tokens = tokens))
    this.pending = undefined
  }

  redirectToAuthorization(page: URL): void {
    const verifier = this.#verifiers.get(page.searchParams.get('code_challenge') ?? '') ?? ''
    this.pending = { page, state: page.searchParams.get('state') ?? '', verifier }
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifiers.set(createHash('sha256').update(verifier).digest('base64url'), verifier)
  }

  codeVerifier(): string {
    return this.verifier
  }

  /** The code must go to the server that gave it out, so what was found out stays until the sign-in is done. */
  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery
  }

  async invalidateCredentials(what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): Promise<void> {
    if (what === 'discovery' || what === 'all') this.#discovery = undefined
    if (what === 'verifier' || what === 'discovery') return
    await this.#store.change((kept) => {
      // Another window may have renewed them since: then it is the old ones that are worth nothing.
      if (what === 'tokens' && kept.tokens?.refresh_token !== this.#lastRefresh) return
      if (what !== 'client') delete kept.tokens
      if (what !== 'tokens') delete kept.client
    })
  }
}
