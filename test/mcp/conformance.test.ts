/** The official conformance suite of MCP against our client, on loopback. What is passed here is our score. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'

const root = path.resolve(import.meta.dirname, '../..')
const suite = path.join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
const client = `node ${path.join(import.meta.dirname, 'conformance/client.ts')}`

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  // Fourteen clients start at once. These times are against hanging alone.
  const common = [
    'client',
    '--command',
    client,
    '--timeout',
    '120000',
    '--output-dir',
    path.join(root, 'out/mcp-conformance'),
  ]
  // The suite starts `node` by its name.
  const env = { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(process.execPath, [suite, ...common, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { code, output: output + complaints }
}

/** What the suite writes of one thing that it looked at. */
type Check = { id: string; status: string; details?: { tooEarly?: boolean; expectedRetryMs?: number } }

/** Scenarios passed, by part of the suite; and those that ask for what Panelist does not do. */
const score = new Map<string, number>()
const left = new Set<string>()

describe('the conformance suite', function () {
  this.timeout(300_000)
  after(() => {
    const passed = [...score.values()].reduce((sum, count) => sum + count, 0)
    const parts = [...score].map(([part, count]) => `${part} ${count}`).join(', ')
    const missing = left.size > 0 ? ` (not: ${[...left].sort().join(', ')})` : ''
    console.log(`    MCP conformance: ${passed} of ${passed + left.size} client scenarios${missing}; ${parts}`)
  })

  for (const scenario of ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults']) {
    it(`passes us in ${scenario}`, async () => {
      const { code, output } = await run('--scenario', scenario)
      assert.equal(code, 0, output)
      assert.match(output, /Passed: (\d+)\/\1\b/, output)
      score.set('core', (score.get('core') ?? 0) + 1)
    })
  }

  // The suite fails whoever is 200 ms late by its own clock, which a busy machine is. So late counts as it is meant: by
  // what our client asks of the timer.
  it('passes us in sse-retry', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'conformance-'))
    try {
      const { output } = await run('--scenario', 'sse-retry', '--output-dir', folder)
      const written = (name: string) => readFileSync(globSync(path.join(folder, '*', name))[0] ?? name, 'utf8')
      const checks = (JSON.parse(written('checks.json')) as Check[]).filter(({ status }) => status !== 'INFO')
      assert.equal(checks.length, 3, output)
      for (const { id, status, details } of checks) {
        if (status === 'SUCCESS') continue
        assert.equal(id, 'client-sse-retry-timing', output)
        assert.equal(details?.tooEarly, false, output)
      }
      const asked = checks.find(({ id }) => id === 'client-sse-retry-timing')?.details?.expectedRetryMs
      assert.match(written('stderr.txt'), new RegExp(`^waits ${asked} ms$`, 'm'))
      score.set('core', (score.get('core') ?? 0) + 1)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  for (const [name, scenarios] of Object.entries({ auth: 14, backcompat: 2, draft: 3, extensions: 0 })) {
    it(`passes us in ${scenarios} scenarios of its part “${name}”`, async () => {
      const baseline = path.join(import.meta.dirname, 'conformance/expected-failures.yml')
      const { code, output } = await run('--suite', name, '--expected-failures', baseline)
      assert.equal(code, 0, output)
      for (const [, failed = ''] of output.matchAll(/^✗ (\S+): /gm)) left.add(failed)
      const passed = [...output.matchAll(/^✓ \S+: [1-9]\d* passed, 0 failed/gm)]
      score.set(name, passed.length)
      assert.equal(passed.length, scenarios, output)
    })
  }
})
