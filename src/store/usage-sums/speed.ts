/** Medians and the like, from the times of single requests. */
import { dayOf } from '../../shared/day.ts'
import { DIMENSIONS, rateOf } from '../../shared/usage.ts'
import type { Dimension, ModelSpeed, Percentiles, Speed, UsageSpeed } from '../../shared/usage.ts'
import type { RequestRecord } from '../../shared/usage-record.ts'

/** At most so many requests are measured for a report, of at most so many that are looked at for it. */
export const SAMPLE = { measured: 6_000, seen: 20_000 }

/** Of how many of the newest requests a model's own speed is. */
export const RECENT = 3_000

/** What of a request its speed needs. */
export type Timed = Pick<RequestRecord, 'startedAt' | 'durationMs' | 'output' | 'reasoning' | Dimension> & {
  firstTokenMs: number
}

export const isTimed = <Row extends RequestRecord>(record: Row): record is Row & Timed =>
  record.firstTokenMs !== undefined

/** By the nearest rank; undefined of nothing. */
export function percentilesOf(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
  return { median: at(0.5), p95: at(0.95) }
}

class Times {
  readonly #first: number[] = []
  readonly #rates: number[] = []

  add(first: number, rate: number | undefined): void {
    this.#first.push(first)
    if (rate !== undefined) this.#rates.push(rate)
  }

  speed(): Speed {
    const [firstToken, rate] = [percentilesOf(this.#first), percentilesOf(this.#rates)]
    return { answers: this.#first.length, ...(firstToken && { firstToken }), ...(rate && { rate }) }
  }
}

function timesIn<Key>(map: Map<Key, Times>, key: Key): Times {
  const found = map.get(key) ?? new Times()
  map.set(key, found)
  return found
}

/** `of`: how many requests the sample was taken out of. */
export function speedOf(sample: readonly Timed[], of: number): UsageSpeed {
  const total = new Times()
  const days = new Map<string, Times>()
  const groups = new Map(DIMENSIONS.map((name) => [name, new Map<string, { row: Timed; times: Times }>()]))
  for (const row of sample) {
    const rate = rateOf(row)
    total.add(row.firstTokenMs, rate)
    timesIn(days, dayOf(row.startedAt)).add(row.firstTokenMs, rate)
    for (const [dimension, found] of groups) {
      const key = dimension === 'model' ? `${row.provider}\n${row.model}` : (row[dimension] ?? '')
      const group = found.get(key) ?? { row, times: new Times() }
      found.set(key, group)
      group.times.add(row.firstTokenMs, rate)
    }
  }
  const listOf = (dimension: Dimension): UsageSpeed['by'][Dimension] =>
    [...(groups.get(dimension)?.values() ?? [])].map(({ row, times }) => ({
      name: row[dimension] ?? '',
      ...(dimension === 'model' && { provider: row.provider }),
      ...times.speed(),
    }))
  return {
    sampled: sample.length,
    of,
    total: total.speed(),
    days: [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, times]) => ({ day, ...times.speed() })),
    by: {
      provider: listOf('provider'),
      model: listOf('model'),
      agent: listOf('agent'),
      workspace: listOf('workspace'),
      keyProfile: listOf('keyProfile'),
    },
  }
}

export function modelSpeeds(rows: Iterable<Pick<Timed, 'provider' | 'model'> & Timed>): ModelSpeed[] {
  const models = new Map<string, { row: Timed; times: Times }>()
  for (const row of rows) {
    const key = `${row.provider}\n${row.model}`
    const found = models.get(key) ?? { row, times: new Times() }
    models.set(key, found)
    found.times.add(row.firstTokenMs, rateOf(row))
  }
  return [...models.values()].map(({ row, times }) => ({
    provider: row.provider,
    model: row.model,
    ...times.speed(),
  }))
}
