/** Budgets in words. */
import assert from 'node:assert/strict'
import { beginsAnew, standing, usd, usedOf } from '../../src/shared/money-words.ts'

describe('when a budget begins anew', () => {
  const view = { scope: 'month', limit: 1, used: 0, reserved: 0, resetsAt: new Date(2026, 11, 1).getTime() } as const
  const on = (day: number, hour: number, minute = 0): string =>
    beginsAnew(view, new Date(2026, 10, day, hour, minute).getTime())

  it('is at midnight on the last day alone, and on a date before that', () => {
    assert.equal(on(30, 0), 'at midnight')
    assert.equal(on(30, 23, 59), 'at midnight')
    assert.equal(on(29, 23, 30), 'on December 1')
    assert.equal(on(1, 12), 'on December 1')
  })
})

describe('how a budget stands', () => {
  const credits = { scope: 'credits', limit: 12_345, used: 12_344, reserved: 0 } as const

  it('is told in whole credits, however many: rounded figures said of one that was left that it was not', () => {
    assert.equal(usedOf(credits), '12,344 of 12,345 credits')
    assert.equal(standing(credits), 'the shared credits of 12,345 credits have 1 credit left')
    assert.equal(usedOf({ ...credits, limit: 10_000, used: 9_999.4 }), '9,999 of 10,000 credits')
    assert.equal(usedOf({ ...credits, limit: 100, used: 0.12345 }), '0.123 of 100 credits')
  })

  it('leaves nothing where all is used or held, whatever the last digits of a sum say', () => {
    const view = { scope: 'day', limit: 2, used: 1.9, reserved: 0.1 } as const
    assert.equal(standing(view), "today's budget of $2.00 has $0.00 left")
  })

  it('is told in cents also where rounding makes them', () => {
    assert.deepEqual([0.0996, 0.05, 0.001].map(usd), ['$0.10', '$0.05', '$0.001'])
  })
})
