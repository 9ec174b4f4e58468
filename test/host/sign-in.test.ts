import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { OpenRouterSignIn, SignInOutcome } from '../../src/host/sign-in/openrouter.ts'
import { OPENROUTER_API } from '../../src/host/sign-in/openrouter.ts'
import { providerInfo } from '../../src/llm/registry.ts'
import type { AuthorisationServer } from './authorisation-server.ts'
import { FakeBrowser, KEY, signInAt, startAuthorisationServer } from './authorisation-server.ts'

const never = new AbortController().signal

function messageOf(outcome: SignInOutcome): string {
  assert.equal(outcome.kind, 'failed')
  return outcome.kind === 'failed' ? outcome.message : ''
}

describe('signing in to OpenRouter', () => {
  let server: AuthorisationServer
  let browser: FakeBrowser
  let signIn: OpenRouterSignIn

  beforeEach(async () => {
    server = await startAuthorisationServer()
    browser = new FakeBrowser()
    signIn = signInAt(server, browser)
  })
  afterEach(() => server[Symbol.asyncDispose]())

  it('opens the browser, takes the code it comes back with and returns the key', async () => {
    const outcome = signIn.signIn(never)
    assert.equal(signIn.handleUri(await browser.agree()), undefined)
    assert.deepEqual(await outcome, { kind: 'signed-in', key: KEY })
    assert.equal(server.exchanges().length, 1)
  })

  it('asks with a challenge that only its verifier fits, both new at each attempt', async () => {
    const seen = new Set<string>()
    for (const index of [0, 1]) {
      const outcome = signIn.signIn(never)
      signIn.handleUri(await browser.agree(index))
      await outcome
      const page = new URL(browser.pages[index] ?? '')
      const { code_verifier: verifier = '' } = server.exchanges()[index]?.json() as Record<string, string>
      assert.match(verifier, /^[A-Za-z0-9_-]{43,128}$/)
      assert.equal(page.searchParams.get('code_challenge'), createHash('sha256').update(verifier).digest('base64url'))
      assert.equal(page.searchParams.get('code_challenge_method'), 'S256')
      assert.equal(page.href.includes(verifier), false)
      seen.add(verifier).add(new URL(page.searchParams.get('callback_url') ?? '').searchParams.get('state') ?? '')
    }
    assert.equal(seen.size, 4)
  })

  it('sends the exchange with nothing but what it needs', async () => {
    const outcome = signIn.signIn(never)
    signIn.handleUri(await browser.agree())
    await outcome
    const { headers } = server.exchanges()[0] ?? assert.fail()
    for (const name of ['authorization', 'cookie', 'referer', 'origin']) assert.equal(headers[name], undefined, name)
    assert.deepEqual(Object.keys(server.exchanges()[0]?.json() as object).sort(), [
      'code',
      'code_challenge_method',
      'code_verifier',
    ])
  })

  it('asks for keys of the endpoint that the registry knows', () => {
    assert.equal(OPENROUTER_API, providerInfo('openrouter')?.defaultBaseUrl)
  })

  it('finds its code wherever the site and the editor put it into the query', async () => {
    const spellings: ((query: string) => string)[] = [
      (query) => query.replace('&code=', '?code='),
      (query) => query.split('&').reverse().join('&'),
      (query) => `${query}&extra=1&flag`,
    ]
    for (const [index, spelled] of spellings.entries()) {
      const outcome = signIn.signIn(never)
      const { path, query } = await browser.agree(index)
      signIn.handleUri({ path, query: spelled(query) })
      assert.equal((await outcome).kind, 'signed-in', spelled(query))
    }
  })

  it('hands a code with signs of its own on as it is', async () => {
    server.exchange = (script) => script.json(200, { key: KEY })
    for (const [index, code] of ['a+b/c=', 'ä&?#', '100%'].entries()) {
      const outcome = signIn.signIn(never)
      const { path, query } = await browser.comeBack({}, index)
      signIn.handleUri({ path, query: `${query}&code=${encodeURIComponent(code)}` })
      await outcome
      assert.equal((server.exchanges()[index]?.json() as { code: string }).code, code)
    }
  })

  it('ignores addresses that are not its own', async () => {
    const outcome = signIn.signIn(never)
    const { query } = await browser.agree()
    for (const path of ['/', '', '/openrouter/', '/conversation', '/OpenRouter']) {
      assert.equal(signIn.handleUri({ path, query }), undefined, path)
    }
    assert.equal(server.exchanges().length, 0)
    signIn.handleUri({ path: '/openrouter', query })
    assert.equal((await outcome).kind, 'signed-in')
  })

  it('refuses an answer that no attempt waits for', async () => {
    assert.match(
      signIn.handleUri({ path: '/openrouter', query: 'code=abc&state=def' }) ?? '',
      /no sign-in that is waiting/,
    )
    assert.equal(server.exchanges().length, 0)
  })

  it('refuses an answer without the state of its attempt, and goes on waiting for the right one', async () => {
    const outcome = signIn.signIn(never)
    const good = await browser.agree()
    const state = new URLSearchParams(good.query).get('state') ?? ''
    const wrong = [
      'code=abc',
      `code=abc&state=${state}x`,
      'code=abc&state=',
      'error=access_denied',
      '',
      `state=x&state=${state}&code=abc`,
    ]
    for (const query of wrong) {
      assert.match(signIn.handleUri({ path: '/openrouter', query }) ?? '', /no sign-in that is waiting/, query)
    }
    assert.equal(server.exchanges().length, 0)
    signIn.handleUri(good)
    assert.equal((await outcome).kind, 'signed-in')
  })

  it('exchanges a code once, however often the browser comes back with it', async () => {
    const outcome = signIn.signIn(never)
    const callback = await browser.agree()
    assert.equal(signIn.handleUri(callback), undefined)
    assert.match(signIn.handleUri(callback) ?? '', /used already/)
    assert.equal((await outcome).kind, 'signed-in')
    assert.match(signIn.handleUri(callback) ?? '', /used already/)
    assert.equal(server.exchanges().length, 1)
  })

  it('ends with a sentence where the person refuses, where the site reports an error and where there is no code', async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ error: 'access_denied' }, /not granted/],
      [{ error: 'server_error', code: 'abc' }, /ended the sign-in with an error/],
      [{}, /without a code/],
      [{ code: '' }, /without a code/],
    ]
    for (const [index, [parameters, sentence]] of cases.entries()) {
      const outcome = signIn.signIn(never)
      signIn.handleUri(await browser.comeBack(parameters, index))
      assert.match(messageOf(await outcome), sentence)
    }
    assert.equal(server.exchanges().length, 0)
  })

  it('ends an attempt when another is started, and takes the answer of the newer one only', async () => {
    const first = signIn.signIn(never)
    const old = await browser.agree(0)
    const second = signIn.signIn(never)
    assert.match(messageOf(await first), /another one was started/)
    assert.match(signIn.handleUri(old) ?? '', /no sign-in that is waiting/)
    signIn.handleUri(await browser.agree(1))
    assert.equal((await second).kind, 'signed-in')
    assert.equal(server.exchanges().length, 1)
  })

  it('ends an exchange that is under way when another attempt is started', async () => {
    server.exchange = (script) => script.silence()
    const first = signIn.signIn(never)
    signIn.handleUri(await browser.agree(0))
    const [request] = await until(
      () => server.exchanges(),
      ({ length }) => length === 1,
    )
    server.exchange = undefined
    const second = signIn.signIn(never)
    assert.match(messageOf(await first), /another one was started/)
    assert.equal((await request?.closed)?.aborted, true)
    signIn.handleUri(await browser.agree(1))
    assert.equal((await second).kind, 'signed-in')
  })

  it('stops while it waits for the browser, and knows its answer no more', async () => {
    const stop = new AbortController()
    const outcome = signIn.signIn(stop.signal)
    const callback = await browser.agree()
    stop.abort()
    assert.deepEqual(await outcome, { kind: 'cancelled' })
    assert.match(signIn.handleUri(callback) ?? '', /no sign-in that is waiting/)
    assert.equal(server.exchanges().length, 0)
  })

  it('stops in the middle of the exchange and closes the connection', async () => {
    server.exchange = (script) => script.silence()
    const stop = new AbortController()
    const outcome = signIn.signIn(stop.signal)
    signIn.handleUri(await browser.agree())
    const [request] = await until(
      () => server.exchanges(),
      ({ length }) => length === 1,
    )
    stop.abort()
    assert.deepEqual(await outcome, { kind: 'cancelled' })
    assert.equal((await request?.closed)?.aborted, true)
  })

  it('opens nothing where it was stopped before it began, and leaves the attempt that goes on alone', async () => {
    const outcome = signIn.signIn(never)
    assert.deepEqual(await signIn.signIn(AbortSignal.abort()), { kind: 'cancelled' })
    signIn.handleUri(await browser.agree())
    assert.equal((await outcome).kind, 'signed-in')
    assert.equal(browser.pages.length, 1)
  })

  it('ends where nobody comes back in time', async () => {
    signIn = signInAt(server, browser, { limits: { attempt: 300 } })
    // The limit alone does not keep a process alive, so something else has to.
    const alive = setInterval(() => undefined, 1000)
    const outcome = signIn.signIn(never)
    const callback = await browser.agree()
    assert.match(messageOf(await outcome), /did not come back from OpenRouter in time/)
    clearInterval(alive)
    assert.match(signIn.handleUri(callback) ?? '', /too old/)
  })

  it('says so where the page could not be opened or the editor has no address to come back to', async () => {
    const broken = () => Promise.reject(new Error('no browser for https://secret.example/?state=1'))
    for (const ports of [{ openExternal: broken }, { callbackUri: broken }]) {
      const message = messageOf(await signInAt(server, browser, ports).signIn(never))
      assert.match(message, /could not be opened/)
      assert.doesNotMatch(message, /secret/)
    }
  })

  it('goes on waiting where the person copied the address instead of opening it', async () => {
    signIn = signInAt(server, browser, { openExternal: (url) => browser.open(url).then(() => false) })
    const outcome = signIn.signIn(never)
    signIn.handleUri(await browser.agree())
    assert.equal((await outcome).kind, 'signed-in')
  })
})

describe('the exchange of the code at OpenRouter', () => {
  let server: AuthorisationServer
  beforeEach(async () => void (server = await startAuthorisationServer()))
  afterEach(() => server[Symbol.asyncDispose]())

  async function attempt(limits = {}): Promise<SignInOutcome> {
    const browser = new FakeBrowser()
    const signIn = signInAt(server, browser, { limits })
    const outcome = signIn.signIn(never)
    signIn.handleUri(await browser.agree())
    return outcome
  }

  const statuses: [number, RegExp][] = [
    [400, /HTTP 400.*update of Panelist/],
    [403, /did not accept the code.*Sign in again/],
    [405, /HTTP 405.*update of Panelist/],
    [429, /HTTP 429.*Wait a minute/],
    [500, /HTTP 500.*Wait a moment/],
    [503, /HTTP 503.*Wait a moment/],
  ]
  for (const [status, sentence] of statuses) {
    it(`says what to do after HTTP ${status}, and does not try again`, async () => {
      server.exchange = (script) => script.json(status, { error: { message: 'no' } })
      assert.match(messageOf(await attempt()), sentence)
      assert.equal(server.exchanges().length, 1)
    })
  }

  it('says what to do where the server knows no such code', async () => {
    const browser = new FakeBrowser()
    const signIn = signInAt(server, browser)
    const outcome = signIn.signIn(never)
    signIn.handleUri(await browser.comeBack({ code: 'made-up' }))
    assert.match(messageOf(await outcome), /used before, or is too old/)
  })

  it('does not follow a redirect, because the code and its verifier are worth a key', async () => {
    server.exchange = (script) => {
      script.head(307, { location: `${server.origin}/elsewhere` })
      script.end()
    }
    assert.match(messageOf(await attempt()), /HTTP 307/)
    assert.equal(server.exchanges().length, 1)
  })

  it('says so where the connection breaks', async () => {
    server.exchange = (script) => script.drop()
    assert.match(messageOf(await attempt()), /could not be reached/)
    server.exchange = async (script) => {
      script.head(200)
      await script.send('{"key": "sk-')
      script.drop()
    }
    assert.match(messageOf(await attempt()), /could not be reached/)
  })

  it('says so where no answer comes in time, before or after the headers', async () => {
    const alive = setInterval(() => undefined, 1000)
    server.exchange = (script) => script.silence()
    assert.match(messageOf(await attempt({ exchange: 60 })), /did not give out the key within 1 s/)
    server.exchange = (script) => {
      script.head(200)
      return script.silence()
    }
    assert.match(messageOf(await attempt({ exchange: 60 })), /did not give out the key within 1 s/)
    clearInterval(alive)
  })

  it('takes nothing for a key that is none', async () => {
    const answers = ['', 'null', '<html>', '{}', '{"key":7}', '{"key":""}', '{"key":"a b c d e f g"}', '["key"]']
    const evil = ['{"key":"sk-or-v1-0123\\r\\nx-other: 1"}', JSON.stringify({ key: `sk-${'x'.repeat(2_000_000)}` })]
    for (const body of [...answers, ...evil]) {
      server.exchange = async (script) => {
        script.head(200, { 'content-type': 'application/json' })
        await script.send(body)
        script.end()
      }
      assert.match(messageOf(await attempt()), /without a key that can be used/, body.slice(0, 40))
    }
  })

  it('never says a code, a verifier, a state or a key, whatever the server answers', async () => {
    const secret = fc.string({ unit: fc.constantFrom(...'ABCDEFabcdef0123456789-_'), minLength: 12, maxLength: 40 })
    const status = fc.constantFrom(200, 201, 302, 400, 401, 403, 404, 405, 429, 500, 502)
    await fc.assert(
      fc.asyncProperty(secret, secret, status, fc.boolean(), async (code, key, status, broken) => {
        const seen = [code, key]
        server.exchange = async (script) => {
          const { code_verifier } = script.request.json() as { code_verifier: string }
          seen.push(code_verifier)
          script.head(status, { 'x-echo': code, 'content-type': 'application/json' })
          await script.send(JSON.stringify({ error: `${code} ${code_verifier} ${key}`, key: `${key} ${key}` }))
          if (broken) script.drop()
          else script.end()
        }
        const browser = new FakeBrowser()
        const signIn = signInAt(server, browser)
        const outcome = signIn.signIn(never)
        const callback = await browser.comeBack({ code })
        seen.push(new URLSearchParams(callback.query).get('state') ?? '')
        const told = [signIn.handleUri(callback), messageOf(await outcome), signIn.handleUri(callback)].join(' ')
        assert.equal(seen.length, 4)
        for (const value of seen) assert.equal(told.includes(value), false, told)
      }),
      { numRuns: 60 },
    )
  })
})

/** What `read` gives, as soon as it is as it should be. */
async function until<T>(read: () => T, ready: (value: T) => boolean): Promise<T> {
  for (let value = read(); ; value = read()) {
    if (ready(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
