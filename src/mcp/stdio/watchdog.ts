/**
 * Ends the server processes of a host that was killed. Most servers end when their standard input does; a stubborn one,
 * or one that started others, would go on for ever. So one small process outlives the host by a moment: it reads which
 * process groups there are from a pipe that only the host holds, and when the pipe breaks it ends them and itself.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { signalTree, treeOf } from './process-tree.ts'

/** From the host's end to the last SIGKILL, milliseconds. */
const GRACE_MS = 700

/** One that ends more often than this is not started again. */
const MOST_STARTS = 5

/** Runs in the other process: refers to nothing but its parameters and Node. */
function watch(tree: typeof treeOf, signal: typeof signalTree, graceMs: number): void {
  const guarded = new Set<number>()
  let rest = ''
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    if (guarded.size === 0) process.exit()
    const roots = [...guarded]
    if (process.platform === 'win32') {
      const { spawnSync } = process.getBuiltinModule('node:child_process')
      for (const pid of roots) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true })
      process.exit()
    }
    // Taken before the first signal: children of a process that ended are no longer known as such.
    const all = tree(roots)
    signal(roots, [], 'SIGTERM')
    setTimeout(() => {
      signal(roots, [...new Set([...all, ...tree(all)])], 'SIGKILL')
      process.exit()
    }, graceMs)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
  process.stdout.on('error', () => {})
  process.stdin.on('end', end).on('close', end).on('error', end)
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const pid = Number(line.slice(1))
      if (line.startsWith('+')) guarded.add(pid)
      else guarded.delete(pid)
      process.stdout.write(`${pid}\n`)
    }
  })
}

export class Watchdog implements Disposable {
  readonly #program: string
  #process: ChildProcess | undefined
  readonly #guarded = new Set<number>()
  readonly #waiting = new Map<number, () => void>()
  #disposed = false
  #starts = 0

  /** `program`: of Node, or an Electron that can be one. */
  constructor(program = process.execPath) {
    this.#program = program
  }

  /** False where it ends over and over or cannot be started: servers then run without it. */
  get works(): boolean {
    return this.#starts <= MOST_STARTS
  }

  /** Settles when `pid`, the leader of a process group, is watched over; after 5 s in any case. Never rejects. */
  guard(pid: number): Promise<void> {
    this.#guarded.add(pid)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 5_000)
      this.#waiting.set(pid, () => {
        clearTimeout(timer)
        resolve()
      })
      this.#tell(`+${pid}\n`)
    })
  }

  release(pid: number): void {
    this.#waiting.get(pid)?.()
    this.#waiting.delete(pid)
    if (this.#guarded.delete(pid) && this.#process) this.#tell(`-${pid}\n`)
  }

  /** What is still guarded is ended, as if the host were gone. */
  [Symbol.dispose](): void {
    this.#disposed = true
    this.#process?.stdin?.end()
  }

  #tell(line: string): void {
    if (this.#disposed) return
    if (!this.#process && ++this.#starts > MOST_STARTS) return this.#waiting.forEach((settle) => settle())
    this.#process ??= this.#start()
    this.#process.stdin?.write(line)
  }

  #start(): ChildProcess {
    const source = `(${watch.toString()})(${treeOf.toString()}, ${signalTree.toString()}, ${GRACE_MS})`
    const child = spawn(this.#program, ['-e', source], {
      // The extension host's own program is Electron, which is a Node only when told so.
      env: { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
      // A group of its own: what ends the host's group must not end the watchdog with it.
      detached: true,
      windowsHide: true,
      cwd: process.platform === 'win32' ? process.cwd() : '/',
    })
    const gone = (): void => {
      if (this.#process !== child) return
      this.#process = undefined
      for (const pid of this.#guarded) this.#tell(`+${pid}\n`)
    }
    child.on('error', gone)
    child.on('exit', gone)
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#waiting.get(Number(line))?.()
      this.#waiting.delete(Number(line))
    })
    // It must not keep a host alive that has nothing else to do.
    child.unref()
    ;(child.stdin as Socket).unref()
    ;(child.stdout as Socket).unref()
    return child
  }
}
