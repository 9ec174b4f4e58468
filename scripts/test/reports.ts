/** What runs reported: added up, and which of their tests took longest. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../test/harness/environment.ts'
import type { Report } from '../../test/harness/reporter.ts'

const folder = path.join(root, 'out', 'reports')
const fileOf = (run: string): string => path.join(folder, `${run}.json`)

/** Nothing ran, and this is why; without a reason, nothing was to run. */
export function nothing(...failures: string[]): Report {
  return { passed: 0, failed: failures.length, failures, tests: [] }
}

export function sum(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((total, report) => total + report.passed, 0),
    failed: reports.reduce((total, report) => total + report.failed, 0),
    failures: reports.flatMap((report) => report.failures),
    tests: reports.flatMap((report) => report.tests),
  }
}

function add(report: Report, failure: string): Report {
  return { ...report, failed: report.failed + 1, failures: [...report.failures, failure] }
}

/** What a run of mocha reported, or a failure in its own right where it crashed or reported nothing. */
export async function reported(name: string, run: (env: Record<string, string>) => Promise<number>): Promise<Report> {
  const file = fileOf(name)
  mkdirSync(folder, { recursive: true })
  rmSync(file, { force: true })
  const code = await run({ PANELIST_REPORT: file })
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return nothing(`${name} ended with code ${code} before it reported anything`)
  }
  return code !== 0 && report.failed === 0 && report.passed > 0
    ? add(report, `${name} ended with code ${code}`)
    : report
}

/** A level that ran no test has failed. */
export function atLeastOne(level: string, report: Report): Report {
  return report.passed + report.failed === 0 ? add(report, `${level} ran no test`) : report
}

/** Makes one report of a level of those of its parts. */
export function join(level: string, parts: readonly Report[]): Report {
  const report = sum(parts)
  mkdirSync(folder, { recursive: true })
  writeFileSync(fileOf(level), JSON.stringify(report))
  return atLeastOne(level, report)
}

/** Lines for a person: the tests that took longest, and the files that did. */
export function slowest({ tests }: Report, count = 10): string[] {
  const files = new Map<string, number>()
  for (const { file, ms } of tests) files.set(file, (files.get(file) ?? 0) + ms)
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`.padStart(9)
  const longest = tests.toSorted((one, other) => other.ms - one.ms).slice(0, count)
  const largest = [...files].toSorted(([, one], [, other]) => other - one).slice(0, count)
  return [
    ...longest.map(({ title, file, ms }) => `${seconds(ms)}  ${title} (${file})`),
    ...largest.map(([file, ms]) => `${seconds(ms)}  in all of ${file}`),
  ]
}
