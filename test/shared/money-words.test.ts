/** Budgets in words. */
import assert from 'node:assert/strict'
import { beginsAnew } from '../../src/shared/money-words.ts'

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
