/** What is kept of a sign-in, one secret a server. */
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'
import { isObject, parseJson } from '../../shared/json.ts'
import type { SecretStore } from './ports.ts'

/** Tokens and registration as the server gave them; they are for this address and no other. */
export type Kept = { url: string; redirectUri: string; client?: OAuthClientInformationMixed; tokens?: OAuthTokens }

/** Reads the secret each time: another window may have renewed the tokens. */
export class TokenStore {
  readonly #secrets: SecretStore
  readonly #key: string
  readonly #url: string
  readonly #redirectUri: string
  /** Changes go one after another, so that none is lost. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(secrets: SecretStore, server: string, url: URL, redirectUri: string) {
    this.#secrets = secrets
    this.#key = secretOf(server)
    this.#url = url.href
    this.#redirectUri = redirectUri
  }

  /** A registration for another way back is worth nothing, and neither is anything for another address. */
  async read(): Promise<Kept> {
    const nothing = { url: this.#url, redirectUri: this.#redirectUri }
    const kept = parseJson((await this.#secrets.get(this.#key)) ?? 'null')
    if (!isObject(kept) || kept.url !== this.#url) return nothing
    const { tokens, client } = kept as unknown as Kept
    if (kept.redirectUri !== this.#redirectUri) return nothing
    return { ...nothing, ...(client ? { client } : {}), ...(tokens ? { tokens } : {}) }
  }

  change(change: (kept: Kept) => void): Promise<void> {
    const changing = this.#last.then(async () => {
      const kept = await this.read()
      change(kept)
      await this.#secrets.set(this.#key, JSON.stringify(kept))
    })
    this.#last = changing.catch(() => {})
    return changing
  }
}

/** True where this secret holds tokens, for whatever address. */
export function holdsTokens(secret: string | undefined): boolean {
  const kept = parseJson(secret ?? 'null')
  return isObject(kept) && isObject(kept.tokens)
}

/** The name of the secret that holds a server's sign-in. */
export function secretOf(server: string): string {
  return `panelist.mcp.oauth.${server}`
}
