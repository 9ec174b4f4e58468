/** The order in which a request passes what stands before it: a question to a person holds up nobody else. */
import assert from 'node:assert/strict'
import { Resilience } from '../../src/host/resilience/resilience.ts'
import type { Asking, Gate, Outcome, Ticket } from '../../src/resilience/admission.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import { FIRST_REST_MS, OPENS_AFTER } from '../../src/resilience/breaker.ts'
import type { Failure } from '../../src/shared/failure.ts'
import { noUsage } from '../../src/shared/message.ts'
import { defaultRetry } from '../../src/resilience/schedule.ts'
import { defaultTimeouts } from '../../src/resilience/timeouts.ts'
import { FakeClock } from '../resilience/fake-clock.ts'

const asking: Asking = { target: { provider: 'p', model: 'm', keyProfile: 'k' }, inputTokens: 1 }
const down: Failure = { code: 'unavailable', status: 503, message: 'Down.' }

/** A gate that holds requests up while the test says so, and keeps what it is told of their ends. */
class SlowGate implements Gate {
  readonly name: string
  readonly settled: Outcome[] = []
  entered = 0
  holds = false
  readonly #waiting: (() => void)[] = []

  constructor(name: string) {
    this.name = name
  }

  async enter(): Promise<Ticket> {
    this.entered++
    if (this.holds) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return { settle: (outcome) => void this.settled.push(outcome) }
  }

  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

describe('the gates of a window', () => {
  const clock = new FakeClock(1_000_000)
  const money = new SlowGate('budget')
  const rate = new SlowGate('rate')
  const resilience = new Resilience({
    settings: () => ({ retry: defaultRetry, timeouts: defaultTimeouts }),
    log: { info: () => undefined },
    gates: [money, rate],
    clock,
  })
  const { signal } = new AbortController()
  const admit = () => resilience.admit(asking, 'P', resilience.chain(), signal)
  const passes = async (): Promise<Ticket> => {
    const entered = await admit()
    assert.ok(entered && isTicket(entered), JSON.stringify(entered))
    return entered
  }
  const tick = () => new Promise((resolve) => setImmediate(resolve))

  it('let nobody through once the time of the whole answer is over, and say how long that was', async () => {
    const late = new FakeClock()
    const timeouts = { ...defaultTimeouts, total: 60_000 }
    const gate = new SlowGate('rate')
    const limited = new Resilience({
      settings: () => ({ retry: defaultRetry, timeouts }),
      log: { info: () => undefined },
      gates: [gate],
      clock: late,
    })
    const chain = limited.chain()
    late.pass(45_000)
    assert.deepEqual(limited.timeouts(chain), { ...timeouts, total: 15_000, whole: 60_000 })
    gate.holds = true
    const entering = limited.admit(asking, 'P', chain, signal)
    late.pass(15_000)
    await tick()
    gate.letGo()
    const refused = await entering
    assert.match(JSON.stringify(refused), /"timeout".*longer than the 60 s that are allowed/)
    assert.deepEqual(gate.settled, [{ unsent: true }])
  })

  it('leave alone who rests before anybody is asked about money for it', async () => {
    for (let at = 0; at < OPENS_AFTER; at++) (await passes()).settle({ failure: down })
    const before = money.entered
    const refused = await admit()
    assert.ok(refused && 'code' in refused)
    assert.match(refused.message, /failed several times in a row/)
    assert.equal(money.entered, before)
  })

  it('let others look whether a provider is back while one chat is asked about its budget', async () => {
    clock.pass(FIRST_REST_MS)
    money.holds = true
    const asked = admit()
    await tick()
    money.holds = false
    clock.pass(3_600_000)
    const probe = await passes()
    const places = rate.settled.length
    money.letGo()
    const late = await asked
    assert.ok(late && 'code' in late, 'two looked at the same time')
    assert.match(late.message, /failed several times in a row/)
    assert.deepEqual(money.settled.at(-1), { unsent: true })
    assert.equal(rate.settled.length, places + 1)
    assert.deepEqual(rate.settled.at(-1), { unsent: true })
    probe.settle({ usage: noUsage() })
    ;(await passes()).settle({ usage: noUsage() })
  })

  it('give no place in the queue of limits to who is being asked about money', async () => {
    const before = rate.entered
    money.holds = true
    const asked = admit()
    await tick()
    assert.equal(rate.entered, before)
    money.holds = false
    money.letGo()
    const entered = await asked
    assert.ok(entered && isTicket(entered))
    entered.settle({ usage: noUsage() })
    assert.equal(rate.entered, before + 1)
  })
})
