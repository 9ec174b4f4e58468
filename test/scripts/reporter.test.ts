import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '../harness/environment.ts'
import type { Report } from '../harness/reporter.ts'

describe('the report of a run', () => {
  let folder: string
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'panelist-reporter-'))))
  after(() => rmSync(folder, { recursive: true, force: true }))

  const run = (source: string): Report => {
    const [file, report] = [path.join(folder, 'some.test.mjs'), path.join(folder, 'report.json')]
    writeFileSync(file, source)
    const program = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js')
    const reporter = path.join(root, 'test', 'harness', 'reporter.ts')
    const args = [program, '--no-config', '--no-forbid-pending', '--reporter', reporter, file]
    spawnSync(process.execPath, args, { cwd: root, env: { ...process.env, PANELIST_REPORT: report } })
    return JSON.parse(readFileSync(report, 'utf8')) as Report
  }

  it('says why a test failed and where, in few lines', () => {
    const { passed, failed, failures } = run(`
      import assert from 'node:assert/strict'
      describe('sums', () => {
        it('are right', () => assert.equal(1 + 1, 2))
        it('are wrong', () => assert.equal(1 + 1, 3, 'one and one'))
        it('are long', () => { throw new Error(Array(100).fill('x'.repeat(1000)).join('\\n')) })
      })`)
    assert.deepEqual([passed, failed], [1, 2])
    const [wrong = '', long = ''] = failures
    assert.match(wrong, /^sums are wrong\n {4}AssertionError: one and one\n[\s\S]*some\.test\.mjs:5:/)
    assert.ok(long.split('\n').length < 20 && long.length < 6_000, `${long.length} characters`)
  })

  it('counts a test that is left out as failed, unless its title says why', () => {
    const { passed, failed, failures } = run(`
      describe('sums', () => {
        it('are to come')
        it('are for others (pending: there are none)')
        it('are right', () => undefined)
      })`)
    assert.deepEqual([passed, failed], [1, 1])
    assert.deepEqual(failures, ['sums are to come (pending without a reason)'])
  })
})
