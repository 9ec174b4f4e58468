/** One server process with everything it starts: begun under the watchdog, ended whole. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { McpError } from '../errors.ts'
import { environmentOf, findCommand, forWindows, gated } from './command.ts'
import { signalTree, taskkill, treeOf } from './process-tree.ts'
import type { Watchdog } from './watchdog.ts'

export type Program = { command: string; args: string[]; env: Record<string, string | null>; cwd: string }

/** How a process ended: its exit code, or the signal that ended it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** Milliseconds a server has to end after its input did, and again after SIGTERM. */
const STEPS_MS = [500, 600]

export class ServerProcess {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the process that was started is gone. Never rejects. */
  readonly exited: Promise<Exit>
  readonly #watchdog: Watchdog
  #running = true

  /** Throws an `McpError` where the program does not exist or cannot be started. */
  static async start(server: string, program: Program, watchdog: Watchdog): Promise<ServerProcess> {
    const env = environmentOf(program.env)
    const file = locate(server, program, env)
    const windows = process.platform === 'win32'
    const start = windows ? forWindows(file, program.args) : gated(file, program.args)
    const child = spawn(start.file, start.args, {
      env,
      cwd: program.cwd,
      stdio: ['pipe', 'pipe', 'pipe', windows ? 'ignore' : 'pipe'],
      detached: !windows,
      windowsHide: true,
      windowsVerbatimArguments: start.verbatim ?? false,
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) =>
        reject(
          new McpError({ code: 'start', server, what: `${server}: ${program.command} could not be started.`, cause }),
        ),
      )
    })
    const started = new ServerProcess(child, watchdog)
    await watchdog.guard(started.pid)
    const gate = child.stdio[3] as Writable | null
    gate?.on('error', () => {}).end('go\n')
    return started
  }

  constructor(child: ChildProcess, watchdog: Watchdog) {
    const { pid, stdin, stdout, stderr } = child
    if (pid === undefined || !stdin || !stdout || !stderr) throw new Error('A process without pipes was started.')
    this.pid = pid
    this.stdin = stdin
    this.stdout = stdout
    this.stderr = stderr
    this.#watchdog = watchdog
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#running = false
        // Nothing it started goes on without it.
        if (process.platform !== 'win32') signalTree([pid], [], 'SIGKILL')
        watchdog.release(pid)
        resolve({ code, signal })
      })
    })
  }

  /** Ends the process and all below it: by closing its input, then by SIGTERM, then by SIGKILL. At most 1.5 s. */
  async end(): Promise<void> {
    if (!this.#running) return
    const roots = [this.pid]
    const tree = treeOf(roots)
    this.stdin.end()
    if (!(await this.#gone(STEPS_MS[0]))) {
      if (process.platform === 'win32') await taskkill(this.pid)
      else signalTree(roots, [], 'SIGTERM')
    }
    const ended = await this.#gone(STEPS_MS[1])
    const left = treeOf(tree).filter((pid) => !ended || pid !== this.pid)
    signalTree(ended ? [] : roots, left, 'SIGKILL')
    await this.#gone(200)
    await allGone(left, 200)
    this.#watchdog.release(this.pid)
  }

  async #gone(withinMs = 0): Promise<boolean> {
    const waiting = new AbortController()
    await Promise.race([this.exited, pause(withinMs, undefined, { signal: waiting.signal }).catch(() => {})])
    waiting.abort()
    return !this.#running
  }
}

/** Waits until none of these runs: a signal is sent in no time, and works a moment later. */
async function allGone(pids: readonly number[], withinMs: number): Promise<void> {
  for (const end = Date.now() + withinMs; pids.some(isThere) && Date.now() < end;) await pause(10)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function locate(server: string, { command, cwd }: Program, env: Record<string, string>): string {
  if (!isFolder(cwd)) {
    throw new McpError({
      code: 'configuration',
      server,
      what: `${server} cannot start: its folder ${cwd} does not exist.`,
      todo: 'Correct “cwd” in its configuration.',
    })
  }
  const file = findCommand(command, env, cwd)
  if (file) return file
  throw new McpError({
    code: 'missing-command',
    server,
    what: `${server} cannot start: there is no program ${command} on this machine.`,
    todo: 'Install it, or give its full path in the configuration.',
  })
}

function isFolder(folder: string): boolean {
  try {
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}
