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

describe('the conformance suite', function () {
  this.timeout(120_000)

  // One by one: how soon a stream is opened again is measured, and scenarios side by side slow each other down.
  for (const scenario of ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry']) {
    it(`passes us in ${scenario}`, async () => {
      const { code, output } = await run('--scenario', scenario)
      assert.equal(code, 0, output)
      assert.match(output, /Passed: (\d+)\/\1\b/, output)
    })
  }

  for (const [name, scenarios] of Object.entries({ auth: 14, backcompat: 2, draft: 3, extensions: 0 })) {
    it(`passes us in ${scenarios} scenarios of its part “${name}”`, async () => {
      const baseline = path.join(import.meta.dirname, 'conformance/expected-failures.yml')
      const { code, output } = await run('--suite', name, '--expected-failures', baseline)
      assert.equal(code, 0, output)
      const passed = [...output.matchAll(/^✓ \S+: [1-9]\d* passed, 0 failed/gm)]
      assert.equal(passed.length, scenarios, output)
    })
  }
})
