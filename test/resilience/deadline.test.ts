import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Chain } from '../../src/resilience/chain.ts'
import { Deadline } from '../../src/resilience/deadline.ts'
import { noAlternatives, Plan } from '../../src/resilience/plan.ts'
import { defaultRetry } from '../../src/resilience/schedule.ts'
import { Waiter } from '../../src/resilience/waiter.ts'
import { FakeClock } from './fake-clock.ts'

describe('the time that a whole answer has', () => {
  const passes = fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 10_000 }) })
  const asks = fc.record({ do: fc.constantFrom('ask' as const, 'answer' as const), which: fc.nat(3) })

  it('is held with the time of the turn, wherever a request of it asks', async () => {
    const clock = new FakeClock(0)
    const plan = new Plan({ settings: defaultRetry, alternatives: noAlternatives, clock, until: 60_000 })
    const chain = new Chain(plan, new Waiter(clock))
    const turn = new Deadline(90_000, clock)
    chain.around = turn.aside
    const { promise, resolve } = Promise.withResolvers<string>()
    const asked = chain.aside(promise)
    clock.pass(30_000)
    resolve('yes')
    assert.equal(await asked, 'yes')
    clock.pass(1_000)
    assert.deepEqual([chain.until, turn.until], [90_000, 120_000])
  })

  it('stands still exactly while a person is asked, whatever questions overlap, and also where one is taken back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(passes, asks), { maxLength: 30 }), fc.boolean(), async (steps, rejects) => {
        const clock = new FakeClock(0)
        const deadline = new Deadline(60_000, clock)
        const open = new Map<number, () => Promise<unknown>>()
        let asked = 0
        for (const step of steps) {
          if (step.do === 'pass') {
            if (open.size > 0) asked += step.ms
            clock.pass(step.ms)
          } else if (step.do === 'ask') {
            if (open.has(step.which)) continue
            const { promise, resolve, reject } = Promise.withResolvers<void>()
            const aside = deadline.aside(promise).catch(() => undefined)
            open.set(step.which, () => {
              if (rejects) reject(new Error('taken back'))
              else resolve()
              return aside
            })
          } else {
            await open.get(step.which)?.()
            open.delete(step.which)
          }
          assert.equal(deadline.until, 60_000 + asked)
        }
      }),
    )
  })
})
