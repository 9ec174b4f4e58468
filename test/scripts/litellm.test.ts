import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from '../harness/environment.ts'

describe('npm run test:litellm', function () {
  this.timeout(90_000)
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-no-python-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs it with an empty cache on a machine that has no other program than these. */
  async function run(programs: Record<string, string>): Promise<{ code: number; lines: string[]; said: string }> {
    for (const [name, script] of Object.entries(programs)) {
      writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`)
      chmodSync(path.join(folder, name), 0o755)
    }
    const child = spawn(process.execPath, [path.join(root, 'scripts', 'test.ts'), 'litellm'], {
      env: { ...process.env, PATH: folder, PANELIST_CACHE: path.join(folder, 'cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, said] = ['', '']
    child.stdout.on('data', (data: Buffer) => (out += data.toString()))
    child.stderr.on('data', (data: Buffer) => (said += data.toString()))
    const [code] = (await once(child, 'close')) as [number]
    return { code, lines: out.trim().split('\n'), said }
  }

  it('says in a sentence that nothing was run where there is no Python, and does not pass', async () => {
    const { code, lines, said } = await run({})
    assert.deepEqual(lines, ['0 passed, 0 failed'])
    assert.equal(code, 1)
    assert.match(said, /The LiteLLM suite was not run, because there is no Python 3\.10 to 3\.14 with venv and pip\.\n/)
  })

  it('says the same where Python cannot make environments and no package helps', async () => {
    const { lines, said } = await run({ python3: 'exit 1', 'apt-get': 'echo "E: Unable to locate package"; exit 100' })
    assert.deepEqual(lines, ['0 passed, 0 failed'])
    assert.match(said, /was not run, because there is no Python .*\n/)
  })

  it('repeats what pip said last where the registry cannot be reached', async () => {
    const python = 'case "$*" in *"pip install"*) echo "Looking"; echo "ERROR: Nobody there"; exit 1;; esac'
    const { lines, said } = await run({ python3: `${python}; /bin/mkdir -p "$3/bin"; /bin/cp "$0" "$3/bin/python"` })
    assert.deepEqual(lines, ['0 passed, 0 failed'])
    assert.match(said, /was not run, because pip could not install it \(ERROR: Nobody there\)\.\n/)
  })
})
