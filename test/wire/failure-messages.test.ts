/** What a person reads where something failed: whatever came over the wire, and whatever may fail at all. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { failureFrom } from '../../src/llm/failures.ts'
import { createProvider } from '../../src/llm/index.ts'
import type { SentenceKind } from '../../src/llm/sentences.ts'
import { sentence } from '../../src/llm/sentences.ts'
import { EDITOR_CLOSED } from '../../src/store/fold.ts'
import type { Failure } from '../../src/shared/failure.ts'
import { newDraft } from '../../src/shared/reduce.ts'
import { gather } from '../harness/contract.ts'
import { errorBodies, NODE_STACK, PYTHON_STACK } from '../harness/error-bodies.ts'
import type { Reason } from '../harness/formats/format.ts'
import type { Script } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import type { Speaker } from '../harness/speakers.ts'
import { nameOf, speakers } from '../harness/speakers.ts'

/** What a person can do, as our sentences say it. */
const ADVICE =
  /\b(Check|Choose|Get it|Set|Top it up|Try|Start|Rephrase|Raise|Correct|Continue|set the key|allow more|edit the message|add its certificate|another model may accept it|the logs hold)\b/
const STACK = /^\s+at |\bat \S+ \([^)]*:\d+:\d+\)|node_modules|\.[jt]s:\d+|\.py\b|Traceback|\bError:/m
const JSON_TEXT = /[{}]|\[\s*["[{]|":|\\"|\[object|\bundefined\b|\bnull\b|\bNaN\b/

function isForPeople({ code, message }: Pick<Failure, 'code' | 'message'>): void {
  const about = `${code}: ${message}`
  assert.doesNotMatch(message, STACK, about)
  assert.doesNotMatch(message, JSON_TEXT, about)
  assert.match(message, ADVICE, about)
  assert.match(message, /^\S.{20,500}\.$/, about)
}

/** No key, and no beginning of one that tells which it is, anywhere in what is kept and shown. */
function holdsNoKey(failure: Failure, key: string): void {
  const text = JSON.stringify(failure)
  for (const part of [key, key.slice(0, 12), encodeURIComponent(key)])
    assert.ok(!text.includes(part), `${part} is in ${text}`)
}

/** As long as providers' are: what a header may hold of those characters that keys are made of. */
const key = fc
  .tuple(
    fc.constantFrom('', 'sk-', 'sk-ant-api03-', 'AIza', 'gsk_', 'Bearer-'),
    fc.string({
      unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=-'),
      minLength: 20,
      maxLength: 90,
    }),
  )
  .map((parts) => parts.join(''))

const KINDS: Record<SentenceKind, true> = {
  auth: true,
  permission: true,
  quota: true,
  'rate-limit': true,
  overloaded: true,
  unavailable: true,
  timeout: true,
  network: true,
  'invalid-request': true,
  'context-length': true,
  'not-found': true,
  'content-filter': true,
  truncated: true,
  malformed: true,
  budget: true,
  unknown: true,
  dns: true,
  refused: true,
  unreachable: true,
  certificate: true,
  tls: true,
  proxy: true,
  dropped: true,
  silence: true,
  address: true,
  header: true,
  late: true,
  'not-a-stream': true,
  unseen: true,
}

const REFUSALS: [number, Reason][] = [
  [401, 'auth'],
  [403, 'permission'],
  [404, 'not-found'],
  [400, 'invalid-request'],
  [400, 'context-length'],
  [429, 'rate-limit'],
  [429, 'quota'],
  [500, 'unavailable'],
  [503, 'unavailable'],
]

describe('failure messages are for people (no stack, no JSON, no key, says what to do)', function () {
  this.timeout(180_000)
  let server: ScriptedServer
  let play: (script: Script) => unknown
  before(async () => void (server = await startScriptedServer((script) => play(script) as Promise<void>)))
  after(() => server.close())

  async function fails(
    { id, path, dialect }: Speaker,
    apiKey: string,
    how: typeof play,
    headers?: Record<string, string>,
  ): Promise<Failure> {
    play = how
    const connection = { baseUrl: `${server.origin}${path}`, apiKey, ...(dialect && { dialect }) }
    const provider = createProvider(id, { ...connection, ...(headers && { headers }) })
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }]
    const { stop } = await gather(provider.stream({ model: 'model-x', messages }, new AbortController().signal))
    assert.ok(stop.kind === 'failed', stop.kind)
    isForPeople(stop.failure)
    holdsNoKey(stop.failure, apiKey)
    return stop.failure
  }
  const answers =
    (status: number, body: unknown, headers: Record<string, string> = {}): typeof play =>
    async (script) => {
      script.head(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers })
      await script.send(typeof body === 'string' ? body : JSON.stringify(body))
      script.end()
    }

  it('for every code and every finer reason there is', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(KINDS) as SentenceKind[])),
        fc.option(fc.nat(10_000_000), { nil: undefined }),
        fc.option(fc.integer({ min: 400, max: 599 }), { nil: undefined }),
        fc.boolean(),
        (kind, retryAfterMs, status, named) => {
          const subject = { provider: 'Provider', baseUrl: 'https://p.example/v1', ...(named && { model: 'model-x' }) }
          const facts = { status, ...(retryAfterMs !== undefined && { retryAfterMs }) }
          isForPeople({ code: 'unknown', message: sentence(kind, subject, facts) })
        },
      ),
    ))

  it('for an answer that a window left behind', () => {
    const { stop } = newDraft({ provider: 'p', dialect: 'd', model: 'm' })
    for (const one of [stop, EDITOR_CLOSED]) isForPeople(one.kind === 'failed' ? one.failure : assert.fail())
  })

  it('for whatever is thrown', () =>
    fc.assert(
      fc.property(fc.anything(), fc.string(), key, (thrown, words, apiKey) => {
        const context = { provider: 'Provider', baseUrl: 'https://p.example', model: 'model-x', secrets: [apiKey] }
        const stacked = Object.assign(new TypeError(`${words} ${apiKey}`), { stack: `${NODE_STACK} ${apiKey}` })
        for (const error of [thrown, stacked, new Error(PYTHON_STACK, { cause: stacked })]) {
          const failure = failureFrom(error, context)
          isForPeople(failure)
          holdsNoKey(failure, apiKey)
        }
      }),
    ))

  for (const speaker of speakers) {
    const { refusal, part, contentType, errorFrame, garbage } = speaker.format

    it(`for what ${nameOf(speaker)} refuses, in its own bodies`, () =>
      fc.assert(
        fc.asyncProperty(fc.constantFrom(...REFUSALS), fc.string(), key, async ([status, reason], words, apiKey) => {
          const body = refusal(status, reason, `${words} ${apiKey} ${NODE_STACK}`)
          if (body !== undefined) await fails(speaker, apiKey, answers(status, body))
        }),
        { numRuns: 30 },
      ))

    it(`for what anybody between here and ${nameOf(speaker)} answers, under any status`, () =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(400, 401, 402, 403, 404, 405, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529, 599),
          fc.nat(errorBodies('').length - 1),
          key,
          async (status, at, apiKey) => void (await fails(speaker, apiKey, answers(status, errorBodies(apiKey)[at]))),
        ),
        { numRuns: 60 },
      ))

    it(`for what ${nameOf(speaker)} never said: any text and any JSON, with the key at any place of it`, () =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(200, 400, 500),
          fc.oneof(
            fc.string(),
            fc.jsonValue().map((value) => JSON.stringify(value)),
          ),
          fc.nat(340),
          key,
          async (status, body, before, apiKey) =>
            void (await fails(speaker, apiKey, answers(status, `${'x '.repeat(before / 2)}${apiKey} ${body}`))),
        ),
        { numRuns: 60 },
      ))

    it(`for a key that ${nameOf(speaker)} repeats encoded, escaped, cut, as the id of the request or without its scheme`, () =>
      fc.assert(
        fc.asyncProperty(key, async (apiKey) => {
          const secret = 'opaque+Value/0123456789='
          const refused = (message: string, headers?: Record<string, string>): typeof play =>
            answers(401, { type: 'error', request_id: `r-${apiKey}`, error: { message, type: 'x' } }, headers)
          const escaped = JSON.stringify({ token: apiKey }).replaceAll('/', '\\/')
          for (const how of [
            refused(`No: https://x.example/?key=${encodeURIComponent(apiKey)}&more`),
            refused(`No: ${escaped}`),
            refused(`${apiKey.slice(0, 16)}... is nobody's`),
            refused(`${apiKey.slice(0, 16)}**** is nobody's`),
            refused('No', { 'request-id': `r-${apiKey}`, 'x-request-id': `r-${apiKey}` }),
            answers(307, '', { location: `/denied/${encodeURIComponent(apiKey)}` }),
            refused(`the token ${secret} is over, and so is ${encodeURIComponent(secret)}`),
          ])
            holdsNoKey(await fails(speaker, apiKey, how, { 'x-gateway': `Bearer ${secret}` }), secret)
        }),
        { numRuns: 15 },
      ))

    it(`for what ${nameOf(speaker)} refuses without a word: none are said to be below`, async () => {
      for (const body of ['', {}, { error: {} }, { error: { message: '' } }]) {
        const { message, detail } = await fails(speaker, 'a-good-key-of-mine', answers(400, body))
        assert.equal(/words are below/.test(message), detail !== undefined, JSON.stringify({ body, message, detail }))
        assert.doesNotMatch(detail ?? '', /no body|in its stream/, JSON.stringify(body))
      }
    })

    it(`for a key or header that cannot be sent to ${nameOf(speaker)} at all`, async () => {
      for (const [apiKey, headers] of [
        ['a-key-with-a\u2013dash', undefined],
        ['a-key-in-two\nlines', undefined],
        ['a-good-key-of-mine', { 'x-team': 'a value with a \u2013' }],
        ['a-good-key-of-mine', { 'x team': 'a value of mine' }],
      ] as const) {
        const { message, lasting } = await fails(speaker, apiKey, answers(200, ''), headers)
        assert.match(message, /a character that cannot be sent/)
        assert.equal(lasting, true, 'asking again is of no use')
      }
    })

    it(`for what breaks in the middle of an answer of ${nameOf(speaker)}`, () =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom('error', 'garbage', 'drop', 'end'),
          fc.constantFrom(NODE_STACK, PYTHON_STACK, '{"error":{"message":"no"}}', ''),
          key,
          async (how, words, apiKey) =>
            void (await fails(speaker, apiKey, async (script) => {
              script.head(200, { 'content-type': contentType })
              await script.send(part)
              const said = JSON.stringify(`It broke ${words} ${apiKey}`).slice(1, -1)
              if (how === 'error') await script.send(errorFrame.replace('It broke', () => said))
              if (how === 'garbage') await script.send(garbage)
              if (how === 'drop') return script.drop()
              script.end()
            })),
        ),
        { numRuns: 20 },
      ))
  }
})
