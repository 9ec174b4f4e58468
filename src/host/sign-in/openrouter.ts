/**
 * Connecting OpenRouter without pasting a key: OAuth with PKCE. The browser asks the person, comes back to the editor
 * with a code, and the code is exchanged for a key. Addresses and fields are those of
 * https://openrouter.ai/docs/guides/overview/auth/oauth.
 *
 * OpenRouter has no `state` parameter, so ours travels in the query of the callback's own address. That OpenRouter keeps
 * this query is not in its documents, but other clients rely on it too; where it were lost, the answer is refused.
 */
import type { SignInOutcome } from './attempt.ts'
import { Attempt, failed } from './attempt.ts'
import { exchangeCode } from './exchange.ts'

export type { SignInOutcome }

export type SignInPorts = {
  /**
   * Opens the address in the person's browser, exactly as it is spelled. `vscode.env.openExternal` does that with a
   * string only: a `Uri` loses the encoding of the address that stands in its query. The answer tells nothing: see
   * `signIn`.
   */
  openExternal(url: string): PromiseLike<unknown>
  /**
   * The address that leads a browser to `handleUri` with this path and query, such as `/openrouter?state=abc`, as
   * `vscode.env.asExternalUri(…).toString(true)` spells it: without the `true` its query is no query any more.
   */
  callbackUri(pathAndQuery: string): PromiseLike<string>
  fetch?: typeof fetch
  /** The site a person signs in at. Default: https://openrouter.ai */
  site?: string
  /** The API's base URL. Default: https://openrouter.ai/api/v1 */
  api?: string
  /** Milliseconds: for the whole attempt (default ten minutes) and for the exchange at its end (default 15 s). */
  limits?: { attempt?: number; exchange?: number }
}

export const CALLBACK_PATH = '/openrouter'
/** The endpoint that keys of this sign-in are for. A key must be stored for this origin, whatever the settings say. */
export const OPENROUTER_API = 'https://openrouter.ai/api/v1'

const SUPERSEDED =
  'This sign-in to OpenRouter ended because another one was started. Go on with the newer browser page.'
const LATE = 'The browser did not come back from OpenRouter in time, so the sign-in ended. Start it again.'
const NOT_OPENED =
  'The sign-in page of OpenRouter could not be opened. Try again, or create a key at openrouter.ai/settings/keys and paste it with Panelist: Set API Key.'
const DENIED = 'Access was not granted at OpenRouter, so there is no key. Sign in again if that was a mistake.'
const REFUSED = 'OpenRouter ended the sign-in with an error. Try again, or paste a key with Panelist: Set API Key.'
const NO_CODE = 'OpenRouter came back without a code, so there is no key. Start the sign-in again.'
const NOT_AWAITED =
  'This answer of OpenRouter belongs to no sign-in that is waiting: it was used already, is too old, or was not asked for. Nothing was changed. Start the sign-in again from Panelist.'

/** At most one attempt goes on at a time. Nothing is logged, and nothing is stored: the key is the caller's. */
export class OpenRouterSignIn {
  readonly #ports: SignInPorts
  #current: Attempt | undefined

  constructor(ports: SignInPorts) {
    this.#ports = ports
  }

  /**
   * Opens the browser and waits for the key. Never throws. It goes on waiting when the editor says that nothing was
   * opened, because that is also its answer to a person who copied the address to open it elsewhere.
   */
  async signIn(signal: AbortSignal): Promise<SignInOutcome> {
    if (signal.aborted) return { kind: 'cancelled' }
    this.#current?.end(failed(SUPERSEDED))
    const attempt = new Attempt(this.#ports.limits?.attempt ?? 10 * 60_000, failed(LATE))
    this.#current = attempt
    const cancel = (): void => attempt.end({ kind: 'cancelled' })
    signal.addEventListener('abort', cancel, { once: true })
    void this.#openBrowser(attempt)
    try {
      return await attempt.outcome
    } finally {
      signal.removeEventListener('abort', cancel)
      if (this.#current === attempt) this.#current = undefined
    }
  }

  /**
   * What the editor's URI handler was called with; other paths are not ours and are ignored. Returns a sentence for the
   * person where the answer is refused because nobody waits for it. It then leaves an attempt that goes on alone:
   * any web page can call the handler.
   */
  handleUri({ path, query }: { path: string; query: string }): string | undefined {
    if (path !== CALLBACK_PATH) return undefined
    const answer = readQuery(query)
    const attempt = this.#current
    if (!attempt || answer.get('state') !== attempt.state || !attempt.claim()) return NOT_AWAITED
    const error = answer.get('error')
    const code = answer.get('code')
    if (error) attempt.end(failed(error === 'access_denied' ? DENIED : REFUSED))
    else if (code) void this.#exchange(attempt, code)
    else attempt.end(failed(NO_CODE))
    return undefined
  }

  async #openBrowser(attempt: Attempt): Promise<void> {
    try {
      const callback = await this.#ports.callbackUri(`${CALLBACK_PATH}?state=${attempt.state}`)
      if (attempt.signal.aborted) return
      const url = new URL('/auth', this.#ports.site ?? 'https://openrouter.ai')
      url.searchParams.set('callback_url', callback)
      url.searchParams.set('code_challenge', attempt.challenge)
      url.searchParams.set('code_challenge_method', 'S256')
      await this.#ports.openExternal(url.href)
    } catch {
      attempt.end(failed(NOT_OPENED))
    }
  }

  async #exchange(attempt: Attempt, code: string): Promise<void> {
    const { fetch = globalThis.fetch, api = OPENROUTER_API, limits } = this.#ports
    const { verifier, signal } = attempt
    const limit = limits?.exchange ?? 15_000
    attempt.end(await exchangeCode({ url: `${api}/auth/keys`, fetch, limit, code, verifier }, signal))
  }
}

/**
 * The first value of each name. A second `?` divides as `&` does: some sites add their parameters to an address that
 * has some already as if it had none. A `+` stays one, since the editor may have decoded the query before.
 */
function readQuery(query: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const pair of query.split(/[?&]/)) {
    const [name = '', ...value] = pair.split('=')
    if (!values.has(name)) values.set(name, decoded(value.join('=')))
  }
  return values
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
