/** A real LiteLLM proxy's program, installed on first use where there is a Python and its registry can be reached. */
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { installOnce, step } from '../../scripts/cache.mjs'
import { onPath } from './environment.ts'
import { endTree } from './processes.ts'

/** The newest release that asks for no package younger than a month, which registries that lag behind do not have. */
const version = '1.102.4'

/** How long Python and the proxy may take to install together, ms. A slow network must not cost the other tests their time. */
const PATIENCE_MS = 5 * 60_000

/** The proxy cannot run here. The message is a sentence that says why. */
export class NoLitellm extends Error {}

/** The Python that has `litellm[proxy]`. Throws `NoLitellm` where it cannot be had. */
export async function ensureLitellm(): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS
  const whole = (folder: string) => existsSync(path.join(folder, 'whole'))
  const folder = await installOnce(`litellm-${version}`, whole, async (partial) => {
    const python = await ensurePython(deadline)
    await step(`installing litellm[proxy] ${version} with pip`, async () => {
      await orNone('a Python environment could not be made', run(python, ['-m', 'venv', partial], deadline))
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1']
      const installed = run(pythonIn(partial), [...pip, `litellm[proxy]==${version}`], deadline)
      await orNone('pip could not install it', installed)
    })
    writeFileSync(path.join(partial, 'whole'), '')
  })
  return pythonIn(folder)
}

/** Found by its folder, so the environment still works after it was renamed; its scripts would not. */
function pythonIn(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python')
}

/** What LiteLLM runs on, with what makes an environment of its own (Debian packs that apart). */
const usable = 'import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 15))'

async function findPython(deadline: number): Promise<string | undefined> {
  for (const name of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']) {
    const python = onPath(name)
    if (python && (await run(python, ['-c', usable], deadline).then(isTrue, isFalse))) return python
  }
  return undefined
}

const isTrue = () => true
const isFalse = () => false

/** A Python that can make environments, or Debian's own, installed on first use where we may. */
async function ensurePython(deadline: number): Promise<string> {
  const found = await findPython(deadline)
  if (found) return found
  const none = 'there is no Python 3.10 to 3.14 with venv and pip'
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) throw new NoLitellm(none)
  await step('installing python3-venv with apt-get', async () => {
    const get = (...args: string[]) => orNone(`${none} and apt-get could not add it`, run('apt-get', args, deadline))
    await get('update', '-q')
    await get('install', '-y', '-q', '--no-install-recommends', 'python3-venv')
  })
  const installed = await findPython(deadline)
  if (!installed) throw new NoLitellm(`${none}, and Debian's package of it did not help`)
  return installed
}

async function orNone(what: string, work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    throw new NoLitellm(`${what} (${error instanceof Error ? error.message : String(error)})`, { cause: error })
  })
}

/** Runs a program until `deadline`. Throws its last line of output, or that it took too long. */
function run(file: string, args: string[], deadline: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let late = false
    const tell = (data: Buffer) => (output = (output + data.toString()).slice(-4_000))
    child.stdout.on('data', tell)
    child.stderr.on('data', tell)
    const end = () => void (child.pid !== undefined && endTree(child.pid))
    const limit = setTimeout(
      () => {
        late = true
        end()
      },
      Math.max(0, deadline - Date.now()),
    )
    process.once('SIGTERM', end)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(limit)
      process.off('SIGTERM', end)
      if (code === 0) resolve()
      else if (late) reject(new Error(`it took longer than ${PATIENCE_MS / 60_000} minutes`))
      else reject(new Error(output.trim().split('\n').at(-1) ?? `code ${code}`))
    })
  })
}
