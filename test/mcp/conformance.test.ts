/** The official conformance suite of MCP against our client, on loopback. What is passed here is our score. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import path from 'node:path'
import { text } from 'node:stream/consumers'

const root = path.resolve(import.meta.dirname, '../..')
const suite = path.join(root, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
const client = `node ${path.join(import.meta.dirname, 'conformance/client.ts')}`

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  const common = ['client', '--command', client, '--output-dir', path.join(root, 'out/mcp-conformance')]
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

/** Scenarios passed, by part of the suite; and those that ask for what Panelist does not do. */
const score = new Map<string, number>()
const left = new Set<string>()

describe('the conformance suite', function () {
  this.timeout(120_000)
  after(() => {
    const passed = [...score.values()].reduce((sum, count) => sum + count, 0)
    const parts = [...score].map(([part, count]) => `${part} ${count}`).join(', ')
    const missing = left.size > 0 ? ` (not: ${[...left].sort().join(', ')})` : ''
    console.log(`    MCP conformance: ${passed} of ${passed + left.size} client scenarios${missing}; ${parts}`)
  })

  // One by one: how soon a stream is opened again is measured, and scenarios side by side slow each other down.
  for (const scenario of ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry']) {
    it(`passes us in ${scenario}`, async () => {
      const { code, output } = await run('--scenario', scenario)
      assert.equal(code, 0, output)
      assert.match(output, /Passed: (\d+)\/\1\b/, output)
      score.set('core', (score.get('core') ?? 0) + 1)
    })
  }

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
