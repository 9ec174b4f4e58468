import assert from 'node:assert/strict'
import { admit, isTicket } from '../../src/resilience/admission.ts'
import type { Asking } from '../../src/resilience/admission.ts'
import { RateBook } from '../../src/shared/rate-book.ts'
import { RateGate } from '../../src/resilience/rate/gate.ts'
import { Waiter } from '../../src/resilience/waiter.ts'
import { FakeClock } from './fake-clock.ts'

const asking: Asking = { target: { provider: 'anthropic', model: 'claude' }, inputTokens: 10 }
const live = new AbortController().signal
const refused = { code: 'rate-limit', message: 'Slow down.', status: 429, retryAfterMs: 30_000 } as const

/** A gate whose provider has just asked for patience, and what a person is told of that. */
async function held(limits: { provider: string; requests: number }[] = []) {
  const clock = new FakeClock()
  const queue = new RateBook().view('this')
  const gate = new RateGate({ limits: () => limits, label: () => 'Anthropic', patience: () => Infinity, clock, queue })
  const first = await admit([gate], asking, live, () => undefined)
  assert.ok(first && isTicket(first))
  first.settle({ failure: refused })
  const waiter = new Waiter(clock)
  return { gate, waiter, enter: (one: Asking) => admit([gate], one, live, (why) => waiter.show(why)) }
}

describe('a request that a provider asks to wait with', () => {
  it('goes at once where a person says “Now”', async () => {
    const { waiter, enter } = await held()
    const entering = enter(asking)
    assert.equal(waiter.current?.skippable, true)
    assert.match(waiter.current?.sentence ?? '', /Waiting for Anthropic/)
    assert.equal(waiter.now(), true)
    const entered = await entering
    assert.ok(entered && isTicket(entered))
    assert.equal(waiter.current, undefined)
  })

  it('does not wait where a person wanted it before', async () => {
    const { enter } = await held()
    const entered = await enter({ ...asking, anyway: true })
    assert.ok(entered && isTicket(entered))
  })

  it('is not kept by others who wait because the provider asks for it', async () => {
    const { waiter, gate, enter } = await held()
    const before = gate.enter(asking, live, () => undefined)
    const entering = enter(asking)
    waiter.now()
    assert.ok(await Promise.race([entering, before.then(() => undefined)]))
  })

  it('waits all the same for a limit that somebody has set', async () => {
    const { waiter, enter } = await held([{ provider: 'anthropic', requests: 1 }])
    void enter({ ...asking, anyway: true })
    await new Promise((resolve) => setImmediate(resolve))
    assert.ok(waiter.current)
    assert.equal(waiter.current.skippable, undefined)
    assert.equal(waiter.now(), false)
  })
})
