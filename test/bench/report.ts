/** The outcome of a run: a table for the terminal, a file for whoever compares runs, and the machine they hold for. */
import os from 'node:os'
import type { Row } from './lines.ts'

export type Machine = { cpu: string; cores: number; memoryGb: number; load: number; node: string; platform: string }

/** `load`: the load average of the last minute; above 0.5 a core, others were at work too. */
export function machine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    load: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }
}

export function describeMachine({ cpu, cores, memoryGb, load, node, platform }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node ${node}, load ${load}`
}

/** A number as a person reads it: more digits where it is small. */
function show(value: number | undefined, unit: string): string {
  if (value === undefined || Number.isNaN(value)) return '-'
  const digits = unit === 's' ? 2 : Math.abs(value) < 20 ? 1 : 0
  return value.toFixed(digits)
}

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'yes' : '**NO**')

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ line, unit, bare, panelist, ratio, owed, met, range }) => {
    const spread = range ? ` (${show(range[0], unit)} to ${show(range[1], unit)})` : ''
    const times = ratio === undefined ? '-' : `${ratio.toFixed(2)}x`
    return [`${line}, ${unit}`, show(bare, unit), `${show(panelist, unit)}${spread}`, times, owed, verdict(met)]
  })
  const head = ['line', 'bare', 'panelist', 'ratio', 'owed', 'met?']
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0), 3))
  const print = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [print(head), rule, ...cells.map(print)].join('\n')
}
