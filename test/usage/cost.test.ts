import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Usage } from '../../src/shared/message.ts'
import type { Price } from '../../src/shared/model.ts'
import { costOf } from '../../src/usage/cost.ts'

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const

const usage = (fields: Partial<Usage>): Usage => ({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...fields })
const count = fc.nat(1_000_000)
const anyUsage = fc.record({ input: count, output: count, cacheRead: count, cacheWrite: count })
const rate = fc.double({ min: 0, max: 1_000, noNaN: true })
const fullPrice = fc.record({ input: rate, output: rate, cacheRead: rate, cacheWrite: rate })
const anyPrice: fc.Arbitrary<Price> = fc.record(
  { input: rate, output: rate, cacheRead: rate, cacheWrite: rate },
  { requiredKeys: [] },
)
/** Tiers that never get cheaper: each multiplies the base price by a little more. */
const risingPrice: fc.Arbitrary<Price> = fc
  .tuple(fullPrice, fc.array(fc.tuple(fc.nat(3_000_000), fc.double({ min: 0, max: 2, noNaN: true })), { maxLength: 3 }))
  .map(([price, steps]) => {
    let factor = 1
    const tiers = steps
      .sort(([a], [b]) => a - b)
      .map(([above, rise]) => {
        factor += rise
        return { above, ...Object.fromEntries(KINDS.map((kind) => [kind, price[kind] * factor])) }
      })
    return { ...price, tiers }
  })
/** Equal but for the rounding of floating point sums. */
const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))

describe('the cost of a request', () => {
  const price: Price = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }

  it('is the sum of each kind of token at its price for a million', () => {
    const used = usage({ input: 1_000, output: 2_000, cacheRead: 10_000, cacheWrite: 4_000 })
    assert.ok(close(costOf(used, price) ?? NaN, 0.003 + 0.03 + 0.003 + 0.015))
  })

  it('does not charge reasoning again, which is part of the output', () => {
    assert.equal(costOf(usage({ output: 1_000_000, reasoning: 900_000 }), price), 15)
  })

  it('is what the provider itself reports, even where we know a price or none', () => {
    assert.equal(costOf(usage({ input: 5, cost: 0.25 }), price), 0.25)
    assert.equal(costOf(usage({ input: 5, cost: 0 }), undefined), 0)
    assert.equal(costOf(usage({ input: 1_000_000, cost: NaN }), price), 3)
  })

  it('is unknown without a price for what was used, and only then', () => {
    assert.equal(costOf(usage({ input: 1 }), undefined), undefined)
    assert.equal(costOf(usage({ input: 1, output: 1 }), { input: 3 }), undefined)
    assert.equal(costOf(usage({ input: 1_000_000 }), { input: 3 }), 3)
    assert.equal(costOf(usage({ input: 1, output: 1 }), { input: 0, output: 0 }), 0)
    assert.equal(costOf(usage({ input: 1 }), { input: -1 }), undefined)
  })

  it('takes the price of input for cache tokens that have none of their own', () => {
    assert.equal(costOf(usage({ cacheRead: 1_000_000, cacheWrite: 1_000_000 }), { input: 3 }), 6)
    assert.equal(costOf(usage({ cacheRead: 1_000_000 }), { output: 3 }), undefined)
    assert.equal(costOf(usage({ cacheRead: 1_000_000 }), { input: 3, cacheRead: 0 }), 0)
  })

  describe('with tiers', () => {
    const tiered: Price = {
      ...price,
      tiers: [
        { above: 200_000, input: 6, output: 22.5 },
        { above: 500_000, input: 9 },
      ],
    }

    it('takes one by the whole prompt, cache included, and for the whole request', () => {
      assert.equal(costOf(usage({ input: 200_000 }), tiered), 0.6)
      assert.ok(close(costOf(usage({ input: 200_001 }), tiered) ?? NaN, 1.200006))
      const used = usage({ input: 1, cacheRead: 100_000, cacheWrite: 100_000, output: 1_000_000 })
      assert.ok(close(costOf(used, tiered) ?? NaN, 0.000006 + 0.03 + 0.375 + 22.5))
      assert.equal(
        costOf(usage({ input: 100_000, output: 400_000 }), tiered),
        0.3 + 6,
        'output is no part of the prompt',
      )
    })

    it('takes what a tier leaves out from the base price', () => {
      assert.equal(costOf(usage({ input: 1_000_000, output: 1_000_000 }), tiered), 9 + 15)
    })

    it('takes the highest that applies, in whatever order they stand', () => {
      const turned = { ...tiered, tiers: tiered.tiers?.toReversed() ?? [] }
      assert.equal(costOf(usage({ input: 1_000_000 }), turned), 9)
    })
  })

  it('never falls when any count grows', () => {
    fc.assert(
      fc.property(anyUsage, risingPrice, fc.constantFrom(...KINDS), count, (used, price, kind, more) => {
        const [less, greater] = [costOf(used, price), costOf({ ...used, [kind]: used[kind] + more }, price)]
        assert.ok(less !== undefined && greater !== undefined)
        assert.ok(greater >= less || close(greater, less), `${greater} < ${less}`)
      }),
    )
  })

  it('of two requests below the tiers is that of their sum', () => {
    fc.assert(
      fc.property(anyUsage, anyUsage, fullPrice, (one, other, price) => {
        const tiers = [{ above: 6_000_000, input: 1_000_000 }]
        const sum = usage(Object.fromEntries(KINDS.map((kind) => [kind, one[kind] + other[kind]])))
        const parts = (costOf(one, price) ?? NaN) + (costOf(other, price) ?? NaN)
        assert.ok(close(costOf(sum, { ...price, tiers }) ?? NaN, parts))
      }),
    )
  })

  it('is unknown exactly where a kind of token was used whose price is unknown', () => {
    fc.assert(
      fc.property(anyUsage, anyPrice, (used, price) => {
        const priced = {
          ...price,
          cacheRead: price.cacheRead ?? price.input,
          cacheWrite: price.cacheWrite ?? price.input,
        }
        const known = KINDS.every((kind) => used[kind] === 0 || priced[kind] !== undefined)
        assert.equal(costOf(used, price) !== undefined, known)
      }),
    )
  })

  it('is what the provider reports, whatever was used and whatever we think it costs', () => {
    fc.assert(
      fc.property(anyUsage, fc.option(anyPrice, { nil: undefined }), rate, (used, price, cost) => {
        assert.equal(costOf({ ...used, cost }, price), cost)
      }),
    )
  })

  it('is never negative and always finite, whatever counts and prices a provider makes up', () => {
    const wild = fc.double()
    const wildPrice = fc.record({ input: wild, output: wild, cacheRead: wild, cacheWrite: wild }, { requiredKeys: [] })
    const wildUsage = fc.record({ input: wild, output: wild, cacheRead: wild, cacheWrite: wild, cost: wild })
    fc.assert(
      fc.property(wildUsage, fc.oneof(wildPrice, anyPrice), (used, price) => {
        const cost = costOf(used, price)
        assert.ok(cost === undefined || (Number.isFinite(cost) && cost >= 0), String(cost))
      }),
    )
  })
})
