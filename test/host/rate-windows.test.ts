/** Limits of rate over the windows of one database: real stores in one process, and a clock that the test moves on. */
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { windowRate } from '../../src/host/resilience/rate.ts'
import { noFailover } from '../../src/host/settings/failover.ts'
import type { Target } from '../../src/resilience/admission.ts'
import { limitsOf, scopeOf } from '../../src/resilience/rate/limits.ts'
import type { RateLimit } from '../../src/resilience/rate/limits.ts'
import { MINUTE } from '../../src/resilience/rate/window.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { Place } from '../store/support.ts'
import { asking, claude, RateWindows } from './rate-windows.ts'
import type { Went } from './rate-windows.ts'

const refused = (retryAfterMs: number) => ({ code: 'rate-limit', message: '', status: 429, retryAfterMs }) as const

describe('limits of rate over windows', () => {
  let all: RateWindows
  const open = (...limits: RateLimit[]): RateWindows => (all = new RateWindows(2, limits))
  afterEach(() => all[Symbol.dispose]())

  it('count what is still under way in another window', async () => {
    open({ provider: 'anthropic', requests: 2 })
    all.ask(0)
    all.ask(1)
    all.ask(0)
    all.ask(1)
    await all.pass(MINUTE - 500)
    assert.deepEqual(all.names, [0, 1])
    await all.pass(500)
    assert.deepEqual(all.names, [0, 1, 2, 3])
  })

  it('let nobody go before one that came earlier in another window, and say so', async () => {
    open({ provider: 'anthropic', requests: 1 })
    all.ask(0)
    await all.pass(1_000)
    all.ask(1)
    all.ask(0)
    await all.pass(0)
    assert.deepEqual(all.told[1], ['Waiting for anthropic: 1 request a minute.'])
    assert.deepEqual(all.told[2], ['Waiting for anthropic: 1 request a minute; another window is before it.'])
    await all.pass(MINUTE)
    assert.deepEqual(all.names, [0, 1])
    assert.equal(all.told[2]?.at(-1), 'Waiting for anthropic: 1 request a minute.', 'once it is gone, it is not said')
    await all.pass(MINUTE)
    assert.deepEqual(all.names, [0, 1, 2])
  })

  it('let the next one go within a second where somebody leaves the queue of another window', async () => {
    open({ provider: 'anthropic', tokens: 100 })
    const stop = new AbortController()
    all.ask(0, asking(claude, 60))
    await all.pass(500)
    all.ask(0, asking(claude, 90), stop.signal)
    all.ask(1, asking(claude, 40))
    await all.pass(500)
    assert.deepEqual(all.names, [0])
    stop.abort()
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 2])
  })

  it('let the next one go within a second where a request of another window came to less', async () => {
    open({ provider: 'anthropic', tokens: 100 })
    all.ask(0, asking(claude, 90))
    await all.pass(500)
    all.ask(1, asking(claude, 40))
    await all.pass(500)
    assert.deepEqual(all.names, [0])
    all.went[0]!.ticket.settle({ usage: { input: 20, output: 10, cacheRead: 0, cacheWrite: 0 } })
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 1])
  })

  it('wait for nobody in a window that is closed, or has died', async () => {
    open({ provider: 'anthropic', requests: 1 })
    all.windows.push(all.open())
    all.ask(2)
    await all.pass(1_000)
    all.ask(0)
    all.ask(1)
    all.ask(2)
    await all.pass(1_000)
    all.windows[0]!.die()
    all.windows[0]!.store.close()
    await all.pass(MINUTE - 1_000)
    assert.deepEqual(all.names, [0, 2], 'what waited in the closed window is no longer before it')
    all.windows[1]!.die()
    await all.pass(MINUTE)
    assert.deepEqual(all.names, [0, 2, 3])
  })

  it('keep the place of a window that slept through everything', async () => {
    open({ provider: 'anthropic', requests: 1 })
    all.ask(0)
    await all.pass(1_000)
    all.ask(0)
    await all.pass(1_000)
    all.ask(1)
    // As if the first window had been removed for its silence.
    const { rates } = all.windows[1]!.store
    const remove = (): void =>
      rates.turn('anthropic', all.clock.now, ({ tickets }) => {
        const gone = tickets.filter(({ elsewhere, sentAt }) => elsewhere && sentAt === undefined)
        return { change: { remove: gone.map(({ id }) => id) }, result: undefined }
      })
    remove()
    await all.pass(MINUTE)
    assert.deepEqual(all.names, [0, 1])
  })

  it('hold back what another window was refused or told of, but not who wants it now', async () => {
    open()
    all.ask(0)
    await all.pass(1)
    all.went[0]!.ticket.settle({ failure: refused(20_000) })
    all.ask(1)
    all.ask(1, asking({ ...claude, model: 'haiku' }))
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 2])
    assert.deepEqual(all.told[1], ['Waiting for anthropic: it received too many requests.'])
    all.ask(1, { ...asking(), anyway: true })
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 2, 3])
    await all.pass(18_000)
    assert.deepEqual(all.names, [0, 2, 3, 1])
  })

  it('share the room that a provider told one window of', async () => {
    open()
    all.ask(0)
    await all.pass(1)
    const headers = new Headers({
      'x-ratelimit-limit-requests': '50',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': '10s',
    })
    all.went[0]!.ticket.settle({ headers })
    all.ask(1)
    all.ask(0)
    all.ask(1)
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 1, 2])
    await all.pass(9_000)
    assert.deepEqual(all.names, [0, 1, 2, 3])
  })

  it('refuse at once what would have to wait behind another window for longer than it may', async () => {
    open({ provider: 'anthropic', requests: 1 })
    all.ask(0)
    all.ask(0)
    await all.pass(1_000)
    all.windows[1]!.patience = 60_000
    const name = all.ask(1)
    await all.pass(0)
    const [one] = all.refused
    assert.equal(one?.name, name)
    assert.equal(one.failure.retryAfterMs, 2 * MINUTE - 1_000)
    assert.match(one.failure.message, /1 request a minute; another window is before it/)
    assert.equal(all.left(), 2)
  })

  it('leave nothing in the database that nobody limits', async () => {
    open()
    const version = all.windows[1]!.store.dataVersion()
    all.ask(0)
    await all.pass(1)
    const headers = new Headers({
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '400',
      'x-ratelimit-reset-requests': '120ms',
    })
    all.went[0]!.ticket.settle({ headers, usage: { input: 20, output: 10, cacheRead: 0, cacheWrite: 0 } })
    all.ask(0)
    await all.pass(1)
    assert.deepEqual(all.names, [0, 1])
    assert.equal(all.windows[1]!.store.dataVersion(), version)
  })

  it('keep nobody for long where another program has locked the database', async () => {
    open({ provider: 'anthropic', requests: 3 })
    all.ask(0)
    await all.pass(1)
    const database = new (loadSqlite()!.DatabaseSync)(all.place.path)
    database.exec('BEGIN IMMEDIATE')
    const startedAt = performance.now()
    for (let at = 0; at < 3; at++) all.ask(0)
    all.went[0]!.ticket.settle({ failure: refused(1_000) })
    await all.pass(5_000)
    assert.deepEqual(all.names, [0, 1, 2], 'its own limit holds')
    assert.ok(performance.now() - startedAt < 3_000, `${performance.now() - startedAt} ms`)
    database.exec('ROLLBACK')
    database.close()
    await all.pass(6_000)
    assert.equal(all.left(), 4)
  })

  it('let the next one go where somebody left the queue of another window while the database failed', async () => {
    open({ provider: 'anthropic', tokens: 100 })
    const stop = new AbortController()
    all.ask(0, asking(claude, 60))
    await all.pass(500)
    all.ask(0, asking(claude, 90), stop.signal)
    all.ask(1, asking(claude, 40))
    await all.pass(500)
    const database = new (loadSqlite()!.DatabaseSync)(all.place.path)
    database.exec("CREATE TRIGGER broken BEFORE DELETE ON rate_ticket BEGIN SELECT RAISE(ABORT, 'disk'); END")
    stop.abort()
    await all.pass(500)
    database.exec('DROP TRIGGER broken')
    database.close()
    for (let seconds = 0; seconds < 15; seconds++) {
      // It writes an answer of another provider meanwhile.
      all.windows[0]!.store.heartbeat()
      await all.pass(1_000)
    }
    assert.deepEqual(all.names, [0, 2])
  })

  it('hold by themselves where the database fails, tell of it, and are told to others once it is back', async () => {
    open({ provider: 'anthropic', requests: 2 })
    const [first] = all.windows
    const database = new (loadSqlite()!.DatabaseSync)(all.place.path)
    database.exec("CREATE TRIGGER broken BEFORE INSERT ON rate_ticket BEGIN SELECT RAISE(ABORT, 'disk'); END")
    for (let at = 0; at < 3; at++) all.ask(0)
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 1], 'its own limit holds')
    assert.match(first!.warned.join('\n'), /other windows are not seen for a while: .*disk/)
    assert.equal(first!.warned.length, 1)
    database.exec('DROP TRIGGER broken')
    database.close()
    await all.pass(15_000)
    all.ask(1)
    await all.pass(1_000)
    assert.deepEqual(all.names, [0, 1], 'what went out meanwhile counts for the other window')
    await all.pass(MINUTE)
    assert.deepEqual(all.names, [0, 1, 2, 3])
  })
})

describe('a limit of rate without a database', () => {
  it('holds for its window, and the log says once that others are not seen', async () => {
    const place = new Place()
    const { store } = place.tryOpen({ sqlite: undefined })
    const clock = new FakeClock()
    const warned: string[] = []
    const gate = windowRate({
      settings: () => ({ rateLimits: [{ provider: 'anthropic', requests: 1 }], failover: noFailover }),
      failover: () => ({ hasOthers: () => Promise.resolve(false) }),
      store: () => store,
      connections: () => ({ info: () => undefined }),
      log: { warn: (line) => warned.push(line) },
      clock,
    })
    let went = 0
    for (let at = 0; at < 2; at++)
      void gate.enter(asking(), new AbortController().signal, () => undefined).then(() => went++)
    await turn()
    assert.equal(went, 1)
    clock.pass(MINUTE)
    await turn()
    assert.equal(went, 2)
    assert.deepEqual(warned, ['limits of rate: other windows are not seen, since there is no database'])
    place.dispose()
  })
})

describe('what limits of rate cost', () => {
  const median = async (all: RateWindows, count: number): Promise<number> => {
    const { gate } = all.windows[0]!
    const took: number[] = []
    for (let at = 0; at < count; at++) {
      const startedAt = performance.now()
      await gate.enter(asking(), new AbortController().signal, () => undefined)
      took.push(performance.now() - startedAt)
    }
    return took.sort((a, b) => a - b)[count >> 1]!
  }

  it('is microseconds where there are none, and below 2 ms where there are', async () => {
    using free = new RateWindows(2, [])
    using limited = new RateWindows(2, [{ provider: 'anthropic', requests: 1_000, tokens: 1e6 }])
    const [none, some] = [await median(free, 500), await median(limited, 100)]
    console.log(
      `      ${(none * 1000).toFixed(1)} µs without, ${some.toFixed(2)} ms with up to 100 requests in the minute`,
    )
    assert.ok(none < 0.1, `${none} ms without limits`)
    assert.ok(some < 2, `${some} ms with limits`)
  })
})

type Act = 'ask' | 'stop' | 'settle' | 'refuse' | 'give back' | 'close' | 'kill'

describe('any traffic over windows', () => {
  const model = fc.constantFrom('claude', 'haiku')
  const keyProfile = fc.constantFrom('work', 'personal')
  const limit = fc.record(
    {
      provider: fc.constant('anthropic'),
      model,
      keyProfile,
      requests: fc.integer({ min: 1, max: 5 }),
      tokens: fc.integer({ min: 50, max: 400 }),
    },
    { requiredKeys: ['provider'] },
  ) as fc.Arbitrary<RateLimit>
  const act = fc.oneof(
    { arbitrary: fc.constant<Act>('ask'), weight: 12 },
    { arbitrary: fc.constantFrom<Act>('stop', 'settle', 'refuse', 'give back'), weight: 5 },
    { arbitrary: fc.constantFrom<Act>('close', 'kill'), weight: 1 },
  )
  const step = fc.record({
    act,
    after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20_000 })),
    window: fc.nat(2),
    model,
    keyProfile,
    tokens: fc.integer({ min: 1, max: 200 }),
    which: fc.nat(),
  })

  it('exceeds no limit in any minute, keeps the order, starves nobody, and leaves nothing behind', async () => {
    const check = fc.asyncProperty(
      fc.array(limit, { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 30, size: 'max' }),
      async (limits, steps) => {
        using all = new RateWindows(3, limits)
        const tokens: number[] = []
        const targets: Target[] = []
        const stops: AbortController[] = []
        const windowOf: number[] = []
        /** Those that count: a place that was given back does not. */
        let counted: Went[] = []
        const open: Went[] = []
        const holds = new Map<string, number>()
        all.onGo = (went) => {
          counted.push(went)
          open.push(went)
          const target = targets[went.name]!
          assert.ok((holds.get(scopeOf(target)) ?? 0) <= went.at, 'it went although its provider asked to wait')
          for (const one of limitsOf(target, limits)) {
            const minute = counted.filter(
              ({ at, name }) => at > went.at - MINUTE && limitsOf(targets[name]!, [one]).length > 0,
            )
            const sum = minute.reduce((total, { name }) => total + tokens[name]!, 0)
            assert.ok(minute.length <= (one.requests ?? Infinity), `${minute.length} in a minute`)
            // What is larger than the limit goes where nothing else counts in the minute: no tokens, that is, not no requests.
            const others = sum - tokens[went.name]!
            assert.ok(sum <= (one.tokens ?? Infinity) || others === 0, `${sum} tokens in a minute`)
          }
        }
        const failures: unknown[] = []
        const onGo = all.onGo
        all.onGo = (went, request) => {
          try {
            onGo(went, request)
          } catch (error) {
            failures.push(error)
          }
        }
        for (const { act, after, window, model, keyProfile, tokens: size, which } of steps) {
          const some = open.filter((went) => !went.window.isDead)
          const went = some[which % Math.max(1, some.length)]
          const waiting = stops.flatMap((_, name) => (all.names.includes(name) ? [] : [name]))
          if (act === 'ask' && !all.windows[window]!.isDead) {
            const target = { provider: 'anthropic', model, keyProfile }
            const stop = new AbortController()
            targets.push(target)
            tokens.push(size)
            stops.push(stop)
            windowOf.push(window)
            all.ask(window, asking(target, size), stop.signal)
          } else if (act === 'stop' && waiting.length > 0) {
            stops[waiting[which % waiting.length]!]!.abort()
          } else if ((act === 'close' || act === 'kill') && window > 0) {
            all.windows[window]!.die()
            if (act === 'close') all.windows[window]!.store.close()
          } else if (went && ['settle', 'refuse', 'give back'].includes(act)) {
            open.splice(open.indexOf(went), 1)
            if (act === 'give back') {
              counted = counted.filter((one) => one !== went)
              went.ticket.settle({ unsent: true })
            } else if (act === 'refuse') {
              const ms = 1_000 * (1 + (which % 20))
              holds.set(scopeOf(targets[went.name]!), all.clock.now() + ms)
              went.ticket.settle({ failure: refused(ms) })
            } else {
              // A correction counts within the minute of what it corrects.
              const used = which % (tokens[went.name]! + 1)
              tokens[went.name] = used
              went.ticket.settle({ usage: { input: used, output: 0, cacheRead: 7, cacheWrite: 0 } })
            }
          }
          await all.pass(after)
        }
        const awaited = (name: number): boolean => !all.windows[windowOf[name]!]!.isDead && !stops[name]!.signal.aborted
        const missing = (): number[] =>
          targets.flatMap((_, name) => (awaited(name) && !all.names.includes(name) ? [name] : []))
        for (let minute = 0; minute < targets.length + 2 && missing().length > 0; minute++) await all.pass(MINUTE)
        if (failures.length > 0) throw failures[0]
        assert.deepEqual(missing(), [], 'somebody starved')
        for (const [place, { name, at }] of all.went.entries())
          for (const before of all.went.slice(0, place)) {
            if (before.name < name || !awaited(name)) continue
            const shared = limitsOf(targets[name]!, limits).filter(
              (one) => limitsOf(targets[before.name]!, [one]).length,
            )
            // Windows look twice a second, so two that have room may go in that time in any order.
            const same = windowOf[name] === windowOf[before.name] ? 0 : 500
            assert.ok(shared.length === 0 || before.at + same >= at, `${before.name} went before ${name}`)
          }
        await all.pass(MINUTE)
        assert.equal(all.left(), 0, 'tickets are left')
      },
    )
    const alike = { after: 0, window: 0, model: 'claude', keyProfile: 'work', which: 0 }
    const tooLargeAfterNothing: [RateLimit[], (typeof alike & { act: Act; tokens: number })[]] = [
      [{ provider: 'anthropic', tokens: 50 }],
      [
        { ...alike, act: 'ask', tokens: 1 },
        { ...alike, act: 'settle', tokens: 1 },
        { ...alike, act: 'ask', tokens: 51 },
      ],
    ]
    await fc.assert(check, { numRuns: 40, examples: [tooLargeAfterNothing] })
  }).timeout(120_000)
})
