import assert from 'node:assert/strict'
import fc from 'fast-check'
import { placeAfter, withinList } from '../../webview/state/list-keys.ts'

const KEYS = ['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'] as const
const place = fc.integer({ min: 1, max: 50 }).chain((count) =>
  fc.record({
    at: fc.nat(count - 1),
    count: fc.constant(count),
    page: fc.integer({ min: 1, max: 60 }),
    round: fc.boolean(),
  }),
)

describe('the keys that walk a list', () => {
  it('lead a step, a page, or to an end', () => {
    const from = { at: 4, count: 20, page: 7 }
    assert.deepEqual(
      KEYS.map((key) => placeAfter(key, from)),
      [5, 3, 11, -3, 0, 19],
    )
    assert.equal(placeAfter('Enter', from), undefined)
    assert.equal(placeAfter('constructor', from), undefined)
  })

  it('say that a list is left at its ends, or go on at the other one', () => {
    assert.equal(placeAfter('ArrowDown', { at: 2, count: 3, page: 1 }), 3)
    assert.equal(placeAfter('ArrowUp', { at: 0, count: 3, page: 1 }), -1)
    assert.equal(placeAfter('ArrowDown', { at: 2, count: 3, page: 1, round: true }), 0)
    assert.equal(placeAfter('ArrowUp', { at: 0, count: 3, page: 1, round: true }), 2)
  })

  it('always lead to a row once they are kept within it, and an empty list stays at its beginning', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), place, (key, from) => {
        const to = withinList(placeAfter(key, from)!, from.count)
        return to >= 0 && to < from.count
      }),
    )
    for (const key of KEYS) assert.equal(withinList(placeAfter(key, { at: 0, count: 0, page: 5 })!, 0), 0)
  })

  it('reach every row by arrows, and come back around to where they began', () => {
    fc.assert(
      fc.property(place, fc.constantFrom('ArrowDown', 'ArrowUp'), ({ at, count, page }, key) => {
        const seen = new Set<number>()
        let now = at
        for (let step = 0; step < count; step++)
          seen.add((now = placeAfter(key, { at: now, count, page, round: true })!))
        return now === at && seen.size === count
      }),
    )
  })
})
