import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Asking, Target } from '../../src/resilience/admission.ts'
import { Chain } from '../../src/resilience/chain.ts'
import type { Alternatives } from '../../src/resilience/plan.ts'
import { MOST_ATTEMPTS, noAlternatives, Plan } from '../../src/resilience/plan.ts'
import { defaultRetry } from '../../src/resilience/schedule.ts'
import { Waiter } from '../../src/resilience/waiter.ts'
import type { Waiting } from '../../src/resilience/waiter.ts'
import type { Failure } from '../../src/shared/failure.ts'
import { FakeClock } from './fake-clock.ts'

const asking = (target: Target): Asking => ({ target, inputTokens: 10 })
const claude: Target = { provider: 'anthropic', model: 'claude', keyProfile: 'default' }
const gpt: Target = { provider: 'openai', model: 'gpt' }
const overloaded: Failure = { code: 'overloaded', message: 'Overloaded.', status: 529 }
const refused: Failure = { code: 'auth', message: 'No.', status: 401 }
const live = new AbortController().signal

const plan = (more: Partial<ConstructorParameters<typeof Plan>[0]> = {}): Plan =>
  new Plan({ settings: defaultRetry, alternatives: noAlternatives, clock: new FakeClock(), ...more })

describe('what is done after a failed attempt', () => {
  it('is the same again, as often as the settings say, then nothing', async () => {
    const decides = plan()
    const kinds = []
    for (let attempt = 0; attempt < 4; attempt++) kinds.push(await decides.after(asking(claude), overloaded, live))
    assert.deepEqual(kinds, [
      { kind: 'again', delay: 500, repetition: 1, of: 3 },
      { kind: 'again', delay: 1000, repetition: 2, of: 3 },
      { kind: 'again', delay: 2000, repetition: 3, of: 3 },
      { kind: 'give-up' },
    ])
  })

  it('is nothing where a repetition cannot help, where none are wanted, and where it was stopped', async () => {
    assert.deepEqual(await plan().after(asking(claude), refused, live), { kind: 'give-up' })
    const none = plan({ settings: { ...defaultRetry, attempts: 0 } })
    assert.deepEqual(await none.after(asking(claude), overloaded, live), { kind: 'give-up' })
    assert.deepEqual(await plan().after(asking(claude), overloaded, AbortSignal.abort()), { kind: 'give-up' })
  })

  it('is nothing where the provider asks for more patience than there is, or the whole time is over by then', async () => {
    const long = { ...overloaded, retryAfterMs: 61_000 }
    assert.deepEqual(await plan().after(asking(claude), long, live), { kind: 'give-up' })
    const clock = new FakeClock()
    const late = plan({ clock, until: clock.now() + 400 })
    assert.deepEqual(await late.after(asking(claude), overloaded, live), { kind: 'give-up' })
  })

  it('waits at least until the provider is asked at all again', async () => {
    const next = await plan({ rest: () => 9_000 }).after(asking(claude), overloaded, live)
    assert.deepEqual(next, { kind: 'again', delay: 9_000, repetition: 1, of: 3 })
  })

  it('is what is offered instead, which hears what was tried and how long the wait would be', async () => {
    const heard: (number | undefined)[] = []
    const alternatives: Alternatives = {
      instead: (_, tried, left) => {
        heard.push(left)
        return Promise.resolve(tried.length === 2 ? { target: gpt, how: 'model' } : undefined)
      },
    }
    const decides = plan({ alternatives })
    assert.equal((await decides.after(asking(claude), overloaded, live)).kind, 'again')
    assert.deepEqual(await decides.after(asking(claude), refused, live), {
      kind: 'instead',
      target: gpt,
      how: 'model',
    })
    assert.deepEqual(heard, [500, undefined])
    assert.deepEqual(await decides.after(asking(gpt), overloaded, live), {
      kind: 'again',
      delay: 500,
      repetition: 1,
      of: 3,
    })
  })

  it('comes to an end whatever fails, whatever is offered instead', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(20),
        fc.infiniteStream(fc.constantFrom(overloaded, refused)),
        fc.infiniteStream(fc.option(fc.nat(50), { nil: undefined })),
        async (attempts, failures, offers) => {
          const alternatives: Alternatives = {
            instead: () => {
              const at = offers.next().value
              return Promise.resolve(
                at === undefined ? undefined : { target: { ...gpt, model: `m${at}` }, how: 'model' },
              )
            },
          }
          const decides = plan({ alternatives, settings: { ...defaultRetry, attempts } })
          let target = claude
          for (let made = 1; ; made++) {
            assert.ok(made <= MOST_ATTEMPTS, `${made} attempts`)
            const next = await decides.after(asking(target), failures.next().value, live)
            if (next.kind === 'give-up') return
            if (next.kind === 'instead') ({ target } = next)
          }
        },
      ),
    ))
})

describe('the attempts at one answer', () => {
  it('wait as long as was decided, say what for, and can be had sooner', async () => {
    const clock = new FakeClock()
    const told: (Waiting | undefined)[] = []
    const lines: string[] = []
    const waiter = new Waiter(clock, (waiting) => told.push(waiting))
    const chain = new Chain(plan({ clock }), waiter, (line) => lines.push(line))
    const failed = { asking: asking(claude), label: 'Anthropic', failure: overloaded }
    assert.equal(await chain.fails(failed, live), true)
    const paused = chain.pause(live)
    const { left, ...waiting } = told[0]!
    assert.equal(left?.(), 500)
    assert.deepEqual(
      [waiting],
      [{ sentence: 'Anthropic is overloaded.', repetition: 1, of: 3, until: clock.now() + 500, skippable: true }],
    )
    assert.equal(told.length, 1)
    assert.equal(waiter.now(), true)
    await paused
    assert.equal(chain.anyway, true)
    assert.equal(waiter.current, undefined)
    assert.equal(await chain.fails(failed, live), true)
    const second = chain.pause(live)
    clock.pass(1000)
    await second
    assert.equal(chain.anyway, false)
    assert.equal(chain.attempt, 3)
    assert.equal(waiter.now(), false)
    assert.deepEqual(lines, [
      'anthropic/claude: overloaded 529; trying again in 0.5 s (1 of 3)',
      'anthropic/claude: overloaded 529; trying again in 1.0 s (2 of 3)',
    ])
  })

  it('end a wait at once when they are stopped, and leave no timer', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60_000 }), async (wait) => {
        const clock = new FakeClock()
        const waiter = new Waiter(clock)
        const chain = new Chain(plan({ clock }), waiter)
        const failure = { ...overloaded, retryAfterMs: wait }
        const stop = new AbortController()
        assert.equal(await chain.fails({ asking: asking(claude), label: 'Anthropic', failure }, stop.signal), true)
        const paused = chain.pause(stop.signal)
        assert.equal(clock.sleeping, 1)
        stop.abort()
        await paused
        assert.equal(clock.sleeping, 0)
        assert.equal(waiter.current, undefined)
      }),
    ))
})
