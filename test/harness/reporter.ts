/**
 * Mocha's spec output, plus the counts and times in a file for whoever adds several runs up. A pending test is a failure, unless its
 * title ends with the reason: `it('replays recordings (pending: there are none beside this checkout)')`.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import Mocha from 'mocha'

/** A test that ran. `file`: from the project's root; empty where the tests are a bundle. */
export type Timed = { title: string; file: string; ms: number }

/** What a run of mocha leaves in the file that `PANELIST_REPORT` names. `failures`: a title and, in lines of their own, why. */
export type Report = { passed: number; failed: number; failures: string[]; tests: Timed[] }

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const report: Report = { passed: 0, failed: 0, failures: [], tests: [] }
    runner.on('pass', () => report.passed++)
    runner.on('fail', (test, error) => {
      report.failed++
      report.failures.push([test.fullTitle(), ...reasonOf(error)].join('\n    '))
    })
    runner.on('pending', (test) => {
      if (/\(pending: .+\)$/.test(test.title)) return
      report.failed++
      report.failures.push(`${test.fullTitle()} (pending without a reason)`)
    })
    runner.on('test end', (test) => {
      const file = test.file ? path.relative(process.cwd(), test.file) : ''
      if (!test.isPending()) report.tests.push({ title: test.fullTitle(), file, ms: test.duration ?? 0 })
    })
    runner.on('end', () => {
      const file = process.env['PANELIST_REPORT']
      if (file) writeFileSync(file, JSON.stringify(report))
    })
  }
}

/** Lines of a message and of a stack that are told again where all levels have run: the end is what is kept of a long output. */
const REASON = { message: 12, stack: 4 }

function reasonOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  const message = `${error.name}: ${error.message}`.split('\n').filter((line) => line.trim() !== '')
  const stack = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node:internal'))
  const lines = [...message.slice(0, REASON.message), ...stack.slice(0, REASON.stack)]
  return lines.map((line) => line.slice(0, 300))
}
