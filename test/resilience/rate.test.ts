import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { Asking, Target, Ticket, Wait } from '../../src/resilience/admission.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import { RateBook } from '../../src/shared/rate-book.ts'
import { RateGate } from '../../src/resilience/rate/gate.ts'
import type { RateParts } from '../../src/resilience/rate/gate.ts'
import { roomIn } from '../../src/resilience/rate/headers.ts'
import { holdWords } from '../../src/resilience/rate/holds.ts'
import type { RateLimit } from '../../src/resilience/rate/limits.ts'
import { limitsOf } from '../../src/resilience/rate/limits.ts'
import { MINUTE } from '../../src/resilience/rate/window.ts'
import type { Failure } from '../../src/shared/failure.ts'
import { FakeClock } from './fake-clock.ts'

const claude: Target = { provider: 'anthropic', model: 'claude', keyProfile: 'work' }
const asking = (target: Target = claude, inputTokens = 10): Asking => ({ target, inputTokens })

type Entered = { at: number; name: number; entered: Ticket | Failure }

class Window {
  readonly clock = new FakeClock()
  readonly went: Entered[] = []
  readonly told: (Wait | undefined)[][] = []
  readonly gate: RateGate

  constructor(limits: readonly RateLimit[], parts: Partial<RateParts> = {}) {
    this.gate = new RateGate({
      limits: () => limits,
      label: () => 'Anthropic',
      patience: () => Infinity,
      clock: this.clock,
      queue: new RateBook().view('this'),
      ...parts,
    })
  }

  ask(request = asking(), signal = new AbortController().signal): number {
    const name = this.told.push([]) - 1
    const enter = this.gate.enter(request, signal, (why) => this.told[name]!.push(why))
    void enter.then((entered) => {
      if (!signal.aborted) this.went.push({ at: this.clock.now(), name, entered })
    })
    return name
  }

  /** So that everyone whose time has come has gone. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    await turn()
    while (this.clock.now() < end) {
      this.clock.pass(Math.min(500, end - this.clock.now()))
      await turn()
    }
  }

  get names(): number[] {
    return this.went.map(({ name }) => name)
  }
}

describe('a limit of requests a minute', () => {
  it('lets as many go as it says, and tells the next for what it waits and until when', async () => {
    const window = new Window([{ provider: 'anthropic', requests: 2 }])
    for (let at = 0; at < 3; at++) window.ask()
    await window.pass(4_000)
    assert.deepEqual(window.names, [0, 1])
    const began = window.went[0]!.at
    assert.deepEqual(window.told[2], [
      { until: began + MINUTE, sentence: 'Waiting for Anthropic: 2 requests a minute.' },
    ])
    await window.pass(MINUTE - 4_000)
    assert.deepEqual(window.names, [0, 1, 2])
  })

  it('counts each request once, also where a limit of tokens stands in an entry of its own', async () => {
    const window = new Window([
      { provider: 'anthropic', requests: 4 },
      { provider: 'anthropic', tokens: 45 },
    ])
    for (let at = 0; at < 4; at++) window.ask(asking(claude, 10))
    await window.pass(1)
    assert.deepEqual(window.names, [0, 1, 2, 3])
    window.ask(asking(claude, 1))
    await window.pass(MINUTE - 2)
    assert.equal(window.names.length, 4)
    await window.pass(2)
    assert.equal(window.names.length, 5)
  })

  it('holds for its own model and key only', async () => {
    const window = new Window([{ provider: 'anthropic', model: 'claude', keyProfile: 'work', requests: 1 }])
    window.ask()
    window.ask()
    window.ask(asking({ ...claude, model: 'haiku' }))
    window.ask(asking({ ...claude, keyProfile: 'personal' }))
    await window.pass(1)
    assert.deepEqual(window.names, [0, 2, 3])
  })

  it('is left at once by who is stopped, and those behind move up', async () => {
    const window = new Window([{ provider: 'anthropic', requests: 1 }])
    const stop = new AbortController()
    window.ask()
    window.ask(asking(), stop.signal)
    window.ask()
    await window.pass(1_000)
    stop.abort()
    await window.pass(MINUTE - 1_000)
    assert.deepEqual(window.names, [0, 2])
  })

  it('refuses what would wait for longer than it has patience', async () => {
    const window = new Window([{ provider: 'anthropic', requests: 1 }], { patience: () => 10_000 })
    window.ask()
    await window.pass(30_000)
    window.ask()
    await window.pass(25_000)
    window.ask()
    await window.pass(6_000)
    const [, refused, late] = window.went
    assert.equal(refused && !isTicket(refused.entered) && refused.entered.code, 'rate-limit')
    assert.equal(refused && !isTicket(refused.entered) && refused.entered.retryAfterMs, 30_000)
    assert.ok(late && isTicket(late.entered))
  })

  it('refuses what came to a short wait that became a longer one than it has patience for', async () => {
    const window = new Window([], { patience: () => 10_000 })
    window.ask()
    window.ask()
    await window.pass(1)
    const [first, other] = window.went.map(({ entered }) => entered as Ticket)
    const headers = new Headers({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '3s' })
    first!.settle({ headers })
    window.ask()
    await window.pass(1_000)
    assert.equal(window.told[2]?.length, 1)
    const slowDown = { code: 'rate-limit', message: 'Slow down.', retryAfterMs: 50_000 } as const
    other!.settle({ failure: slowDown })
    await window.pass(1)
    const refused = window.went[2]?.entered
    assert.equal(refused && !isTicket(refused) && refused.retryAfterMs, 50_000)
  })

  it('takes no place for what never went out after all', async () => {
    const window = new Window([{ provider: 'anthropic', requests: 1 }])
    window.ask()
    await window.pass(1)
    const [first] = window.went
    assert.ok(first && isTicket(first.entered))
    window.ask()
    first.entered.settle({ unsent: true })
    await window.pass(1)
    assert.deepEqual(window.names, [0, 1])
  })
})

describe('a limit of tokens a minute', () => {
  it('counts what was really used once that is known', async () => {
    const window = new Window([{ provider: 'anthropic', tokens: 100 }])
    window.ask(asking(claude, 60))
    await window.pass(1)
    const [first] = window.went
    assert.ok(first && isTicket(first.entered))
    window.ask(asking(claude, 60))
    await window.pass(1)
    assert.deepEqual(window.names, [0])
    first.entered.settle({ usage: { input: 20, output: 10, cacheRead: 900, cacheWrite: 0 } })
    await window.pass(1)
    assert.deepEqual(window.names, [0, 1])
  })

  it('lets what is bigger than the limit go alone', async () => {
    const window = new Window([{ provider: 'anthropic', tokens: 100 }])
    window.ask(asking(claude, 10))
    window.ask(asking(claude, 5_000))
    await window.pass(MINUTE)
    assert.deepEqual(window.names, [0, 1])
    assert.equal(window.went[1]!.at - window.went[0]!.at, MINUTE)
  })
})

describe("a provider's own headers", () => {
  const now = Date.parse('2026-11-21T12:00:00Z')

  it('are read in the spellings of OpenAI, Groq, OpenRouter and Anthropic', () => {
    const openai = {
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '499',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1m6.5s',
    }
    assert.deepEqual(roomIn(new Headers(openai), now), {
      requests: { remaining: 499, resetAt: now + 120, limit: 500 },
      tokens: { remaining: 0, resetAt: now + 66_500 },
    })
    const anthropic = {
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-21T12:00:30Z',
    }
    assert.deepEqual(roomIn(new Headers(anthropic), now), { requests: { remaining: 0, resetAt: now + 30_000 } })
    const openrouter = { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': String(now + 5_000) }
    assert.deepEqual(roomIn(new Headers(openrouter), now), { requests: { remaining: 3, resetAt: now + 5_000 } })
    assert.deepEqual(
      roomIn(new Headers({ 'x-ratelimit-remaining-requests': 'soon', 'x-ratelimit-reset': '!' }), now),
      {},
    )
  })

  it('hold the next requests of the same model and key back until there is room', async () => {
    const window = new Window([])
    window.ask()
    await window.pass(1)
    const [first] = window.went
    assert.ok(first && isTicket(first.entered))
    const headers = new Headers({
      'x-ratelimit-limit-requests': '50',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '4s',
    })
    first.entered.settle({ headers })
    window.ask()
    window.ask()
    window.ask(asking({ ...claude, keyProfile: 'personal' }))
    await window.pass(1_000)
    assert.deepEqual(window.names, [0, 1, 3])
    assert.equal(window.told[2]?.[0]?.sentence, 'Waiting for Anthropic: its limit is 50 requests.')
    await window.pass(3_000)
    assert.deepEqual(window.names, [0, 1, 3, 2])
  })

  it('are told in words that fit the number', () => {
    const hold = { target: claude, until: now, remaining: 0 }
    assert.equal(holdWords({ ...hold, kind: 'requests', limit: 1 }), 'its limit is 1 request')
    assert.equal(holdWords({ ...hold, kind: 'requests', limit: 1_500 }), 'its limit is 1,500 requests')
    assert.equal(holdWords({ ...hold, kind: 'tokens' }), 'no tokens are left for now')
  })

  it('and a refusal with a time hold the others back, but a limit of days does not', async () => {
    const window = new Window([])
    const settle = async (retryAfterMs: number): Promise<void> => {
      window.ask()
      await window.pass(1)
      const last = window.went.at(-1)!
      assert.ok(isTicket(last.entered))
      last.entered.settle({ failure: { code: 'rate-limit', message: '', status: 429, retryAfterMs } })
    }
    await settle(5_000)
    window.ask()
    await window.pass(4_000)
    assert.deepEqual(window.names, [0])
    await window.pass(1_000)
    assert.deepEqual(window.names, [0, 1])
    await settle(86_400_000)
    window.ask()
    await window.pass(1)
    assert.deepEqual(window.names, [0, 1, 2, 3])
  })
})

describe('any traffic', () => {
  const limit = fc.record(
    {
      provider: fc.constant('anthropic'),
      model: fc.constantFrom('claude', 'haiku'),
      keyProfile: fc.constantFrom('work', 'personal'),
      requests: fc.integer({ min: 1, max: 5 }),
      tokens: fc.integer({ min: 50, max: 400 }),
    },
    { requiredKeys: ['provider'] },
  ) as fc.Arbitrary<RateLimit>
  const step = fc.record({
    after: fc.integer({ min: 0, max: 30_000 }),
    model: fc.constantFrom('claude', 'haiku'),
    keyProfile: fc.constantFrom('work', 'personal'),
    tokens: fc.integer({ min: 1, max: 200 }),
    stops: fc.boolean(),
  })

  it('never exceeds a limit in any minute, keeps the order, and lets everyone go in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(limit, { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 14 }),
        async (limits, steps) => {
          const window = new Window(limits)
          const stopped = new Set<number>()
          for (const { after, model, keyProfile, tokens, stops } of steps) {
            const stop = new AbortController()
            const name = window.ask(asking({ provider: 'anthropic', model, keyProfile }, tokens), stop.signal)
            await window.pass(after)
            if (stops && !window.names.includes(name)) {
              stop.abort()
              stopped.add(name)
            }
          }
          await window.pass(steps.length * MINUTE + MINUTE)
          const targetOf = (name: number): Target => ({ provider: 'anthropic', ...steps[name]! })
          assert.equal(
            window.went.length,
            steps.length - stopped.size,
            'everyone goes who is not stopped, and nobody else',
          )
          for (const one of limits) {
            const went = window.went.filter(({ name }) => limitsOf(targetOf(name), [one]).length > 0)
            const names = went.map(({ name }) => name)
            assert.deepEqual(
              names,
              [...names].sort((a, b) => a - b),
              'those that share a limit keep their order',
            )
            for (const { at } of went) {
              const minute = went.filter((other) => other.at <= at && other.at > at - MINUTE)
              assert.ok(minute.length <= (one.requests ?? Infinity), `${minute.length} in a minute`)
              const sum = minute.reduce((total, { name }) => total + steps[name]!.tokens, 0)
              assert.ok(sum <= (one.tokens ?? Infinity) || minute.length === 1, `${sum} tokens in a minute`)
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  }).timeout(90_000)
})
