import assert from 'node:assert/strict'
import fc from 'fast-check'
import { dayOf, daysAfter, daysBetween, startOf } from '../../src/shared/day.ts'

describe('The days of the calendar', () => {
  const days = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(dayOf)

  it('are each there once, in their order, both ends among them', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 900 }), (from, more) => {
        const found = daysBetween(from, daysAfter(from, more))
        assert.equal(found.length, more + 1)
        assert.equal(found[0], from)
        found.forEach((day, place) => assert.equal(day, daysAfter(from, place)))
      }),
      { numRuns: 50 },
    )
  })

  it('begin where the one before ends', () => {
    fc.assert(fc.property(days, (day) => assert.equal(dayOf(startOf(daysAfter(day, 1)) - 1), day)))
  })

  it('begin no later than the moment they are the day of, however long ago that was', () => {
    const moments = fc.integer({ min: -8_000_000_000_000_000, max: 4_000_000_000_000 })
    const isBefore = (moment: number): boolean => startOf(dayOf(moment)) <= Math.max(moment, startOf('0000-01-01'))
    fc.assert(fc.property(moments, (moment) => assert.ok(isBefore(moment), dayOf(moment))))
  })

  it('are the last ones where one moment with a wrong clock makes them too many', () => {
    const found = daysBetween('1970-01-01', '2026-11-21')
    assert.equal(found.at(-1), '2026-11-21')
    assert.equal(found.length, 4000)
  })
})
