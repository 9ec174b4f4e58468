import assert from 'node:assert/strict'
import type { SecretStore, SignInPorts } from '../../src/mcp/oauth/ports.ts'
import { SignIns } from '../../src/mcp/oauth/sign-ins.ts'
import type { ProtectedServer } from './authorisation.ts'
import { startProtectedServer } from './authorisation.ts'
import { configured, context, desk, toolOf } from './support.ts'

/** Secrets in memory, and a person whose browser comes back with what the page sends it back with. */
class Person implements SignInPorts {
  readonly clientName = 'Panelist'
  readonly kept = new Map<string, string>()
  readonly pages: string[] = []
  back = 'http://127.0.0.1:1/callback'
  /** Changes the query that the browser comes back with. */
  tamper: (query: URLSearchParams) => void = () => {}
  readonly #waiting = new Map<string, (query: URLSearchParams) => void>()

  readonly secrets: SecretStore = {
    get: async (key) => this.kept.get(key),
    set: async (key, value) => void this.kept.set(key, value),
    delete: async (key) => void this.kept.delete(key),
  }

  async redirectUri(): Promise<string> {
    return this.back
  }

  async openExternal(url: string): Promise<boolean> {
    this.pages.push(url)
    const answer = await fetch(url, { redirect: 'manual' })
    const query = new URL(answer.headers.get('location') ?? '').searchParams
    const state = query.get('state') ?? ''
    this.tamper(query)
    this.#waiting.get(state)?.(query)
    return true
  }

  callback(state: string, signal: AbortSignal): Promise<URLSearchParams> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(state, resolve)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  }
}

const never = new AbortController().signal

describe('a server that wants a sign-in', () => {
  let server: ProtectedServer
  let person: Person
  beforeEach(async () => {
    server = await startProtectedServer()
    person = new Person()
  })
  afterEach(() => server[Symbol.asyncDispose]())

  const open = (headers: Record<string, string> = {}, signIns = new SignIns(person)) => {
    const definition = { transport: 'http' as const, url: server.url, headers }
    return desk([configured('safe', definition)], { auth: (...of) => signIns.provider(...of) }).then((made) =>
      Object.assign(made, { signIn: () => signIns.signIn(made.servers.server('safe'), never), signIns }),
    )
  }
  const call = async (made: Awaited<ReturnType<typeof open>>) => {
    const { output } = await toolOf(made.servers, 'secret').run({}, context())
    assert.deepEqual(output, [{ type: 'text', text: 'the secret' }])
  }

  it('is asked nothing more, and shows no page, until a person wants it', async () => {
    await using made = await open()
    await assert.rejects(made.servers.server('safe').start(), {
      code: 'auth',
      message: 'safe wants to know who you are. Sign in to it on the page of MCP servers.',
    })
    assert.deepEqual([person.pages, server.atAuthorisation], [[], []])
  })

  it('is signed in to by its page, with registration and PKCE, and works', async () => {
    await using made = await open()
    await made.signIn()
    await call(made)
    const page = new URL(person.pages[0] ?? '')
    assert.equal(person.pages.length, 1)
    assert.equal(page.searchParams.get('code_challenge_method'), 'S256')
    assert.equal(page.searchParams.get('scope'), 'use')
    assert.equal(page.searchParams.get('resource'), server.url)
    assert.ok((page.searchParams.get('state') ?? '').length >= 40)
  })

  it('is not asked to sign in again by the next window, which finds the tokens as they were given', async () => {
    await using first = await open()
    await first.signIn()
    const [[key, secret] = ['', '']] = [...person.kept]
    assert.equal(key, 'panelist.mcp.oauth.safe')
    const { tokens } = JSON.parse(secret) as { tokens: Record<string, unknown> }
    assert.equal(tokens.token_type, 'Bearer')
    assert.match(String(tokens.access_token), /^access-/)
    await using second = await open()
    await second.servers.server('safe').start()
    await call(second)
    assert.equal(person.pages.length, 1)
    assert.equal(person.kept.get(key), secret)
  })

  it('renews an expired token once, however many calls find it expired', async () => {
    await using made = await open()
    await made.signIn()
    server.expire()
    await Promise.all(Array.from({ length: 8 }, () => call(made)))
    const refreshes = server.atAuthorisation.filter(({ body }) => /grant_type=refresh_token/.test(body))
    assert.equal(refreshes.length, 1)
    await call(made)
    assert.equal(person.pages.length, 1)
  })

  it('wants a new sign-in when nothing can be renewed, and gets it', async () => {
    await using made = await open()
    await made.signIn()
    server.expire()
    server.revoke()
    await assert.rejects(toolOf(made.servers, 'secret').run({}, context()), { code: 'auth' })
    assert.equal(person.pages.length, 1)
    await made.signIn()
    await call(made)
    assert.equal(person.pages.length, 2)
  })

  it('that wants more than it was granted gets it by another sign-in', async () => {
    await using made = await open()
    await made.signIn()
    server.wantScope('use more')
    await assert.rejects(toolOf(made.servers, 'secret').run({}, context()), { code: 'auth' })
    await made.signIn()
    assert.equal(new URL(person.pages[1] ?? '').searchParams.get('scope'), 'use more')
    await call(made)
  })

  it('is not signed in to where the person refuses or somebody else answers', async () => {
    await using made = await open()
    server.person = 'refuses'
    await assert.rejects(made.signIn(), { code: 'auth', message: /could not sign you in: it said: access_denied\./ })
    server.person = 'agrees'
    person.tamper = (query) => query.set('state', 'guessed')
    await assert.rejects(made.signIn(), { code: 'auth', message: /no code came/ })
    assert.doesNotMatch(JSON.stringify([...person.kept]), /access_token/)
    assert.ok(!server.atAuthorisation.some(({ path }) => path === '/token'))
  })

  it('forgets a person who signs out', async () => {
    await using made = await open()
    await made.signIn()
    await made.signIns.signOut('safe')
    assert.equal(person.kept.size, 0)
    await assert.rejects(made.servers.server('safe').restart(), { code: 'auth' })
  })

  it('never gets the tokens of another address of the same name', async () => {
    await using made = await open()
    await made.signIn()
    await using other = await startProtectedServer()
    await made.servers.configure([configured('safe', { transport: 'http', url: other.url, headers: {} })])
    await assert.rejects(made.servers.server('safe').start(), { code: 'auth' })
    assert.ok(other.atServer.every(({ headers }) => headers.authorization === undefined))
  })

  it('gets the headers of its definition, which its authorisation server never sees', async () => {
    await using made = await open({ 'x-api-key': 'for the server alone' })
    await made.signIn()
    await call(made)
    assert.ok(server.atServer.every(({ headers }) => headers['x-api-key'] === 'for the server alone'))
    assert.ok(server.atAuthorisation.length > 2)
    assert.ok(server.atAuthorisation.every(({ headers }) => headers['x-api-key'] === undefined))
  })

  it('that has its key in a header is never signed in to', async () => {
    await using made = await open({ Authorization: 'Bearer wrong' })
    await assert.rejects(made.signIn(), { code: 'auth' })
    assert.deepEqual([person.pages, server.atAuthorisation], [[], []])
  })
})
