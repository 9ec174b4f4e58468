/** An authorisation server on loopback that keeps to OpenRouter's rules, and the browser of a person in front of it. */
import { createHash, randomBytes } from 'node:crypto'
import type { SignInPorts } from '../../src/host/sign-in/openrouter.ts'
import { OpenRouterSignIn } from '../../src/host/sign-in/openrouter.ts'
import type { Handler, RecordedRequest, Script, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'

export const KEY = 'sk-or-v1-0123456789abcdef'

/** Where the browser comes back to, as the editor hands it to an extension. */
export type Callback = { path: string; query: string }

export type AuthorisationServer = AsyncDisposable & {
  origin: string
  /** How the exchange is answered instead of by the rules. */
  exchange: Handler | undefined
  /** The exchanges that were asked for. */
  exchanges(): RecordedRequest[]
}

export async function startAuthorisationServer(): Promise<AuthorisationServer> {
  /** The challenge each code was given out for. A code is worth one exchange. */
  const codes = new Map<string, string>()
  const askPerson = (script: Script, asked: URLSearchParams): void => {
    const challenge = asked.get('code_challenge')
    const back = URL.parse(asked.get('callback_url') ?? '')
    if (!back || !challenge || asked.get('code_challenge_method') !== 'S256') return script.json(400, {})
    const code = randomBytes(16).toString('hex')
    codes.set(code, challenge)
    back.searchParams.set('code', code)
    script.head(302, { location: back.href })
    script.end()
  }
  const giveKey = (script: Script): void => {
    const { code, code_verifier, code_challenge_method } = script.request.json() as Record<string, string>
    const challenge = createHash('sha256').update(String(code_verifier)).digest('base64url')
    const good = codes.get(String(code)) === challenge && code_challenge_method === 'S256'
    codes.delete(String(code))
    if (good) script.json(200, { key: KEY, user_id: 'user_1' })
    else script.json(403, { error: { code: 403, message: `Invalid code or code_verifier ${code} ${code_verifier}` } })
  }
  const server: ScriptedServer = await startScriptedServer((script) => {
    const url = new URL(script.request.url, server.origin)
    if (url.pathname === '/auth') return askPerson(script, url.searchParams)
    if (url.pathname === '/api/v1/auth/keys') return (authorisation.exchange ?? giveKey)(script)
    return script.json(404, {})
  })
  const authorisation: AuthorisationServer = {
    origin: server.origin,
    exchange: undefined,
    exchanges: () => server.requests.filter(({ url }) => url === '/api/v1/auth/keys'),
    [Symbol.asyncDispose]: () => server.close(),
  }
  return authorisation
}

/** A person at a browser: each page they are shown stays open until they answer it. */
export class FakeBrowser {
  readonly pages: string[] = []
  #shown = Promise.withResolvers<void>()

  readonly open = async (url: string): Promise<boolean> => {
    this.pages.push(url)
    this.#shown.resolve()
    return true
  }

  /** The page that was opened as number `index`, as soon as it is there. */
  async page(index = 0): Promise<string> {
    while (this.pages.length <= index) {
      await this.#shown.promise
      this.#shown = Promise.withResolvers()
    }
    return this.pages[index] ?? ''
  }

  /** The person agrees on that page, and the browser comes back to the editor. */
  async agree(index = 0): Promise<Callback> {
    const answer = await fetch(await this.page(index), { redirect: 'manual' })
    return callbackOf(answer.headers.get('location') ?? '')
  }

  /** The browser comes back with `parameters` in place of a code. */
  async comeBack(parameters: Record<string, string>, index = 0): Promise<Callback> {
    const back = new URL(new URL(await this.page(index)).searchParams.get('callback_url') ?? '')
    for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value)
    return callbackOf(back.href)
  }
}

export function callbackOf(address: string): Callback {
  const { pathname, search } = new URL(address)
  return { path: pathname, query: search.slice(1) }
}

export function signInAt(server: AuthorisationServer, browser: FakeBrowser, more: Partial<SignInPorts> = {}) {
  return new OpenRouterSignIn({
    openExternal: browser.open,
    // The desktop adds the window to come back to, after the query it is given.
    callbackUri: async (pathAndQuery) => `vscode://panelist.panelist${pathAndQuery}&windowId=3`,
    site: server.origin,
    api: `${server.origin}/api/v1`,
    ...more,
  })
}
