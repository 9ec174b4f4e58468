/** Commands in a plain child process, for where no terminal can tell how they end. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { Pieces } from '../built-in/text.ts'
import type { CommandLine, Ran, Terminal } from '../ports.ts'

/** UTF-16 units of output that are kept: as many of the beginning, and as many of the end. */
const KEPT = 500_000
/** Milliseconds that pipes may stay open after the shell has ended, in the hands of what it left running. */
const DRAIN_MS = 200

/** What a host does with processes. `end`: ends one, its group and all below it. `guard`: until `release`, they end with the host. */
export type Keeper = { end(pid: number): Promise<void>; guard(pid: number): unknown; release(pid: number): void }

export class PlainShell implements Terminal {
  readonly shell: string
  readonly #program: string
  readonly #keeper: Keeper

  /** `program`: the shell’s absolute path. */
  constructor(program: string, keeper: Keeper) {
    this.#program = program
    this.#keeper = keeper
    this.shell = shellName(program)
  }

  run({ command, folder, timeoutMs, signal, onOutput }: CommandLine): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const windows = process.platform === 'win32'
      const child = spawn(this.#program, argumentsFor(this.shell, command), {
        cwd: folder,
        env: plainEnvironment(),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: !windows,
        windowsHide: true,
        windowsVerbatimArguments: this.shell === 'cmd',
      })
      if (child.pid !== undefined) this.#keeper.guard(child.pid)
      const output = new Output(onOutput)
      let ended: Ran['ended'] = 'exit'
      let ending: Promise<void> | undefined
      const end = (why: Ran['ended']): void => {
        if (ending || child.pid === undefined) return
        ended = why
        ending = this.#keeper.end(child.pid)
      }
      const stop = (): void => end('stopped')
      const timer = setTimeout(() => end('timeout'), timeoutMs)
      const finish = async (code: number | null): Promise<void> => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        await ending
        if (child.pid !== undefined) this.#keeper.release(child.pid)
        child.stdout.destroy()
        child.stderr.destroy()
        resolve({ output: output.text, ended, ...(code !== null && ended === 'exit' && { exitCode: code }) })
      }
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => output.add(text))
      child.once('error', (error) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        reject(new Error(`The shell ${this.#program} could not be started: ${error.message}`))
      })
      child.once('exit', (code) => {
        const drained = setTimeout(() => void finish(code), DRAIN_MS)
        child.once('close', () => {
          clearTimeout(drained)
          void finish(code)
        })
      })
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
    })
  }
}

/** What a command wrote: all of it is passed on, the beginning and the end are kept. */
export class Output {
  #head = ''
  #tail = ''
  #left = 0
  readonly #pieces = new Pieces()
  readonly #onOutput: (text: string) => void

  constructor(onOutput: (text: string) => void) {
    this.#onOutput = onOutput
  }

  add(raw: string): void {
    const live = this.#pieces.next(raw)
    if (live) this.#onOutput(live)
    const room = KEPT - this.#head.length
    if (room > 0) this.#head += raw.slice(0, room)
    if (raw.length <= room) return
    this.#tail += raw.slice(Math.max(0, room))
    if (this.#tail.length > 2 * KEPT) {
      this.#left += this.#tail.length - KEPT
      this.#tail = this.#tail.slice(-KEPT)
    }
  }

  get text(): string {
    return this.#left === 0
      ? this.#head + this.#tail
      : `${this.#head}\n[${this.#left} characters left out]\n${this.#tail}`
  }
}

export function shellName(program: string): string {
  return (program.split(/[\\/]/).at(-1) ?? program).toLowerCase().replace(/\.exe$/, '')
}

function argumentsFor(shell: string, command: string): string[] {
  if (shell === 'cmd') return ['/d', '/s', '/c', `"${command}"`]
  if (shell === 'powershell' || shell === 'pwsh') return ['-NoProfile', '-NonInteractive', '-Command', command]
  return ['-c', command]
}

/** What a terminal of the editor would have: the extension host’s own variables mean nothing to programs. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:VSCODE_|ELECTRON_)/.test(name))
  return { ...Object.fromEntries(own), ...noPagers }
}

export const noPagers = { PAGER: 'cat', GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0' }

/** The shell where nobody says which. */
export function defaultShell(): string {
  if (process.platform === 'win32') return process.env['ComSpec'] ?? 'cmd.exe'
  const own = process.env['SHELL']
  return own && path.isAbsolute(own) ? own : '/bin/sh'
}
