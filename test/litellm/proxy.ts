/** The process of a LiteLLM proxy: on loopback, with a configuration of its own and nothing of this machine's. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ensureLitellm } from '../harness/litellm.ts'
import { endTree, freePort, killTree } from '../harness/processes.ts'

export type Proxy = {
  origin: string
  pid: number
  /** Its home, its configuration and its log. */
  folder: string
  /** Ends it with everything it started, and takes its folder away. */
  stop(): Promise<void>
}

export type ProxyOptions = {
  /** What `config.yaml` holds, or the path of a file that is used as it is. */
  configuration: object | string
  masterKey: string
  /** The port of an HTTP proxy on loopback that stands for everything outside this machine. */
  outside: number
  /** Further variables of its environment. */
  environment?: Record<string, string>
}

/** How long the proxy may take to answer, ms: cold, on a slow disk, it reads 100 MB of Python. */
const PATIENCE_MS = 120_000

/** It ends when its standard input does: so it cannot outlive the tests, however those end. */
const program = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from litellm import run_server
run_server()
`

/** Starts the proxy and waits until it answers. Throws its last words where it does not. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const python = await ensureLitellm()
  const port = await freePort()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-litellm-'))
  const file = path.join(folder, 'config.yaml')
  if (typeof options.configuration === 'string') copyFileSync(options.configuration, file)
  else writeFileSync(file, JSON.stringify(options.configuration, null, 2)) // JSON is YAML
  const log = path.join(folder, 'proxy.log')
  const output = openSync(log, 'w')
  const flags = ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--telemetry', 'False']
  const child = spawn(python, ['-c', program, ...flags], {
    cwd: folder,
    env: environment(folder, options),
    stdio: ['pipe', output, output],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('The LiteLLM proxy did not start.')
  const over = once(child, 'exit')
  const clean = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const atExit = (): void => {
    killTree(pid)
    clean()
  }
  const atSignal = (): void => process.exit(143)
  process.once('exit', atExit)
  process.once('SIGTERM', atSignal)
  const stop = async (): Promise<void> => {
    process.off('exit', atExit)
    process.off('SIGTERM', atSignal)
    await endTree(pid, 5_000)
    await over
    clean()
  }
  const origin = `http://127.0.0.1:${port}`
  for (let waited = 0; !(await answers(origin)); waited += 100) {
    if (child.exitCode !== null || child.signalCode !== null || waited > PATIENCE_MS) {
      const lastWords = readFileSync(log, 'utf8').slice(-3_000)
      await stop()
      throw new Error(`The LiteLLM proxy does not answer:\n${lastWords}`)
    }
    await pause(100)
  }
  return { origin, pid, folder, stop }
}

async function answers(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/health/readiness`)).ok
  } catch {
    return false
  }
}

/** What Python needs of the system; no key and no setting of a person's own gateway. */
function environment(folder: string, { masterKey, outside, environment: more }: ProxyOptions): NodeJS.ProcessEnv {
  const system = ['PATH', 'LANG', 'LD_LIBRARY_PATH', 'SYSTEMROOT', 'TEMP', 'TMPDIR']
  const inherited = Object.entries(process.env).filter(([name]) => system.includes(name.toUpperCase()))
  const away = `http://127.0.0.1:${outside}`
  return {
    ...Object.fromEntries(inherited),
    HOME: folder,
    USERPROFILE: folder,
    PYTHONUNBUFFERED: '1',
    HTTP_PROXY: away,
    HTTPS_PROXY: away,
    NO_PROXY: '127.0.0.1,localhost',
    LITELLM_MASTER_KEY: masterKey,
    // Each of these is otherwise fetched from the web at start or on first use.
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
    LITELLM_LOCAL_BLOG_POSTS: 'True',
    LITELLM_LOCAL_POLICY_TEMPLATES: 'True',
    LITELLM_LOCAL_AUTOROUTER_PRESETS: 'True',
    ...more,
  }
}
