import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Gate, Ticket } from '../../src/resilience/admission.ts'
import { admit, isTicket } from '../../src/resilience/admission.ts'
import { Breaker, FIRST_REST_MS, LONGEST_REST_MS, OPENS_AFTER } from '../../src/resilience/breaker.ts'
import type { Failure } from '../../src/shared/failure.ts'
import { noUsage } from '../../src/shared/message.ts'

const target = { provider: 'anthropic', model: 'claude', keyProfile: 'work' }
const down: Failure = { code: 'unavailable', message: 'Down.', status: 503 }
const slow: Failure = { code: 'rate-limit', message: 'Slow down.', status: 429 }

/** A breaker whose clock the test moves, and what it says to one request after the other. */
function held() {
  let now = 1_000
  const breaker = new Breaker(() => now)
  const passes = (to = target, anyway = false): Ticket => {
    const entered = breaker.enter(to, anyway)
    assert.ok(typeof entered !== 'number', `held back for ${String(entered)} ms`)
    return entered
  }
  const fails = (times: number, failure = down): void => {
    for (let at = 0; at < times; at++) passes().settle({ failure, usage: noUsage() })
  }
  return { breaker, passes, fails, pass: (ms: number) => void (now += ms) }
}

describe('the circuit breaker', () => {
  it('opens after failures in a row, lets one look after a while, and closes when that one is answered', () => {
    const { breaker, passes, fails, pass } = held()
    fails(OPENS_AFTER)
    assert.equal(breaker.enter(target), FIRST_REST_MS)
    assert.equal(breaker.restOf(target), FIRST_REST_MS)
    pass(FIRST_REST_MS)
    const probe = passes()
    assert.equal(typeof breaker.enter(target), 'number', 'one at a time')
    probe.settle({ usage: noUsage() })
    fails(OPENS_AFTER - 1)
    passes()
  })

  it('rests twice as long after each look in vain, up to the longest', () => {
    const { breaker, passes, fails, pass } = held()
    fails(OPENS_AFTER)
    for (let rest = FIRST_REST_MS; rest < LONGEST_REST_MS; rest = Math.min(2 * rest, LONGEST_REST_MS)) {
      assert.equal(breaker.restOf(target), rest)
      pass(rest)
      passes().settle({ failure: down })
    }
    assert.equal(breaker.restOf(target), LONGEST_REST_MS)
  })

  it('lets another look where the one that looked was stopped', () => {
    const { passes, fails, pass } = held()
    fails(OPENS_AFTER)
    pass(FIRST_REST_MS)
    passes().settle({})
    passes()
  })

  it('is of one provider and key, and lets other models of theirs through', () => {
    const { passes, fails, breaker } = held()
    fails(OPENS_AFTER)
    passes({ ...target, keyProfile: 'own' })
    passes({ ...target, provider: 'openai' })
    passes({ ...target, model: 'haiku' })
    assert.equal(typeof breaker.enter(target), 'number')
  })

  it('gives way to a person who wants it now', () => {
    const { passes, fails } = held()
    fails(OPENS_AFTER)
    passes(target, true)
  })

  it('stays closed for who answers at all, be it with a refusal', () => {
    const { fails, passes } = held()
    fails(OPENS_AFTER - 1)
    fails(1, slow)
    fails(OPENS_AFTER - 1)
    passes()
  })
})

describe('the gates of a request', () => {
  /** Counts what it gave and what came back. */
  class Counting implements Gate {
    readonly name = 'counting'
    readonly opens: boolean
    given = 0
    settled = 0
    constructor(opens: boolean) {
      this.opens = opens
    }
    async enter(): Promise<Ticket | Failure> {
      await Promise.resolve()
      if (!this.opens) return down
      this.given++
      return { settle: () => void this.settled++ }
    }
  }

  it('have every ticket settled exactly once: passed, refused or stopped', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 6 }),
        fc.option(fc.nat(6), { nil: undefined }),
        fc.boolean(),
        async (opens, stopAt, twice) => {
          const stop = new AbortController()
          const gates = opens.map((open) => new Counting(open))
          const stopping: Gate = {
            name: 'stopping',
            enter: () => {
              stop.abort()
              return Promise.resolve({ settle: () => undefined })
            },
          }
          const all: Gate[] = [...gates]
          if (stopAt !== undefined) all.splice(stopAt, 0, stopping)
          const asking = { target, inputTokens: 1 }
          const entered = await admit(all, asking, stop.signal, () => undefined)
          if (entered && isTicket(entered)) {
            assert.ok(opens.every(Boolean))
            entered.settle({})
            if (twice) entered.settle({})
          } else if (!entered) assert.ok(stop.signal.aborted)
          for (const gate of gates) assert.equal(gate.settled, gate.given)
        },
      ),
    ))
})
