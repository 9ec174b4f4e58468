import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ModelSpeed } from '../../src/shared/usage.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import { healthOf } from '../../src/usage/health.ts'
import { cacheSavings } from '../../src/usage/statistics.ts'

const NOW = 1_800_000_000_000
const MINUTE = 60_000
const request = (minutes: number, fields: Partial<RequestRecord> = {}): RequestRecord => ({
  id: `${minutes}`,
  provider: 'p',
  model: 'm',
  startedAt: NOW - minutes * MINUTE,
  firstTokenMs: 1_000,
  durationMs: 5_000,
  input: 1,
  output: 1,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  attempt: 1,
  outcome: 'done',
  ...fields,
})
const failed = (minutes: number, failureCode: RequestRecord['failureCode']): RequestRecord => {
  const { firstTokenMs: _, ...rest } = request(minutes)
  return { ...rest, outcome: 'failed', ...(failureCode && { failureCode }) }
}
const usual: ModelSpeed[] = [{ provider: 'p', model: 'm', answers: 50, firstToken: { median: 1_000, p95: 3_000 } }]
const state = (...records: RequestRecord[]): string | undefined => healthOf(records, usual, NOW)['p']?.state

describe('how a provider does', () => {
  it('is told from its last requests', () => {
    assert.equal(state(request(1), failed(2, 'overloaded')), 'ok')
    assert.equal(state(failed(1, 'rate-limit'), request(2)), 'limited')
    assert.equal(state(failed(1, 'quota')), 'limited')
    assert.equal(state(failed(1, 'unavailable'), failed(2, 'timeout'), request(3)), 'down')
    assert.equal(state(failed(1, 'network')), 'down')
  })

  it('names the key that is limited where others were used as well', () => {
    const text = (...records: RequestRecord[]): string | undefined => healthOf(records, usual, NOW)['p']?.text
    const used = { ...failed(1, 'quota'), keyProfile: 'work' }
    assert.equal(text(used, request(2, { keyProfile: 'own' })), 'Limited: the quota is used up, with the key work')
    assert.equal(text(used, request(2, { keyProfile: 'work' })), 'Limited: the quota is used up')
  })

  it('is no worse for one failure after answers', () => {
    assert.equal(state(failed(1, 'overloaded'), request(2)), 'ok')
    assert.match(
      healthOf([failed(1, 'overloaded'), request(2)], usual, NOW)['p']?.text ?? '',
      /last request failed: overloaded/,
    )
  })

  it('is slow where answers begin far later than they usually do, and only then', () => {
    const late = { firstTokenMs: 8_000 }
    assert.equal(state(request(1, late), request(2, late), request(3, late)), 'slow')
    assert.equal(state(request(1, late), request(2), request(3)), 'ok')
    assert.equal(
      state(
        request(1, { firstTokenMs: 2_900 }),
        request(2, { firstTokenMs: 2_900 }),
        request(3, { firstTokenMs: 2_900 }),
      ),
      'ok',
    )
    assert.equal(state(request(1, late), request(2, late)), 'ok')
    assert.match(
      healthOf(
        [1, 2, 3].map((minutes) => request(minutes, late)),
        usual,
        NOW,
      )['p']?.text ?? '',
      /first word after 8\.0 s lately, usually 1\.0 s/,
    )
  })

  it('says nothing of bad news that is old, of what a person stopped, or of what was rightly refused', () => {
    assert.equal(state(failed(31, 'overloaded')), undefined)
    assert.equal(state(request(25 * 60)), undefined)
    assert.equal(state(request(1, { outcome: 'aborted' })), undefined)
    for (const code of ['auth', 'invalid-request', 'context-length', 'budget', 'not-found'] as const)
      assert.equal(state(failed(1, code)), undefined, code)
  })

  it('is each provider’s own', () => {
    const found = healthOf([failed(1, 'rate-limit'), request(2, { provider: 'q' })], usual, NOW)
    assert.deepEqual(Object.fromEntries(Object.entries(found).map(([id, one]) => [id, one.state])), {
      p: 'limited',
      q: 'ok',
    })
  })
})

describe('what the cache saved', () => {
  it('is the difference to the price of input, of the models whose prices are known', () => {
    const models = [
      { name: 'a', provider: 'p', cacheRead: 2_000_000 },
      { name: 'b', provider: 'p', cacheRead: 500 },
      { name: 'c', provider: 'p', cacheRead: 0 },
    ]
    const priceOf = (_: string, model: string) => (model === 'a' ? { input: 3, cacheRead: 0.3 } : { input: 1 })
    assert.deepEqual(cacheSavings(models, priceOf), { saved: 5.4, unknown: 500 })
  })

  it('is never below nothing, whatever prices a provider tells', () => {
    const price = fc.oneof(fc.double(), fc.constantFrom(-1, NaN, undefined))
    fc.assert(
      fc.property(fc.nat(), price, price, (cacheRead, input, read) => {
        const told = { ...(input !== undefined && { input }), ...(read !== undefined && { cacheRead: read }) }
        const { saved, unknown } = cacheSavings([{ name: 'm', provider: 'p', cacheRead }], () => told)
        assert.ok(saved >= 0)
        assert.ok(unknown === 0 || unknown === cacheRead)
      }),
    )
  })
})
