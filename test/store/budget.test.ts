/** The ledger over one database: what is held and paid, in both stores, in every order, and by several windows. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { Cap, Entry } from '../../src/shared/ledger.ts'
import type { Store } from '../../src/store/store.ts'
import { requestIdOf } from '../../src/store/interrupted.ts'
import { Place, answer, stored } from './support.ts'

const SPENDER = fileURLToPath(new URL('spender.ts', import.meta.url))
const entry = (id: string, amount: number, more: Partial<Entry> = {}): Entry => {
  return { id, at: 1_000, amount, credits: 0, conversation: 'c', agent: 'a', workspace: 'w', ...more }
}
const all = (limit: number, since = 0): Cap => ({ of: 'all', since, limit })

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`the ledger in ${kind}`, () => {
    let place: Place
    let store: Store
    beforeEach(() => {
      place = new Place()
      store = kind === 'sqlite' ? place.open() : place.tryOpen({ sqlite: undefined }).store
    })
    afterEach(() => place.dispose())

    it('holds what a request may cost, and keeps what it did', () => {
      assert.deepEqual(store.budget.reserve(entry('one', 2), [all(3)]), {
        held: true,
        spent: [{ used: 0, reserved: 0 }],
      })
      assert.deepEqual(store.budget.spent([all(3)]), [{ used: 0, reserved: 2 }])
      store.budget.settle('one', { amount: 0.5, credits: 0 })
      store.budget.settle('one', { amount: 9, credits: 9 })
      store.budget.refund('one')
      assert.deepEqual(store.budget.spent([all(3)]), [{ used: 0.5, reserved: 0 }])
    })

    it('names the agents that cost something since a time, the dearest first', () => {
      const spend = (id: string, agent: string, at: number, amount: number): void => {
        store.budget.reserve({ id, at, amount, credits: 0, agent }, [])
        store.budget.settle(id, { amount, credits: 0 })
      }
      spend('1', 'cheap', 2_000, 0.1)
      spend('2', 'older', 1_000, 5)
      spend('3', 'dear', 2_000, 0.08)
      spend('4', 'dear', 2_100, 0.08)
      spend('5', 'free', 2_000, 0)
      store.budget.reserve({ id: '6', at: 2_000, amount: 9, credits: 0, agent: 'asking' }, [])
      store.budget.reserve(entry('7', 1, { at: 2_000, agent: 'given back' }), [])
      store.budget.refund('7')
      assert.deepEqual(store.budget.agents(2_000), ['dear', 'cheap'])
    })

    it('gives back what came to nothing', () => {
      store.budget.reserve(entry('one', 2), [])
      store.budget.refund('one')
      store.budget.refund('nobody')
      assert.deepEqual(store.budget.spent([all(3)]), [{ used: 0, reserved: 0 }])
    })

    it('says under which caps a request does not fit, and holds nothing then', () => {
      store.budget.reserve(entry('one', 2), [])
      const caps = [all(2.5), all(9), { of: 'conversation', key: 'c', since: 0, limit: 2 } as const]
      assert.deepEqual(store.budget.reserve(entry('two', 1), caps), {
        held: false,
        spent: [1, 2, 3].map(() => ({ used: 0, reserved: 2 })),
        short: [0, 2],
      })
      assert.deepEqual(store.budget.spent([all(3)]), [{ used: 0, reserved: 2 }])
    })

    it('lets what costs nothing go under every cap, and sums that only rounding parts fit', () => {
      assert.ok(store.budget.reserve(entry('one', 0.1), [all(0.3)]).held)
      assert.ok(store.budget.reserve(entry('two', 0.2), [all(0.3)]).held)
      assert.ok(!store.budget.reserve(entry('three', 0.001), [all(0.3)]).held)
      assert.ok(store.budget.reserve(entry('free', 0), [all(0)]).held)
    })

    it('counts by place and from a time on, and credits apart from money', () => {
      const places: Partial<Entry>[] = [
        {},
        { conversation: 'd' },
        { workspace: 'x' },
        { agent: 'b' },
        { at: 10 },
        { pool: 'team', credits: 7, amount: 0 },
      ]
      places.forEach((more, at) => {
        store.budget.reserve(entry(`${at}`, 1, more), [])
        if (at % 2 === 0) store.budget.settle(`${at}`, { amount: more.amount ?? 1, credits: more.credits ?? 0 })
      })
      const caps: Cap[] = [
        all(9, 1_000),
        { of: 'conversation', key: 'c', since: 0, limit: 9 },
        { of: 'workspace', key: 'w', since: 1_000, limit: 9 },
        { of: 'agent', key: 'b', since: 0, limit: 9 },
        { of: 'pool', key: 'team', since: 0, limit: 9 },
        { of: 'pool', key: 'other', since: 0, limit: 9 },
      ]
      assert.deepEqual(
        store.budget.spent(caps).map(({ used, reserved }) => [used, reserved]),
        [
          [2, 2],
          [3, 1],
          [1, 2],
          [0, 1],
          [0, 7],
          [0, 0],
        ],
      )
    })

    it('keeps every sum that a budget asks for, whatever of it is carried, how often, and whatever comes after', () => {
      const before = 1_000
      const one = <T extends string>(...all: T[]) => fc.option(fc.constantFrom(...all), { nil: undefined })
      const any = fc.record({
        at: fc.integer({ min: 1, max: 2 * before }),
        amount: fc.double({ min: 0, max: 10, noNaN: true }),
        credits: fc.integer({ min: 0, max: 50 }),
        conversation: one('c', 'd'),
        agent: one('a', 'b'),
        workspace: one('w'),
        pool: one('p', 'q'),
        end: fc.constantFrom('settle', 'refund', 'open'),
      })
      let run = 0
      fc.assert(
        fc.property(fc.array(fc.array(any, { maxLength: 12 }), { maxLength: 3 }), (rounds) => {
          run++
          const mine = (name: string): string => `${run} ${name}`
          const caps = [0, before, before + 300].flatMap((since): Cap[] =>
            [all(0, since)].concat(
              (['conversation', 'agent', 'workspace', 'pool'] as const).flatMap((of) =>
                ['a', 'b', 'c', 'd', 'w', 'p', 'q'].map((key): Cap => ({ of, key: mine(key), since, limit: 0 })),
              ),
            ),
          )
          const open: string[] = []
          const hold = (what: string): void => {
            const sums = store.budget.spent(caps)
            while (store.budget.carry(before));
            store.budget.spent(caps).forEach(({ used, reserved }, at) => {
              assert.ok(Math.abs(used - sums[at]!.used) < 1e-9, `${what}: ${used} was ${sums[at]!.used}`)
              assert.ok(Math.abs(reserved - sums[at]!.reserved) < 1e-9, what)
            })
          }
          rounds.forEach((entries, round) => {
            entries.forEach(({ end, at, amount, credits, ...places }, number) => {
              const id = `carry ${run} ${round} ${number}`
              const given = Object.entries(places).flatMap(([of, name]) => (name ? [[of, mine(name)]] : []))
              store.budget.reserve({ id, at, amount, credits, ...Object.fromEntries(given) }, [])
              if (end === 'settle') store.budget.settle(id, { amount, credits })
              else if (end === 'refund') store.budget.refund(id)
              else open.push(id)
            })
            hold(`round ${round}`)
          })
          for (const id of open) store.budget.settle(id, { amount: 0.25, credits: 1 })
          hold('what was under way')
        }),
        { numRuns: kind === 'sqlite' ? 40 : 100 },
      )
    })

    it('ledger never negative and always settled, nor over its cap, in whatever order things happen', () => {
      const step = fc.record({
        what: fc.constantFrom('reserve', 'settle', 'refund', 'free'),
        which: fc.nat(11),
        amount: fc.integer({ min: 0, max: 40 }),
        used: fc.integer({ min: 0, max: 100 }),
      })
      let run = 0
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 120 }), (steps, limit) => {
          run++
          const cap: Cap = { of: 'conversation', key: `run ${run}`, since: 0, limit: limit / 100 }
          const most = new Map<string, number>()
          const paid = new Map<string, number>()
          for (const { what, which, amount, used } of steps) {
            const id = `${run} ${which}`
            if (what === 'reserve' || what === 'free') {
              const wanted = what === 'free' ? 0 : amount / 100
              if (most.has(id)) continue
              if (store.budget.reserve(entry(id, wanted, { conversation: cap.key! }), [cap]).held) most.set(id, wanted)
            } else if (!most.has(id)) continue
            else if (what === 'settle') {
              const cost = ((most.get(id) ?? 0) * used) / 100
              store.budget.settle(id, { amount: cost, credits: 0 })
              if (!paid.get(id)) paid.set(id, paid.get(id) ?? cost)
            } else {
              store.budget.refund(id)
            }
            const [now] = store.budget.spent([cap])
            assert.ok(now && now.used >= 0 && now.reserved >= 0)
            assert.ok(now.used + now.reserved <= cap.limit + 1e-6, `${now.used} + ${now.reserved} > ${cap.limit}`)
          }
          for (const id of most.keys()) store.budget.refund(id)
          const [end] = store.budget.spent([cap])
          const sum = [...paid.values()].reduce((total, one) => total + one, 0)
          assert.equal(end?.reserved, 0)
          assert.ok(Math.abs(end.used - sum) < 1e-6, `${end.used} for ${sum}`)
        }),
        { numRuns: kind === 'sqlite' ? 60 : 200 },
      )
    })
  })
}

describe('the ledger after years', () => {
  it('is as long as there are places, and what is still under way', () => {
    const place = new Place()
    const store = place.open()
    for (let at = 1; at <= 1_300; at++) {
      store.budget.reserve(entry(`${at}`, 1, { at, conversation: `chat ${at % 3}` }), [])
      if (at > 1) store.budget.settle(`${at}`, { amount: 0.5, credits: 0 })
    }
    let steps = 1
    while (store.budget.carry(2_000)) steps++
    assert.equal(steps, 3, 'a few hundred at a time')
    const database = new DatabaseSync(place.path, { readOnly: true })
    assert.deepEqual({ ...database.prepare('SELECT count(*) AS n FROM budget_entry').get() }, { n: 4 })
    database.close()
    assert.deepEqual(store.budget.spent([all(0)]), [{ used: 649.5, reserved: 1 }])
    place.dispose()
  })
})

describe('the ledger of several windows', () => {
  let place: Place
  let children: ChildProcess[]
  beforeEach(() => {
    place = new Place()
    children = []
  })
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    place.dispose()
  })
  const run = (name: string, count: number) => {
    const child = spawn(process.execPath, [SPENDER, place.path, name, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    return { child, lines: () => output.split('\n').slice(0, -1), exit: once(child, 'exit') }
  }
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('spends no more than its budget, however many ask at once', async () => {
    const store = place.open()
    const spenders = ['one', 'two', 'three'].map((name) => run(name, 100))
    await until(() => spenders.every(({ lines }) => lines().length === 1))
    writeFileSync(`${place.path}.go`, '')
    let most = 0
    const watching = setInterval(() => {
      const [now] = store.budget.spent([all(1)])
      most = Math.max(most, (now?.used ?? 0) + (now?.reserved ?? 0))
    }, 2)
    for (const [code] of await Promise.all(spenders.map(({ exit }) => exit))) assert.equal(code, 0)
    clearInterval(watching)
    const told = spenders.map(({ lines }) => Number(lines().at(-1)))
    const [end] = store.budget.spent([all(1)])
    assert.ok(most <= 1 + 1e-6, `${most} was held at once`)
    assert.equal(end?.reserved, 0)
    assert.ok(end.used <= 1 + 1e-6 && end.used > 0.95, `${end.used} of 1`)
    assert.ok(Math.abs(end.used - told.reduce((sum, one) => sum + one, 0)) < 1e-6, 'money is unaccounted')
    assert.ok(told.filter((one) => one > 0).length > 1, 'only one window came to spend anything')
  })

  it('counts what a window held that was killed as paid, because it may have been: a crash is no way around a budget', async () => {
    const holder = run('hold', 0)
    await until(() => holder.lines().length === 1)
    const store = place.open()
    assert.equal(store.budget.reserve(entry('mine', 0.5), [all(1)]).held, false, 'what a living window holds is taken')
    holder.child.kill('SIGKILL')
    await holder.exit
    assert.equal(store.budget.reserve(entry('mine', 0.5), [all(1)]).held, false, 'what it had sent is forgotten')
    assert.equal(store.budget.reserve(entry('less', 0.2), [all(1)]).held, true)
    assert.deepEqual(store.budget.spent([all(1)]), [{ used: 0.8, reserved: 0.2 }])
  })

  it('counts what was paid by a window that was taken for dead and was only asleep, instead of what was assumed', () => {
    let now = 100_000
    const [asleep, other] = [place.open({ clock: () => now }), place.open({ clock: () => now })]
    asleep.budget.reserve(entry('one', 0.9), [all(1)])
    now += 31_000
    assert.equal(other.budget.reserve(entry('two', 0.9), [all(1)]).held, false)
    assert.equal(other.budget.reserve(entry('free', 0), [all(1)]).held, true)
    other.budget.refund('free')
    assert.deepEqual(other.budget.spent([all(1)]), [{ used: 0.9, reserved: 0 }])
    asleep.budget.settle('one', { amount: 0.7, credits: 0 })
    asleep.budget.settle('one', { amount: 0.1, credits: 0 })
    asleep.budget.refund('one')
    assert.deepEqual(other.budget.spent([all(1)]), [{ used: 0.7, reserved: 0 }])
  })

  it('counts each attempt at an answer once where its window was gone before it had settled the last of them', () => {
    const [left, other] = [place.open(), place.open()]
    const { id: conversation } = left.conversations.create({ title: 'Chat' })
    const row = stored(conversation, { message: answer(), cost: 0.03, paidBy: 'key' })
    const [first, last] = [requestIdOf(row.id, 'first'), requestIdOf(row.id, 'last')]
    left.journal.begin({ ...row, state: 'streaming' })
    left.budget.reserve(entry(first, 0.4), [])
    left.budget.settle(first, { amount: 0.01, credits: 0 })
    left.budget.reserve(entry(last, 0.4), [])
    left.journal.finish(row)
    const counts = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 0, durationMs: 1 }
    const about = { id: last, provider: 'p', model: 'm', startedAt: 1_000, attempt: 2, outcome: 'done' as const }
    left.requests.insert({ ...about, ...counts, cost: 0.02 })
    left.close()
    other.budget.reserve(entry('free', 0), [])
    const [{ used, reserved } = { used: 0, reserved: 0 }] = other.budget.spent([all(1)])
    assert.ok(Math.abs(used - 0.03) < 1e-9, `${used}`)
    assert.equal(reserved, 0)
  })

  it('counts at once what a window held that was closed before it could settle it, as of one that was killed', () => {
    const [left, other] = [place.open(), place.open()]
    left.budget.reserve(entry('one', 0.6), [all(1)])
    left.close()
    assert.equal(other.budget.reserve(entry('two', 0.5), [all(1)]).held, false)
    assert.equal(other.budget.reserve(entry('two', 0.4), [all(1)]).held, true)
    assert.deepEqual(other.budget.spent([all(1)]), [{ used: 0.6, reserved: 0.4 }])
  })
})
