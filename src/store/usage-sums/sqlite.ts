/** What requests come to, from the tables that add them up by day; only speeds look at single requests. */
import { daysAfter, dayOf, startOf } from '../../shared/day.ts'
import type { Day } from '../../shared/day.ts'
import { DIMENSIONS, noSums } from '../../shared/usage.ts'
import type { ChatCost, Dimension, Sums, UsageFilters, UsageQuery, UsageReport, UsageRow } from '../../shared/usage.ts'
import type { Context } from '../context.ts'
import type { UsageStatistics } from '../contract/usage.ts'
import { transaction } from '../sqlite.ts'
import { CHATS, Groups, add } from './groups.ts'
import type { Slice } from './groups.ts'
import { RECENT, SAMPLE, modelSpeeds, speedOf } from './speed.ts'
import type { Timed } from './speed.ts'

type Row = Record<string, unknown>
type Where = { clause: string; values: string[] }
/** As days are kept, both among them. */
type Days = { from: number; to: number }

const COLUMNS: Record<Dimension, string> = {
  provider: 'provider',
  model: 'model',
  agent: 'agent',
  workspace: 'workspace',
  keyProfile: 'key_profile',
}
const SUMS = `sum(requests) AS requests, FAILURES sum(input) AS input, sum(output) AS output, sum(cache_read) AS cacheRead,
  sum(cache_write) AS cacheWrite, sum(reasoning) AS reasoning, sum(cost) AS cost, sum(unpriced) AS unpriced`
const FAILED = "sum(iif(failure <> '', requests, 0)) AS failures,"
const TIMED = `provider, model, agent, workspace, key_profile AS keyProfile, started_at AS startedAt,
  first_token_ms AS firstTokenMs, duration_ms AS durationMs, output, reasoning`

/** Rows that are removed at a time. */
const PIECE = 500

/** As days are kept: 20261121. */
const numbered = (day: Day): number => Number(day.replaceAll('-', ''))
const named = (day: unknown): Day =>
  String(day)
    .padStart(8, '0')
    .replace(/(....)(..)(..)/, '$1-$2-$3')

export function createUsage({ database, reading, clock }: Context): UsageStatistics {
  const rows = (sql: string, values: (string | number)[] = []): Row[] =>
    reading.rows('Part of the statistics', () => database.prepare(sql).iterate(...values))
  const recent = database.prepare(
    `SELECT ${TIMED} FROM request WHERE first_token_ms IS NOT NULL ORDER BY started_at DESC LIMIT ${RECENT}`,
  )
  const ofDay = database.prepare(
    `SELECT total(cost) AS cost, coalesce(sum(requests), 0) AS requests, coalesce(sum(unpriced), 0) AS unpriced
     FROM usage_series WHERE day = ?`,
  )
  return {
    report: (query) => report(rows, query),
    rows: (query) => list(rows, query),
    today() {
      const nothing = { cost: 0, requests: 0, unpriced: 0 }
      const row = reading.one('Part of the statistics', nothing, () => ofDay.get(numbered(dayOf(clock()))))
      return { cost: Number(row?.cost), requests: Number(row?.requests), unpriced: Number(row?.unpriced) }
    },
    speeds: () => modelSpeeds(reading.rows('Part of the request log', () => recent.iterate()) as unknown as Timed[]),
    expire(before) {
      const day = dayOf(before)
      return transaction(database, () => {
        const { changes } = database
          .prepare(
            `DELETE FROM request WHERE rowid IN
               (SELECT rowid FROM request WHERE started_at < ? ORDER BY started_at LIMIT ${PIECE})`,
          )
          .run(startOf(day))
        if (Number(changes) === PIECE) return true
        // Days go when the last of their requests has gone, and are looked for only where there are any.
        const isOld = database.prepare('SELECT 1 FROM usage_series WHERE day < ? LIMIT 1').get(numbered(day))
        for (const table of isOld ? ['usage_series', 'usage_day', 'usage_chat'] : [])
          database.prepare(`DELETE FROM ${table} WHERE day < ?`).run(numbered(day))
        return false
      })
    },
  }
}

type Rows = (sql: string, values?: (string | number)[]) => Row[]

function report(rows: Rows, query: UsageQuery): UsageReport {
  const { from, to, filters = {} } = query
  const [days, where] = [daysOf(from, to), whereOf(filters)]
  const groups = new Groups()
  const slices = new Map(rows('SELECT * FROM usage_slice').map((row) => [row['id'], sliceOf(row)]))
  const within = where.clause || 'AND slice IN (SELECT id FROM usage_slice)'
  const values = [days.from, days.to, ...where.values]
  // Two walks in the order of the table take half of the time of one that has to sort by slice and failure.
  const sums = rows(
    `SELECT slice, ${SUMS.replace('FAILURES', FAILED)} FROM usage_day WHERE day BETWEEN ? AND ? ${within} GROUP BY slice`,
    values,
  )
  for (const row of sums) {
    const slice = slices.get(row['slice'])
    if (slice) groups.add(slice, sumsOf(row))
  }
  const failures = rows(
    `SELECT failure, sum(requests) AS requests FROM usage_day WHERE day BETWEEN ? AND ? ${within} AND failure <> ''
     GROUP BY failure`,
    values,
  )
  for (const { failure, requests } of failures) groups.failed(String(failure), Number(requests))
  const first = rows('SELECT min(day) AS day FROM usage_series')[0]?.['day']
  const { requests } = groups.totals
  return {
    ...(first !== null && first !== undefined && { first: named(first) }),
    totals: groups.totals,
    ...byDay(rows, days, filters),
    by: groups.by,
    failures: groups.failures,
    chats: chatsOf(rows, days, where),
    speed: speedOf(sample(rows, requests, query), requests),
  }
}

function list(rows: Rows, { from, to, filters = {} }: UsageQuery): UsageRow[] {
  const [days, { clause, values }] = [daysOf(from, to), whereOf(filters)]
  const found = rows(
    `SELECT day, failure, provider, model, agent, workspace, key_profile, ${SUMS.replace('FAILURES', '')}
     FROM usage_day JOIN usage_slice ON usage_slice.id = slice WHERE day BETWEEN ? AND ? ${clause}
     GROUP BY day, provider, model, agent, workspace, key_profile, failure
     ORDER BY day, provider, model, agent, workspace, key_profile, failure`,
    [days.from, days.to, ...values],
  )
  return found.map((row) => {
    const { failures: _, ...sums } = sumsOf(row)
    return { day: named(row['day']), ...sliceOf(row), failure: String(row['failure']), ...sums }
  })
}

const daysOf = (from: Day | undefined, to: Day | undefined): Days => ({
  from: from === undefined ? 0 : numbered(from),
  to: to === undefined ? 99_999_999 : numbered(to),
})

/** The slices that pass; no clause where all do. */
function whereOf(filters: UsageFilters): Where {
  const asked = DIMENSIONS.filter((name) => filters[name] !== undefined)
  const slices = asked.map((name) => `${COLUMNS[name]} = ?`).join(' AND ')
  return {
    clause: slices && `AND slice IN (SELECT id FROM usage_slice WHERE ${slices})`,
    values: asked.map((name) => filters[name] ?? ''),
  }
}

/** Of all or of one provider they are added up already. */
function byDay(rows: Rows, { from, to }: Days, filters: UsageFilters): Pick<UsageReport, 'days' | 'providerDays'> {
  const { provider, ...others } = filters
  const { clause, values } = whereOf(others)
  const sums = SUMS.replace('FAILURES', FAILED)
  const found = clause
    ? rows(
        `SELECT day, provider, ${sums} FROM usage_day JOIN usage_slice ON usage_slice.id = slice
         WHERE day BETWEEN ? AND ? ${clause} GROUP BY day, provider`,
        [from, to, ...values],
      )
    : rows(
        `SELECT day, provider, ${SUMS.replace('FAILURES', 'sum(failures) AS failures,')} FROM usage_series
         WHERE day BETWEEN ? AND ? GROUP BY day, provider`,
        [from, to],
      )
  const days = new Map<Day, Sums & { day: Day }>()
  const providerDays: UsageReport['providerDays'] = []
  for (const row of found) {
    if (provider !== undefined && row['provider'] !== provider) continue
    const [day, sums] = [named(row['day']), sumsOf(row)]
    const ofDay = days.get(day) ?? { day, ...noSums() }
    days.set(day, ofDay)
    add(ofDay, sums)
    providerDays.push({ day, provider: String(row['provider']), cost: sums.cost, requests: sums.requests })
  }
  return { days: [...days.values()], providerDays }
}

function chatsOf(rows: Rows, { from, to }: Days, { clause, values }: Where): ChatCost[] {
  const found = rows(
    `SELECT dear.*, title FROM (
       SELECT conversation, sum(requests) AS requests, sum(cost) AS cost, sum(unpriced) AS unpriced FROM usage_chat
       WHERE ${clause.replace('AND ', '') || 'slice = 0'} AND day BETWEEN ? AND ? GROUP BY conversation HAVING sum(cost) > 0 ORDER BY sum(cost) DESC, conversation LIMIT ${CHATS}) AS dear
     LEFT JOIN conversation ON conversation.id = dear.conversation AND deleted_at IS NULL
     ORDER BY cost DESC, dear.conversation`,
    [...values, from, to],
  )
  return found.map(({ conversation, requests, cost, unpriced, title }) => ({
    conversation: String(conversation),
    ...(typeof title === 'string' && { title }),
    requests: Number(requests),
    cost: Number(cost),
    unpriced: Number(unpriced),
  }))
}

/**
 * Requests that said something, evenly out of all that the report is of. Where that is most of what there is, rows are taken
 * by their number; else the index of times is walked. Places are scattered, so that no rhythm of use shows in the sample.
 */
function sample(rows: Rows, total: number, { from, to, filters = {} }: UsageQuery): Timed[] {
  const days = daysOf(from, to)
  const counts = rows(
    'SELECT total(requests) AS n, total(iif(day BETWEEN ? AND ?, requests, 0)) AS within FROM usage_series',
    [days.from, days.to],
  )[0]
  const [all, within] = [Number(counts?.['n']), Number(counts?.['within'])]
  const step = Math.max(1, Math.ceil(total / SAMPLE.measured), Math.ceil(within / SAMPLE.seen))
  const asked = DIMENSIONS.filter((name) => filters[name] !== undefined)
  const others = asked.map((name) => ` AND coalesce(${COLUMNS[name]}, '') = ?`).join('')
  const inTime = 'started_at >= ? AND started_at < ?'
  const start = from === undefined ? -8.64e15 : startOf(from)
  const end = to === undefined ? 8.64e15 : startOf(daysAfter(to, 1))
  const times = [start, end]
  const names = asked.map((name) => filters[name] ?? '')
  const said = `first_token_ms IS NOT NULL${others}`
  const few = step > 1 && total <= SAMPLE.measured ? fewDays(rows, days, whereOf(filters)) : undefined
  if (few)
    return few.flatMap((day) => {
      const ends = [startOf(day), startOf(daysAfter(day, 1))]
      return rows(`SELECT ${TIMED} FROM request WHERE ${inTime} AND ${said}`, [...ends, ...names]) as Timed[]
    })
  if (step === 1 || within * 2 < all) {
    const taken = step === 1 ? '' : ` AND (rowid * 7919) % 1299709 % ${step} = 0`
    const places = `SELECT rowid FROM request WHERE ${inTime}${taken}`
    return rows(`SELECT ${TIMED} FROM request WHERE rowid IN (${places}) AND ${said}`, [...times, ...names]) as Timed[]
  }
  const places = `WITH RECURSIVE place (n) AS (SELECT (SELECT min(rowid) FROM request) / ${step} UNION ALL
    SELECT n + 1 FROM place WHERE n < (SELECT max(rowid) FROM request) / ${step})`
  return rows(
    `${places} SELECT ${TIMED} FROM place CROSS JOIN request ON request.rowid = n * ${step} + n * 7919 % ${step}
     WHERE ${inTime} AND ${said}`,
    [...times, ...names],
  ) as Timed[]
}

/** The days on which these were, where so few requests were on them that each can be looked at: a few are in no sample of many. */
function fewDays(rows: Rows, { from, to }: Days, { clause, values }: Where): Day[] | undefined {
  const found = rows(
    `SELECT day, sum(requests) AS n FROM usage_series
     WHERE day IN (SELECT day FROM usage_day WHERE day BETWEEN ? AND ? ${clause}) GROUP BY day`,
    [from, to, ...values],
  )
  const all = found.reduce((sum, { n }) => sum + Number(n), 0)
  return all <= SAMPLE.seen ? found.map(({ day }) => named(day)) : undefined
}

function sliceOf(row: Row): Slice {
  const value = (name: Dimension): string => String(row[COLUMNS[name]])
  return {
    provider: value('provider'),
    model: value('model'),
    agent: value('agent'),
    workspace: value('workspace'),
    keyProfile: value('keyProfile'),
  }
}

function sumsOf(row: Row): Sums {
  const number = (name: string): number => Number(row[name])
  return {
    requests: number('requests'),
    failures: Number(row['failures'] ?? 0),
    input: number('input'),
    output: number('output'),
    cacheRead: number('cacheRead'),
    cacheWrite: number('cacheWrite'),
    reasoning: number('reasoning'),
    cost: number('cost'),
    unpriced: number('unpriced'),
  }
}
