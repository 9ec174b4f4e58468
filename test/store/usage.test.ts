import assert from 'node:assert/strict'
import fc from 'fast-check'
import { dayOf, daysAfter, daysBetween, startOf } from '../../src/shared/day.ts'
import { DIMENSIONS, rateOf } from '../../src/shared/usage.ts'
import type { UsageFilters, UsageQuery, UsageReport } from '../../src/shared/usage.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { FILL_USAGE } from '../../src/store/usage-sums/schema.ts'
import { percentilesOf } from '../../src/store/usage-sums/speed.ts'
import { writeRequests } from './many-requests.ts'
import { Place } from './support.ts'

const NOON = new Date(2026, 10, 21, 12).getTime()
const DAY = 86_400_000

let count = 0
const record = (fields: Partial<RequestRecord> = {}): RequestRecord => ({
  id: `usage-${count++}`,
  provider: 'anthropic',
  model: 'claude',
  startedAt: NOON,
  durationMs: 2_000,
  firstTokenMs: 500,
  input: 100,
  output: 30,
  cacheRead: 10,
  cacheWrite: 5,
  reasoning: 3,
  cost: 0.25,
  attempt: 1,
  outcome: 'done',
  ...fields,
})

/** Sums of money differ in their last digit with the order they are added up in. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' ? Number(one.toPrecision(9)) : one)))

const inOrder = (report: UsageReport): unknown => {
  const name = (one: { name: string; provider?: string }): string => `${one.name} ${one.provider ?? ''}`
  const by = Object.fromEntries(
    DIMENSIONS.map((dimension) => [
      dimension,
      report.speed.by[dimension].toSorted((a, b) => (name(a) < name(b) ? -1 : 1)),
    ]),
  )
  return rounded({ ...report, speed: { ...report.speed, by } })
}

describe('statistics of requests', () => {
  let place: Place
  beforeEach(() => void (place = new Place()))
  afterEach(() => place.dispose())
  const clock = (): number => NOON

  for (const kind of ['sqlite', 'memory'] as const) {
    describe(`in ${kind}`, () => {
      let store: Store
      beforeEach(() => {
        store = kind === 'sqlite' ? place.open({ clock }) : place.tryOpen({ clock, sqlite: undefined }).store
      })

      it('add up what each request had, and count what nobody knows the cost of apart', () => {
        store.requests.insert(record({ conversation: 'a' }))
        const { cost: _, ...unpriced } = record({ provider: 'ollama', model: 'llama' })
        store.requests.insert(unpriced)
        const failed = {
          outcome: 'failed',
          failureCode: 'overloaded',
          input: 0,
          output: 0,
          cacheRead: 0,
          cacheWrite: 0,
        } as const
        const { cost: __, firstTokenMs: ___, ...silent } = record(failed)
        store.requests.insert(silent)
        const report = store.usage.report({})
        assert.deepEqual(report.totals, {
          requests: 3,
          failures: 1,
          input: 200,
          output: 60,
          cacheRead: 20,
          cacheWrite: 10,
          reasoning: 9,
          cost: 0.25,
          unpriced: 1,
        })
        assert.deepEqual(report.failures, [{ code: 'overloaded', requests: 1 }])
        assert.deepEqual(
          report.by.model.map(({ name, provider, requests, unpriced }) => ({ name, provider, requests, unpriced })),
          [
            { name: 'claude', provider: 'anthropic', requests: 2, unpriced: 0 },
            { name: 'llama', provider: 'ollama', requests: 1, unpriced: 1 },
          ],
        )
        assert.equal(report.speed.total.answers, 2)
        assert.deepEqual(report.speed.total.firstToken, { median: 500, p95: 500 })
        assert.deepEqual(report.speed.total.rate, { median: 18, p95: 18 })
        assert.deepEqual(store.usage.today(), { cost: 0.25, requests: 3, unpriced: 1 })
      })

      it('name the dearest conversations by their titles, and those that are gone by none', () => {
        const { id } = store.conversations.create({ title: 'Dear' })
        store.requests.insert(record({ conversation: id, cost: 2 }))
        store.requests.insert(record({ conversation: 'gone', cost: 3 }))
        store.requests.insert(record({ conversation: id, cost: 2 }))
        store.requests.insert(record({ conversation: 'free', cost: 0 }))
        assert.deepEqual(store.usage.report({}).chats, [
          { conversation: id, title: 'Dear', requests: 2, cost: 4, unpriced: 0 },
          { conversation: 'gone', requests: 1, cost: 3, unpriced: 0 },
        ])
      })

      it('are taken from whole days of the calendar, both ends among them', () => {
        const days = daysBetween('2026-11-19', '2026-11-22')
        for (const day of days) {
          store.requests.insert(record({ startedAt: startOf(day) }))
          store.requests.insert(record({ startedAt: startOf(daysAfter(day, 1)) - 1 }))
        }
        const report = store.usage.report({ from: '2026-11-20', to: '2026-11-21' })
        assert.deepEqual(
          report.days.map(({ day, requests }) => [day, requests]),
          [
            ['2026-11-20', 2],
            ['2026-11-21', 2],
          ],
        )
        assert.equal(report.speed.sampled, 4)
        assert.equal(report.first, '2026-11-19')
      })

      it('forget old requests piece by piece, and nothing that is younger', () => {
        for (let number = 0; number < 1_200; number++)
          store.requests.insert(record({ startedAt: NOON - 3 * DAY + number }))
        for (let number = 0; number < 7; number++) store.requests.insert(record({ startedAt: NOON - DAY }))
        const before = startOf('2026-11-20')
        assert.deepEqual(
          [store.usage.expire(before), store.usage.expire(before), store.usage.expire(before)],
          [true, true, false],
        )
        assert.equal(store.usage.report({}).totals.requests, 7)
        assert.equal(store.requests.list({ limit: 5_000 }).length, 7)
        assert.equal(store.usage.expire(before), false)
      })

      it('tell the speed of each model from its newest answers', () => {
        for (const first of [300, 100, 200])
          store.requests.insert(record({ firstTokenMs: first, durationMs: first + 1_000, reasoning: 0 }))
        store.requests.insert(record({ model: 'other', output: 1, firstTokenMs: 9 }))
        const speeds = store.usage.speeds().toSorted((a, b) => (a.model < b.model ? -1 : 1))
        assert.deepEqual(speeds, [
          {
            provider: 'anthropic',
            model: 'claude',
            answers: 3,
            firstToken: { median: 200, p95: 300 },
            rate: { median: 30, p95: 30 },
          },
          { provider: 'anthropic', model: 'other', answers: 1, firstToken: { median: 9, p95: 9 } },
        ])
      })
    })
  }

  const word = fc.constantFrom('one', 'two', 'three')
  const tokens = fc.nat(10_000)
  const anyRecord = fc
    .record(
      {
        provider: word,
        model: word,
        agent: word,
        workspace: word,
        keyProfile: word,
        conversation: fc.constantFrom('c1', 'c2', 'c3', 'c4'),
        startedAt: fc.integer({ min: NOON - 5 * DAY, max: NOON + DAY }),
        firstTokenMs: fc.integer({ min: 1, max: 5_000 }),
        durationMs: fc.integer({ min: 1, max: 60_000 }),
        input: tokens,
        output: tokens,
        cacheRead: tokens,
        cacheWrite: tokens,
        reasoning: tokens,
        // Shares of a power of two add up to the same in any order.
        cost: fc.nat(1024).map((cost) => cost / 1024),
        attempt: fc.constant(1),
        outcome: fc.constantFrom('done', 'failed', 'aborted'),
        failureCode: fc.constantFrom('timeout', 'overloaded'),
      },
      {
        requiredKeys: [
          'provider',
          'model',
          'startedAt',
          'durationMs',
          'input',
          'output',
          'cacheRead',
          'cacheWrite',
          'reasoning',
          'attempt',
          'outcome',
        ],
      },
    )
    .map((fields) => ({ ...fields, id: `any-${count++}` }) as RequestRecord)
  const anyQuery: fc.Arbitrary<UsageQuery> = fc.record(
    {
      from: fc.nat(6).map((back) => dayOf(NOON - back * DAY)),
      to: fc.nat(6).map((back) => dayOf(NOON - back * DAY)),
      filters: fc.record(
        {
          provider: word,
          model: word,
          agent: fc.constantFrom('one', ''),
          workspace: word,
          keyProfile: fc.constantFrom('two', ''),
        },
        { requiredKeys: [] },
      ) as fc.Arbitrary<UsageFilters>,
    },
    { requiredKeys: [] },
  )

  it('are the same from both stores, whatever was written and is asked', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 60 }),
        fc.array(anyQuery, { minLength: 1, maxLength: 4 }),
        (records, queries) => {
          const here = new Place()
          try {
            const stores = [here.open({ clock }), here.tryOpen({ clock, sqlite: undefined }).store]
            for (const store of stores) for (const one of records) store.requests.insert(one)
            for (const query of [{}, ...queries]) {
              const [first, second] = stores.map((store) => inOrder(store.usage.report(query)))
              assert.deepEqual(first, second)
              const [some, same] = stores.map((store) => rounded(store.usage.rows(query)))
              assert.deepEqual(some, same)
            }
            const [one, other] = stores.map((store) => rounded(store.usage.today()))
            assert.deepEqual(one, other)
          } finally {
            here.dispose()
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are what plain SQL over every request says', () => {
    const store = place.open({ clock })
    const sample = fc.sample(anyRecord, { numRuns: 800, seed: 7 })
    for (const one of sample) store.requests.insert(one)
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const database = new sqlite.DatabaseSync(place.path, { readOnly: true })
    const day = "strftime('%Y-%m-%d', started_at / 1000, 'unixepoch', 'localtime')"
    const plain = database
      .prepare(
        `SELECT ${day} AS day, count(*) AS requests, sum(outcome = 'failed') AS failures, sum(input) AS input, sum(output) AS output,
           sum(cache_read) AS cacheRead, sum(cache_write) AS cacheWrite, sum(reasoning) AS reasoning, total(cost) AS cost,
           sum(cost IS NULL AND input + output + cache_read + cache_write > 0) AS unpriced
         FROM request WHERE provider = 'two' GROUP BY day ORDER BY day`,
      )
      .all()
    assert.ok(plain.length > 3)
    const report = store.usage.report({ filters: { provider: 'two' } })
    assert.deepEqual(rounded(report.days), rounded(plain))
    const first = database
      .prepare(
        `SELECT first_token_ms AS value FROM (SELECT first_token_ms, row_number() OVER (ORDER BY first_token_ms) AS place,
           count(*) OVER () AS many FROM request WHERE provider = 'two' AND first_token_ms IS NOT NULL)
         WHERE place = (many + 1) / 2`,
      )
      .get()
    assert.equal(report.speed.total.firstToken?.median, first?.['value'])
    database.close()
  })

  it('are made up for the requests a database of an earlier version has, and for a copy that is put back', async () => {
    const store = place.open({ clock })
    for (const one of fc.sample(anyRecord, { numRuns: 100, seed: 3 })) store.requests.insert(one)
    const before = inOrder(store.usage.report({}))
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const database = new sqlite.DatabaseSync(place.path)
    database.exec(
      `DELETE FROM usage_day; DELETE FROM usage_series; DELETE FROM usage_chat; DELETE FROM usage_slice; ${FILL_USAGE}`,
    )
    database.close()
    assert.deepEqual(inOrder(store.usage.report({})), before)
    await store.backup(`${place.path}.copy`)
    store.requests.insert(record())
    await store.restore(`${place.path}.copy`)
    assert.deepEqual(inOrder(store.usage.report({})), before)
  })

  it('count a request once that is taken in twice', () => {
    const store = place.open({ clock })
    const one = record({ conversation: 'a' })
    for (let time = 0; time < 2; time++) store.bulk.reveal([], [one, record({ id: 'other', conversation: 'a' })])
    const { totals, chats } = store.usage.report({})
    assert.equal(totals.requests, 2)
    assert.equal(totals.input, 200)
    assert.equal(chats[0]?.cost, 0.5)
  })

  it('hold no word of what was asked or answered', () => {
    const store = place.open({ clock })
    store.requests.insert(record())
    const columns = Object.keys(store.requests.list()[0] ?? {})
    assert.deepEqual(
      columns.filter((name) => /text|content|prompt|message|title/i.test(name)),
      [],
    )
  })

  it('measure every one of a few answers, however many others there were', () => {
    const store = place.open()
    const until = new Date(2026, 10, 21, 12).getTime()
    writeRequests(place.path, 60_000, until)
    for (const days of [0, 100, 300, 301])
      store.requests.insert(record({ model: 'rare', agent: 'rare', startedAt: until - days * 86_400_000 }))
    const { speed } = store.usage.report({ filters: { model: 'rare' } })
    assert.deepEqual([speed.of, speed.total.answers], [4, 4])
    const within = {
      from: dayOf(until - 300 * 86_400_000),
      to: dayOf(until),
      filters: { agent: 'rare', model: 'rare' },
    }
    assert.equal(store.usage.report(within).speed.total.answers, 3)
    assert.equal(store.usage.report({ filters: { model: 'none' } }).speed.total.answers, 0)
  })

  it('make no model faster than it writes, whether its reasoning was seen or came before the first word', () => {
    const tokens = fc.integer({ min: 2, max: 20_000 })
    const speed = fc.double({ min: 1, max: 500, noNaN: true })
    fc.assert(
      fc.property(tokens, fc.nat(20_000), speed, fc.nat(5_000), (said, reasoning, perSecond, firstTokenMs) => {
        const ms = (count: number): number => (count / perSecond) * 1000
        const output = said + reasoning
        const durationMs = firstTokenMs + ms(output)
        const unseen = rateOf({ output, reasoning, durationMs, firstTokenMs: firstTokenMs + ms(reasoning) })
        const seen = rateOf({ output, reasoning, durationMs, firstTokenMs })
        for (const rate of [unseen, seen]) assert.ok((rate ?? 0) <= perSecond * 1.000001, `${rate} of ${perSecond}`)
        if (unseen !== undefined) assert.ok(unseen > perSecond * 0.999999, `${unseen} of ${perSecond}`)
        if (reasoning === 0 && seen !== undefined) assert.ok(seen > perSecond * 0.999999)
      }),
    )
  })

  it('take medians from values that occurred', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (values) => {
        const { median, p95 } = percentilesOf(values) ?? { median: NaN, p95: NaN }
        const below = (limit: number): number => values.filter((value) => value <= limit).length / values.length
        assert.ok(values.includes(median) && values.includes(p95))
        assert.ok(below(median) >= 0.5 && below(median - 1) < 0.5)
        assert.ok(below(p95) >= 0.95 && below(p95 - 1) < 0.95)
      }),
    )
  })
})
