/** What the usage page shows, as a file. */
import { DIMENSIONS } from '../../shared/usage.ts'
import type { UsageQuery, UsageReport, UsageRow } from '../../shared/usage.ts'

const COLUMNS = [
  'day',
  ...DIMENSIONS,
  'failure',
  'requests',
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'reasoning',
  'cost',
  'unpriced',
] as const satisfies (keyof UsageRow)[]

/** Without it Excel takes UTF-8 for the code page of the machine. */
const BYTE_ORDER_MARK = '\uFEFF'

/** RFC 4180, one line for each day and combination. Costs are USD. */
export function csvOf(rows: Iterable<UsageRow>): string {
  const lines: string[] = [COLUMNS.join(',')]
  for (const row of rows) lines.push(COLUMNS.map((column) => cell(row[column])).join(','))
  return `${BYTE_ORDER_MARK}${lines.join('\r\n')}\r\n`
}

export function jsonOf(query: UsageQuery, report: UsageReport, rows: readonly UsageRow[], madeAt: number): string {
  return `${JSON.stringify({ format: 'panelist-usage', version: 1, madeAt, query, report, rows }, undefined, 2)}\n`
}

/** What a spreadsheet would run as a formula begins with an apostrophe: names come from settings, folders and servers. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
