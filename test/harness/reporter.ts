/**
 * Mocha's spec output, plus the counts in a file for whoever adds several runs up. A pending test is a failure, unless its
 * title ends with the reason: `it('replays recordings (pending: there are none beside this checkout)')`.
 */
import { writeFileSync } from 'node:fs'
import Mocha from 'mocha'

/** What a run of mocha leaves in the file that `PANELIST_REPORT` names. */
export type Report = { passed: number; failed: number; failures: string[] }

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const report: Report = { passed: 0, failed: 0, failures: [] }
    runner.on('pass', () => report.passed++)
    runner.on('fail', (test) => {
      report.failed++
      report.failures.push(test.fullTitle())
    })
    runner.on('pending', (test) => {
      if (/\(pending: .+\)$/.test(test.title)) return
      report.failed++
      report.failures.push(`${test.fullTitle()} (pending without a reason)`)
    })
    runner.on('end', () => {
      const file = process.env['PANELIST_REPORT']
      if (file) writeFileSync(file, JSON.stringify(report))
    })
  }
}
