/** What counts until a time of the clock, where the clock is set back meanwhile: it lasts no longer than it was meant to. */
import assert from 'node:assert/strict'
import { Breaker, FIRST_REST_MS, OPENS_AFTER } from '../../src/resilience/breaker.ts'
import { noAlternatives, Plan } from '../../src/resilience/plan.ts'
import { defaultRetry } from '../../src/resilience/schedule.ts'
import { REST, SteadyQueue } from '../../src/resilience/rate/queue.ts'
import type { RateQueue } from '../../src/resilience/rate/queue.ts'
import { STAYS_MS, Sticky } from '../../src/resilience/sticky.ts'
import { RateBook } from '../../src/shared/rate-book.ts'

const DAY = 86_400_000
const target = { provider: 'anthropic', model: 'claude', keyProfile: 'work' }

describe('where the clock is set back by a day', () => {
  let now: number
  beforeEach(() => (now = Date.UTC(2026, 10, 22)))

  it('a provider that failed is left alone for no longer than before', () => {
    const breaker = new Breaker(() => now)
    for (let times = 0; times < OPENS_AFTER; times++) {
      const entered = breaker.enter(target)
      assert.ok(typeof entered !== 'number')
      entered.settle({ failure: { code: 'unavailable', message: 'Down.', status: 503 } })
    }
    now -= DAY
    assert.ok(breaker.restOf(target) <= FIRST_REST_MS)
    now += FIRST_REST_MS
    assert.equal(breaker.restOf(target), 0)
    assert.notEqual(typeof breaker.enter(target), 'number')
  })

  it('who stands in stays for no longer than before', () => {
    const sticky = new Sticky(() => now)
    const second = { provider: 'litellm', model: 'gpt' }
    sticky.keep('c', target, { target: second, how: 'model' })
    now -= DAY
    const standing = sticky.get('c', target)
    assert.ok(!standing || standing.until <= now + STAYS_MS)
    now += STAYS_MS
    assert.equal(sticky.get('c', target), undefined)
    assert.deepEqual(sticky.first('c', second), second)
  })

  it('an answer gets no more time than all of it was to have', () => {
    const clock = { now: () => now, random: () => 0 }
    const whole = 60_000
    const parts = { settings: defaultRetry, alternatives: noAlternatives, clock, until: now + whole, whole }
    const plan = new Plan(parts)
    now -= DAY
    assert.ok(plan.left !== undefined && plan.left <= whole)
  })

  it('a queue that could not be reached is asked again as soon as before', () => {
    const shared = new RateBook().view('one')
    let reached = 0
    let broken = true
    const queue: RateQueue = {
      holds: (provider) => shared.holds(provider),
      turn(provider, clock, work) {
        if (broken) throw new Error('database is locked')
        reached++
        return shared.turn(provider, clock, work)
      },
    }
    const steady = new SteadyQueue(
      () => queue,
      () => now,
      () => undefined,
    )
    const turn = () =>
      steady.turn(
        'anthropic',
        () => now,
        () => ({ change: {}, result: undefined }),
      )
    turn()
    broken = false
    now -= DAY
    turn()
    now += REST
    turn()
    assert.ok(reached > 0)
  })
})
