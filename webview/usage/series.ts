/** What each chart draws, from a report: one value a day, also for days on which nothing was. */
import { daysBetween } from '../../src/shared/day.ts'
import type { Day } from '../../src/shared/day.ts'
import type { UsageView } from '../../src/shared/protocol.ts'
import { counts, money, rate, short, time, whole } from './words.ts'

export type Colour = 'blue' | 'orange' | 'green' | 'purple' | 'red' | 'yellow'

/** `values`: one for each day; null where there is none. */
export type Line = { label: string; colour: Colour; values: (number | null)[]; dashed?: true }

/** `stacked`: bars that lie on one another and have a sum; else lines. `axis`: values at the side, which have little room. */
export type ChartData = {
  id: string
  title: string
  days: Day[]
  lines: Line[]
  stacked: boolean
  write: (value: number) => string
  axis: (value: number) => string
}

const COLOURS: Colour[] = ['blue', 'orange', 'green', 'purple', 'yellow', 'red']

/** Providers that have a colour of their own; the rest are one. */
const SHOWN = 5

export function chartsOf({ report, today, labels }: UsageView, asked: { from?: Day; to?: Day }): ChartData[] {
  const first = report.days[0]?.day ?? today
  const days = daysBetween(
    asked.from !== undefined && asked.from > (report.first ?? today) ? asked.from : first,
    asked.to ?? today,
  )
  const places = new Map(days.map((day, place) => [day, place]))
  const spread = <Row extends { day: Day }>(
    rows: readonly Row[],
    value: (row: Row) => number | undefined,
    none: number | null,
  ) => {
    const values: (number | null)[] = days.map(() => none)
    for (const row of rows) {
      const place = places.get(row.day)
      if (place !== undefined) values[place] = (values[place] ?? 0) + (value(row) ?? 0)
    }
    return values
  }
  const sums = (label: string, colour: Colour, value: (row: UsageView['report']['days'][number]) => number): Line => ({
    label,
    colour,
    values: spread(report.days, value, 0),
  })
  const speeds = (kind: 'firstToken' | 'rate'): Line[] => {
    const told = report.speed.days.filter((day) => day[kind])
    return [
      { label: 'median', colour: 'blue', values: spread(told, (day) => day[kind]?.median, null) },
      { label: '95 of 100 below', colour: 'orange', values: spread(told, (day) => day[kind]?.p95, null), dashed: true },
    ]
  }
  return [
    {
      id: 'cost',
      title: 'Cost',
      days,
      lines: costs(),
      stacked: true,
      write: money,
      axis: (value) => money(value).replace('.00', ''),
    },
    {
      id: 'tokens',
      title: 'Tokens',
      days,
      stacked: true,
      write: short,
      axis: counts,
      lines: [
        sums('input', 'blue', ({ input }) => input),
        sums('cache read', 'green', ({ cacheRead }) => cacheRead),
        sums('cache write', 'yellow', ({ cacheWrite }) => cacheWrite),
        sums('output', 'orange', ({ output, reasoning }) => Math.max(0, output - reasoning)),
        sums('reasoning', 'purple', ({ reasoning, output }) => Math.min(reasoning, output)),
      ],
    },
    {
      id: 'requests',
      title: 'Requests',
      days,
      stacked: true,
      write: whole,
      axis: counts,
      lines: [
        sums('answered', 'blue', ({ requests, failures }) => requests - failures),
        sums('failed', 'red', ({ failures }) => failures),
      ],
    },
    {
      id: 'first-token',
      title: 'Time to first token',
      days,
      lines: speeds('firstToken'),
      stacked: false,
      write: time,
      axis: time,
    },
    { id: 'rate', title: 'Tokens a second', days, lines: speeds('rate'), stacked: false, write: rate, axis: rate },
  ]

  function costs(): Line[] {
    const dearest = report.by.provider.filter(({ cost }) => cost > 0).map(({ name }) => name)
    const own = dearest.slice(0, dearest.length > SHOWN + 1 ? SHOWN : SHOWN + 1)
    const lines = own.map((name, place): Line => ({
      label: labels[name] ?? name,
      colour: COLOURS[place] ?? 'red',
      values: spread(
        report.providerDays.filter(({ provider }) => provider === name),
        ({ cost }) => cost,
        0,
      ),
    }))
    const others = report.providerDays.filter(({ provider }) => !own.includes(provider))
    if (dearest.length > own.length)
      lines.push({ label: 'others', colour: 'red', values: spread(others, ({ cost }) => cost, 0) })
    return lines.length > 0 ? lines : [{ label: 'cost', colour: 'blue', values: days.map(() => 0) }]
  }
}

/** One sentence for those who do not see the chart. */
export function inWords({ title, days, lines, stacked, write }: ChartData): string {
  const totals = days.map((_, place) => lines.reduce((sum, { values }) => sum + (values[place] ?? 0), 0))
  if (!stacked) {
    const told = lines[0]?.values.filter((value) => value !== null) ?? []
    if (told.length === 0) return `${title}: nothing was measured in these days.`
    return `${title}, median by day: from ${write(Math.min(...told))} to ${write(Math.max(...told))}.`
  }
  const most = Math.max(0, ...totals)
  if (most === 0) return `${title}: none in these days.`
  const sum = totals.reduce((one, other) => one + other, 0)
  return `${title} by day: ${write(sum)} in all, most on ${days[totals.indexOf(most)]}: ${write(most)}.`
}
