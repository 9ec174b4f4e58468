import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isDown, isRetryable } from '../../src/resilience/retryable.ts'
import { backoff, defaultRetry, LONGEST_BACKOFF_MS, waitFor } from '../../src/resilience/schedule.ts'
import type { Failure, FailureCode } from '../../src/shared/failure.ts'
import { actionsFor } from '../../src/shared/failure.ts'

const codes: FailureCode[] = [
  'auth',
  'permission',
  'quota',
  'rate-limit',
  'overloaded',
  'unavailable',
  'timeout',
  'network',
  'invalid-request',
  'context-length',
  'not-found',
  'content-filter',
  'truncated',
  'malformed',
  'budget',
  'unknown',
]
const code = fc.constantFrom(...codes)
/** What a provider says of it: nothing, yes or no. */
const word = fc.constantFrom<Partial<Failure>>({}, { shouldRetry: true }, { shouldRetry: false })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const settings = fc.record({
  attempts: fc.nat(20),
  baseDelay: fc.nat(60_000),
  maxWait: fc.nat(3_600_000),
})
const failed = (of: FailureCode, more: Partial<Failure> = {}): Failure => ({ code: of, message: 'It failed.', ...more })

describe('what is tried again', () => {
  it('is no refusal but 408, 409 and 429, whatever word comes with it', () =>
    fc.assert(
      fc.property(code, fc.integer({ min: 400, max: 499 }), word, (of, status, shouldRetry) => {
        if (isRetryable(failed(of, { status, ...shouldRetry })))
          assert.ok([408, 409, 429].includes(status), `${of} ${status} ${JSON.stringify(shouldRetry)}`)
      }),
    ))

  it('is what a provider says so of itself, within those bounds, and never what it says no to', () =>
    fc.assert(
      fc.property(code, fc.constantFrom(408, 409, 429, 500, 501, 502, 503, 505, 529), (of, status) => {
        assert.equal(isRetryable(failed(of, { status, shouldRetry: true })), true, `${of} ${status}`)
        assert.equal(isRetryable(failed(of, { status, shouldRetry: false })), false, `${of} ${status}`)
        assert.equal(isRetryable(failed(of, { status, shouldRetry: true, lasting: true })), false)
      }),
    ))

  it('is never what another key or a person must mend', () =>
    fc.assert(
      fc.property(
        fc.constantFrom<FailureCode>('auth', 'permission', 'quota', 'not-found', 'content-filter', 'budget', 'unknown'),
        fc.option(fc.integer({ min: 400, max: 599 }), { nil: undefined }),
        (of, status) =>
          assert.equal(isRetryable(failed(of, status === undefined ? {} : { status })), false, `${of} ${status}`),
      ),
    ))

  it('is what passes by itself', () => {
    for (const [of, status] of [
      ['timeout', 408],
      ['invalid-request', 409],
      ['rate-limit', 429],
      ['unavailable', 500],
      ['unavailable', 503],
      ['overloaded', 529],
      ['network', undefined],
      ['truncated', undefined],
      ['malformed', undefined],
      ['timeout', undefined],
    ] as const)
      assert.ok(isRetryable(failed(of, status === undefined ? {} : { status })), `${of} ${status}`)
  })

  it('is no account that is empty, although that too comes as 429', () =>
    assert.equal(isRetryable(failed('quota', { status: 429 })), false))

  it('is no certificate that nobody trusts, and no server that cannot', () => {
    assert.equal(isRetryable(failed('network', { lasting: true })), false)
    assert.equal(isRetryable(failed('unavailable', { status: 501 })), false)
  })

  it('is told for every code there is', () => {
    for (const of of codes) assert.ok(actionsFor(failed(of)).length > 0)
    assert.equal(isDown(failed('rate-limit', { status: 429 })), false)
    assert.equal(isDown(failed('network')), true)
  })
})

describe('the wait before it', () => {
  it('backoff within its bounds: full jitter below a bound that doubles, up to the most', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), settings, random, (repetition, retry, chance) => {
        const wait = backoff(repetition, retry, () => chance)
        const bound = retry.baseDelay * 2 ** (repetition - 1)
        assert.ok(wait >= 0 && wait <= bound && wait <= LONGEST_BACKOFF_MS && wait <= retry.maxWait, String(wait))
        assert.equal(
          backoff(repetition, retry, () => 0),
          0,
        )
      }),
    ))

  it('reaches all of its range', () => {
    const waits = [0, 0.25, 0.5, 0.999].map((chance) => backoff(2, defaultRetry, () => chance))
    assert.deepEqual(waits, [0, 500, 1000, 1998])
  })

  it('grows as ever where the provider asks for no wait, or its clock has it over already', () => {
    const waits = [1, 2, 3].map((repetition) => waitFor({ retryAfterMs: 0 }, repetition, defaultRetry, () => 0.5))
    assert.deepEqual(waits, [500, 1000, 2000])
  })

  it('is never shorter than what the provider asks for, and never longer than may be waited', () =>
    fc.assert(
      fc.property(
        fc.nat(7_200_000),
        fc.integer({ min: 1, max: 5 }),
        settings,
        random,
        (retryAfterMs, repetition, retry, chance) => {
          const wait = waitFor({ retryAfterMs }, repetition, retry, () => chance)
          if (retryAfterMs > retry.maxWait) return assert.equal(wait, undefined)
          assert.ok(wait !== undefined && wait >= retryAfterMs && wait <= retry.maxWait)
        },
      ),
    ))
})
