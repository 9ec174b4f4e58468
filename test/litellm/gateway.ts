/** A real LiteLLM proxy on loopback, in front of an upstream that a test scripts. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createProvider } from '../../src/llm/index.ts'
import type { Provider } from '../../src/llm/index.ts'
import { ensureLitellm } from '../harness/litellm.ts'
import { endTree, freePort, killTree } from '../harness/processes.ts'
import type { Handler, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { configuration } from './configuration.ts'

/** The one key that this gateway knows. Keys for people and teams would take a database of its own. */
export const virtualKey = 'sk-virtual-key-of-the-tests'

export type Gateway = AsyncDisposable & {
  /** With `/v1`, as `createProvider` takes it. */
  baseUrl: string
  pid: number
  /** What the gateway asked of the upstream, oldest first. */
  upstream: ScriptedServer
  /** Every address outside this machine that the gateway reached for, as it named it. */
  outside: string[]
  /** Says how the upstream answers from now on. */
  answers(handler: Handler): void
  provider(apiKey?: string): Provider
}

/** How long the proxy may take to answer, ms: cold, on a slow disk, it reads 100 MB of Python. */
const PATIENCE_MS = 120_000

/** Starts the proxy. Throws its last words where it does not start. */
export async function startGateway(): Promise<Gateway> {
  const python = await ensureLitellm()
  let answer: Handler = (script) => script.json(500, { error: { message: 'No test said how to answer.' } })
  const upstream = await startScriptedServer((script) => answer(script))
  const lookout = await startLookout()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-litellm-'))
  const close = async (): Promise<void> => {
    await Promise.all([upstream.close(), lookout.close()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const port = await freePort()
    const proxy = startProxy(python, folder, port, configuration(upstream.origin), lookout.port)
    await ready(proxy, port)
    const baseUrl = `http://127.0.0.1:${port}/v1`
    return {
      baseUrl,
      pid: proxy.pid,
      upstream,
      outside: lookout.seen,
      answers: (handler) => void (answer = handler),
      provider: (apiKey = virtualKey) => createProvider('litellm', { baseUrl, apiKey }),
      [Symbol.asyncDispose]: async () => {
        await proxy.stop()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Proxy = { pid: number; isOver(): boolean; lastWords(): string; stop(): Promise<void> }

/** The proxy ends when its standard input does: so it cannot outlive the tests, however those end. */
const program = `
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from litellm import run_server
run_server()
`

function startProxy(python: string, folder: string, port: number, config: object, lookout: number): Proxy {
  const file = path.join(folder, 'config.yaml')
  writeFileSync(file, JSON.stringify(config, null, 2)) // JSON is YAML
  const logFile = path.join(folder, 'proxy.log')
  const log = openSync(logFile, 'w')
  const flags = ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--telemetry', 'False']
  const child = spawn(python, ['-c', program, ...flags], {
    cwd: folder,
    env: environment(folder, lookout),
    stdio: ['pipe', log, log],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('The LiteLLM proxy did not start.')
  const over = once(child, 'exit')
  const atExit = (): void => killTree(pid)
  const atSignal = (): void => process.exit(143)
  process.once('exit', atExit)
  process.once('SIGTERM', atSignal)
  const stop = async (): Promise<void> => {
    process.off('exit', atExit)
    process.off('SIGTERM', atSignal)
    await endTree(pid, 5_000)
    await over
  }
  return {
    pid,
    isOver: () => child.exitCode !== null || child.signalCode !== null,
    lastWords: () => readFileSync(logFile, 'utf8').slice(-3_000),
    stop,
  }
}

/** Nothing of this process's own: no key and no setting of a person's gateway. Everything outside goes by the lookout. */
function environment(folder: string, lookout: number): NodeJS.ProcessEnv {
  const system = ['PATH', 'LANG', 'LD_LIBRARY_PATH', 'SYSTEMROOT', 'TEMP', 'TMPDIR']
  const inherited = Object.entries(process.env).filter(([name]) => system.includes(name.toUpperCase()))
  const away = `http://127.0.0.1:${lookout}`
  return {
    ...Object.fromEntries(inherited),
    HOME: folder,
    USERPROFILE: folder,
    PYTHONUNBUFFERED: '1',
    HTTP_PROXY: away,
    HTTPS_PROXY: away,
    NO_PROXY: '127.0.0.1,localhost',
    LITELLM_MASTER_KEY: virtualKey,
    // Each of these is otherwise fetched from the web at start or on first use.
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS: 'True',
    LITELLM_LOCAL_BLOG_POSTS: 'True',
    LITELLM_LOCAL_POLICY_TEMPLATES: 'True',
    LITELLM_LOCAL_AUTOROUTER_PRESETS: 'True',
  }
}

async function ready(proxy: Proxy, port: number): Promise<void> {
  for (let waited = 0; !(await lives(port)); waited += 100) {
    if (proxy.isOver() || waited > PATIENCE_MS) {
      await proxy.stop()
      throw new Error(`The LiteLLM proxy does not answer:\n${proxy.lastWords()}`)
    }
    await pause(100)
  }
}

async function lives(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/readiness`)).ok
  } catch {
    return false
  }
}

type Lookout = { port: number; seen: string[]; close(): Promise<void> }

/** An HTTP proxy that lets nobody through and writes down who came: the first line of each request names its goal. */
async function startLookout(): Promise<Lookout> {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', (data) => {
      seen.push(data.toString().split('\r\n', 1)[0] ?? '')
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The system named no port.')
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: address.port, seen, close }
}
