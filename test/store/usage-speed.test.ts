import assert from 'node:assert/strict'
import { dayOf, daysAfter } from '../../src/shared/day.ts'
import { noSums } from '../../src/shared/usage.ts'
import type { Sums, UsageQuery } from '../../src/shared/usage.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { SAMPLE } from '../../src/store/usage-sums/speed.ts'
import { worked } from '../harness/steady.ts'
import { writeRequests } from './many-requests.ts'
import { Place } from './support.ts'

const ROWS = 1_000_000
const NOW = new Date(2026, 10, 21, 12).getTime()

const least = (work: () => void): number => Math.min(...Array.from({ length: 5 }, () => worked(work)))

const PLAIN_DAY = "date(started_at / 1000, 'unixepoch', 'localtime')"
const PLAIN_SUMS = `count(*) AS requests, sum(outcome = 'failed') AS failures, sum(input) AS input, sum(output) AS output,
  sum(cache_read) AS cacheRead, sum(cache_write) AS cacheWrite, sum(reasoning) AS reasoning, total(cost) AS cost,
  sum(cost IS NULL AND input + output + cache_read + cache_write > 0) AS unpriced`
const percentilesOf = (value: string, where: string): string =>
  `WITH ranked AS (SELECT ${value} AS value, row_number() OVER (ORDER BY ${value}) AS place, count(*) OVER () AS n
     FROM request WHERE ${where})
   SELECT max(iif(place = (n + 1) / 2, value, NULL)) AS median, max(iif(place = (n * 95 + 99) / 100, value, NULL)) AS p95 FROM ranked`

type PlainRow = Sums & { day: string; name: string; median: number; p95: number }

/** What SQLite itself says of the table of requests, past the store. */
function plain(file: string, sql: string): PlainRow[] {
  const sqlite = loadSqlite()
  if (!sqlite) throw new Error('There is no SQLite here.')
  const database = new sqlite.DatabaseSync(file, { readOnly: true })
  try {
    return database.prepare(sql).all() as PlainRow[]
  } finally {
    database.close()
  }
}

function added(rows: readonly Sums[]): Sums {
  const sums = noSums()
  for (const kind of KINDS) for (const row of rows) sums[kind] += row[kind]
  return sums
}

const KINDS = Object.keys(noSums()) as (keyof Sums)[]

/** The same sums; costs but for what adding fractions in another order makes. */
function near(found: Sums, wanted: Sums): void {
  for (const kind of KINDS)
    assert.ok(
      Math.abs(found[kind] - wanted[kind]) < 1e-6 * (1 + wanted.cost),
      `${kind}: ${found[kind]}, ${wanted[kind]}`,
    )
}

describe('statistics of a million requests', function () {
  this.timeout(240_000)
  let place: Place
  let store: Store
  before(() => {
    place = new Place()
    place.open().close()
    const time = worked(() => writeRequests(place.path, ROWS, NOW))
    console.log(`      written and added up: ${time.toFixed(0)} ms`)
    store = place.open({ clock: () => NOW })
  })
  after(() => place.dispose())

  const today = dayOf(NOW)
  const asked: Record<string, UsageQuery> = {
    everything: {},
    'the last 30 days': { from: daysAfter(today, -29), to: today },
    'one provider': { filters: { provider: 'provider-3' } },
    'one model in a year': { from: daysAfter(today, -364), filters: { provider: 'provider-1', model: 'model-1-2' } },
    'one workspace and agent': { filters: { workspace: 'file:///home/someone/projects/project-3', agent: 'agent-2' } },
    today: { from: today, to: today },
  }
  for (const [name, query] of Object.entries(asked)) {
    it(`answer in less than 300 ms: ${name}`, () => {
      const { totals, speed } = store.usage.report(query)
      assert.ok(totals.requests > 0)
      assert.ok(speed.sampled > 0 && speed.sampled <= SAMPLE.seen * 1.2, `${speed.sampled}`)
      const time = least(() => store.usage.report(query))
      console.log(`      ${name}: ${time.toFixed(1)} ms, ${totals.requests} requests, ${speed.sampled} measured`)
      assert.ok(time < 300, `${time} ms`)
    })
  }

  it('are those that plain SQL counts in every single row, all of them and by day and provider', () => {
    const { totals, days, by, providerDays } = store.usage.report({})
    assert.equal(totals.requests, ROWS)
    const rows = plain(
      place.path,
      `SELECT ${PLAIN_DAY} AS day, provider AS name, ${PLAIN_SUMS} FROM request GROUP BY 1, 2`,
    )
    near(totals, added(rows))
    assert.equal(days.length, new Set(rows.map(({ day }) => day)).size)
    for (const day of days) near(day, added(rows.filter((row) => row.day === day.day)))
    assert.equal(by.provider.length, 6)
    for (const provider of by.provider) near(provider, added(rows.filter(({ name }) => name === provider.name)))
    assert.equal(providerDays.length, rows.length)
    const query: UsageQuery = { from: daysAfter(today, -200), to: daysAfter(today, -100) }
    const within = rows.filter(({ day }) => day >= query.from! && day <= query.to!)
    near(store.usage.report(query).totals, added(within))
  })

  it('measure in their sample what plain SQL measures in every single row, but for a few of a hundred', () => {
    const { firstToken, rate } = store.usage.report({}).speed.total
    const [first] = plain(place.path, percentilesOf('first_token_ms', 'first_token_ms IS NOT NULL'))
    const [rates] = plain(
      place.path,
      percentilesOf(
        `max(max(output - reasoning, 0) * 1000.0 / (duration_ms - first_token_ms),
           iif(reasoning > 0, output * 1000.0 / duration_ms, 0))`,
        'duration_ms - first_token_ms > 50 AND output >= 2',
      ),
    )
    console.log(
      `      medians: ${firstToken?.median} of ${first?.median} ms, ${rate?.median} of ${rates?.median} tokens/s`,
    )
    const found = [firstToken?.median, firstToken?.p95, rate?.median, rate?.p95]
    const exact = [first?.median, first?.p95, rates?.median, rates?.p95]
    found.forEach((value = NaN, place) => {
      const wanted = Number(exact[place])
      assert.ok(Math.abs(value - wanted) < wanted * 0.08, `${value} instead of ${wanted}`)
    })
  })

  it('tell what today cost and the speed of each model while nobody waits', () => {
    const [today, speeds] = [least(() => store.usage.today()), least(() => store.usage.speeds())]
    console.log(`      today: ${today.toFixed(2)} ms, speeds: ${speeds.toFixed(1)} ms`)
    assert.ok(today < 5, `${today} ms`)
    assert.ok(speeds < 60, `${speeds} ms`)
  })

  it('cost a request that is written next to nothing', () => {
    const { id: _, ...last } = store.requests.list({ limit: 1 })[0]!
    const time = worked(() => {
      for (let count = 0; count < 200; count++) store.requests.insert({ ...last, id: `new-${count}` })
    })
    console.log(`      a request: ${(time / 200).toFixed(3)} ms`)
    assert.ok(time / 200 < 5, `${time / 200} ms`)
  })

  it('forget the oldest in pieces that nobody feels', () => {
    const pieces = Array.from({ length: 20 }, () => worked(() => assert.ok(store.usage.expire(NOW - 700 * 86_400_000))))
    const median = pieces.sort((a, b) => a - b)[10] ?? Infinity
    console.log(`      a piece: ${median.toFixed(1)} ms`)
    assert.ok(median < 50, `${median} ms`)
  })
})
