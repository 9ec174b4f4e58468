/** How long a provider asks us to wait, in every spelling there is. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { failureFrom } from '../../src/llm/failures.ts'
import { retryAfterMs, retryDelayIn, shouldRetry } from '../../src/llm/retry-after.ts'

const now = Date.parse('2026-11-01T00:00:00Z')
const wait = (headers: Record<string, string>) => retryAfterMs(new Headers(headers), now)
/** As an SDK throws it. */
const refused = (status: number, error: unknown, headers: Record<string, string> = {}) =>
  failureFrom(Object.assign(new Error(`${status} refused`), { status, error, headers: new Headers(headers) }), {
    provider: 'Provider',
    baseUrl: 'https://api.p.example/v1',
    secrets: [],
  })

type Row = [what: string, headers: Record<string, string>, milliseconds: number | undefined]
const after = (value: string, milliseconds: number | undefined): Row => [
  `retry-after: ${value}`,
  { 'retry-after': value },
  milliseconds,
]
const tokens = (left: string, reset: string, milliseconds: number | undefined): Row => [
  `x-ratelimit-reset-tokens: ${reset} with ${left} left`,
  { 'x-ratelimit-remaining-tokens': left, 'x-ratelimit-reset-tokens': reset },
  milliseconds,
]
const general = (reset: number, milliseconds: number | undefined): Row => [
  `x-ratelimit-reset: ${reset}`,
  { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
  milliseconds,
]
const anthropic = (limit: string, left: string, reset: string, milliseconds: number | undefined): Row => [
  `anthropic-ratelimit-${limit}-reset: ${reset} with ${left} left`,
  { [`anthropic-ratelimit-${limit}-remaining`]: left, [`anthropic-ratelimit-${limit}-reset`]: reset },
  milliseconds,
]

const rows: Row[] = [
  ['nothing', {}, undefined],
  after('2', 2_000),
  after(' 2 ', 2_000),
  after('2.5', 2_500),
  after('0', 0),
  after('Sun, 01 Nov 2026 00:00:30 GMT', 30_000),
  after('Sunday, 01-Nov-26 00:00:30 GMT', 30_000),
  after('Sun Nov  1 00:00:30 2026', 30_000),
  after('2026-11-01T00:00:30Z', 30_000),
  after('2026-11-01T02:00:30.500+02:00', 30_500),
  after('Sun, 01 Nov 2020 00:00:30 GMT', 0),
  after('2020-11-01T00:00:30Z', 0),
  after('-5', undefined),
  after('soon', undefined),
  after('soon 2099', undefined),
  after('1e3', undefined),
  after('', undefined),
  after('9'.repeat(40), undefined),
  after('2, 2', undefined),
  after('Sun, 99 Nov 2026 00:00:30 GMT', undefined),
  ['retry-after-ms before retry-after', { 'retry-after-ms': '120', 'retry-after': '9' }, 120],
  ['retry-after-ms with a fraction', { 'retry-after-ms': '120.4' }, 120],
  ['retry-after-ms below nothing, then retry-after', { 'retry-after-ms': '-1', 'retry-after': '9' }, 9_000],
  ['retry-after-ms that is none, then retry-after', { 'retry-after-ms': 'NaN', 'retry-after': '9' }, 9_000],
  tokens('0', '6m0s', 360_000),
  tokens('0', '6m0.5s', 360_500),
  tokens('0', '1h2m', 3_720_000),
  tokens('0', '1s', 1_000),
  tokens('0', '12ms', 12),
  tokens('0', '7.66', 7_660),
  tokens('0', 'soon', undefined),
  tokens('0', '-1s', undefined),
  tokens('12', '6m0s', undefined),
  general(45, 45_000),
  general(now / 1000 + 30, 30_000),
  general(now + 30_000, 30_000),
  general(now - 30_000, 0),
  anthropic('requests', '0', '2026-11-01T00:00:05Z', 5_000),
  anthropic('tokens', '0', '2026-11-01T00:00:05.250Z', 5_250),
  anthropic('input-tokens', '0', '2026-10-31T23:59:00Z', 0),
  anthropic('output-tokens', '900', '2026-11-01T01:00:00Z', undefined),
  anthropic('requests', '0', 'tomorrow', undefined),
]

describe('the time a provider asks us to wait', () => {
  for (const [what, headers, milliseconds] of rows)
    it(`in “${what}” is ${milliseconds === undefined ? 'not told' : `${milliseconds} ms`}`, () =>
      assert.equal(wait(headers), milliseconds))

  it('is the latest reset of the limits that are used up', () => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-01T00:00:05Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-01T00:00:20Z',
      'anthropic-ratelimit-output-tokens-remaining': '900',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-01T01:00:00Z',
    }
    assert.equal(wait(headers), 20_000)
  })

  it('is never negative, never endless and never what nobody wrote, whatever stands in the headers', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('retry-after', 'retry-after-ms', 'x-ratelimit-reset', 'anthropic-ratelimit-tokens-reset'),
          fc.oneof(fc.string(), fc.double().map(String), fc.date({ noInvalidDate: true }).map(String)),
        ),
        (headers) => {
          const asked = retryAfterMs({ get: (name) => headers[name] ?? null }, now)
          assert.ok(asked === undefined || (Number.isSafeInteger(asked) && asked >= 0), String(asked))
        },
      ),
    ))

  it('is read from the RetryInfo of Google, wherever in the details it stands, and before any header', () => {
    const quota = { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] }
    const info = (retryDelay: unknown) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay })
    assert.equal(retryDelayIn([quota, info('17s')]), 17_000)
    assert.equal(retryDelayIn([info('0.25s')]), 250)
    for (const wrong of ['17', '-3s', 's', 17, null, '1m']) assert.equal(retryDelayIn([info(wrong)]), undefined)
    for (const wrong of [undefined, 'x', {}, [null], [[]]]) assert.equal(retryDelayIn(wrong), undefined)
    const body = {
      error: { code: 429, message: 'Slow down', status: 'RESOURCE_EXHAUSTED', details: [quota, info('17s')] },
    }
    assert.equal(refused(429, body, { 'retry-after': '2' }).retryAfterMs, 17_000)
    assert.equal(refused(429, [body], { 'retry-after': '2' }).retryAfterMs, 17_000, 'also in a list')
  })

  it('is read from a sentence only where waiting is what helps', () => {
    const said = (message: string, error: object = { code: 'rate_limit_exceeded' }) =>
      refused(429, { message, ...error }).retryAfterMs
    assert.equal(said('Please try again in 1.898s. Visit the site.'), 1898)
    assert.equal(said('Limit reached. Please try again in 6m0s'), 360_000)
    assert.equal(said('No deployments available, Try again in 60 seconds.'), 60_000)
    assert.equal(said('Please retry after 2 minutes'), 120_000)
    assert.equal(said('Please retry in 34.07s.'), 34_070)
    assert.equal(said('Try again later, or in the 3 other regions.'), undefined)
    assert.equal(said('Try again in 30 days.', { code: 'insufficient_quota' }), undefined)
  })
})

describe('whether a provider wants to be asked again', () => {
  it('is read from x-should-retry, and nothing from any other word in it', () => {
    const said = (value: string) => shouldRetry(new Headers({ 'x-should-retry': value }))
    assert.deepEqual(['true', 'True', ' false ', 'no', ''].map(said), [true, true, false, undefined, undefined])
    assert.equal(shouldRetry(undefined), undefined)
    assert.equal(refused(500, {}, { 'x-should-retry': 'false' }).shouldRetry, false)
    assert.ok(!('shouldRetry' in refused(500, {})))
  })
})
