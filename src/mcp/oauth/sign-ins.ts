/** Signing in to servers, and the tokens that come of it. */
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import { McpError } from '../errors.ts'
import { toMcpError } from '../failures.ts'
import { oneLine, sentence } from '../text.ts'
import type { SignInPorts } from './ports.ts'
import type { RegisteredClient } from './provider.ts'
import { SignInProvider } from './provider.ts'
import { secretOf } from './tokens.ts'

/** Milliseconds a person has in the browser. */
const PATIENCE = 5 * 60_000

/** What a sign-in needs of a server. */
export type Starter = { readonly name: string; restart(): Promise<void> }

export class SignIns {
  readonly #ports: SignInPorts
  readonly #providers = new Map<string, SignInProvider>()
  /** Servers a person is signing in to now. */
  readonly #wanted = new Set<string>()

  constructor(ports: SignInPorts) {
    this.#ports = ports
  }

  /**
   * What a connection signs its requests with. Undefined where nobody signed in nor wants to: then nothing is asked of
   * any authorisation server, and the server's 401 shows as it is.
   */
  async provider(server: string, url: URL, registered?: RegisteredClient): Promise<SignInProvider | undefined> {
    const redirectUri = await this.#ports.redirectUri()
    let provider = this.#providers.get(server)
    if (provider?.url.href !== url.href || provider.redirectUrl !== redirectUri) {
      provider = new SignInProvider(server, url, redirectUri, this.#ports, registered)
      this.#providers.set(server, provider)
    }
    return this.#wanted.has(server) || (await provider.tokens()) ? provider : undefined
  }

  /** Shows the server's page where it wants one, and starts it with what came of it. Throws an `McpError`. */
  async signIn(server: Starter, signal: AbortSignal): Promise<void> {
    const { name } = server
    this.#wanted.add(name)
    try {
      if (!this.#providers.get(name)?.pending && (await this.#startsSo(server))) return
      const provider = this.#providers.get(name)
      if (!provider?.pending) throw failed(name, 'the server names no page to sign in at.')
      await this.#askPerson(name, provider, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]))
      await server.restart()
    } catch (error) {
      throw toMcpError(error, name, 'sign you in')
    } finally {
      this.#wanted.delete(name)
    }
  }

  /** Forgets tokens and registration. */
  async signOut(server: string): Promise<void> {
    this.#providers.delete(server)
    await this.#ports.secrets.delete(secretOf(server))
  }

  /** True where it started; false where it wants a sign-in. */
  async #startsSo(server: Starter): Promise<boolean> {
    try {
      await server.restart()
      return true
    } catch (error) {
      if (error instanceof McpError && error.code === 'auth') return false
      throw error
    }
  }

  async #askPerson(name: string, provider: SignInProvider, signal: AbortSignal): Promise<void> {
    const { pending } = provider
    if (!pending) return
    provider.pending = undefined
    const { page, state, verifier } = pending
    const safe = page.protocol === 'https:' || (page.protocol === 'http:' && isLoopback(page.hostname))
    if (!safe) throw failed(name, `its page ${oneLine(page.origin, 100)} is not safe to sign in at.`)
    // Waited for before the page is shown: it may come back at once.
    const back = this.#ports.callback(state, signal)
    back.catch(() => {})
    if (!(await this.#ports.openExternal(page.href))) throw failed(name, 'its page was not opened.')
    const query = await back.catch((cause: unknown) => {
      throw failed(name, 'the browser did not come back.', cause)
    })
    const code = query.get('code')
    const refusal = query.get('error_description') ?? query.get('error')
    if (query.get('state') !== state || !code)
      throw failed(name, refusal ? `it said: ${sentence(oneLine(refusal, 200))}` : 'no code came.')
    provider.verifier = verifier
    await auth(provider, { serverUrl: provider.url, authorizationCode: code })
  }
}

function failed(server: string, why: string, cause?: unknown): McpError {
  return new McpError({
    code: 'auth',
    server,
    what: `${server} could not sign you in: ${why}`,
    todo: 'Try again.',
    cause,
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
