/** How a command is ended with all it started. */
import { setTimeout as pause } from 'node:timers/promises'
import { Watchdog } from '../../mcp/stdio/watchdog.ts'
import type { Keeper } from '../../tools/machine/shell.ts'
import { signalTree, taskkill, treeOf } from '../../mcp/stdio/process-tree.ts'

/** Milliseconds from SIGTERM to SIGKILL. */
const GRACE_MS = 600
/** Milliseconds that a killed process may take to go. */
const KILL_MS = 200

/** Keeps commands that run without a terminal: those end with the host, also where it is killed, or with this. */
export class CommandKeeper implements Keeper, Disposable {
  readonly #watchdog = new Watchdog()

  end(pid: number): Promise<void> {
    return endProcess(pid)
  }
  guard(pid: number): void {
    void this.#watchdog.guard(pid)
  }
  release(pid: number): void {
    this.#watchdog.release(pid)
  }
  [Symbol.dispose](): void {
    this.#watchdog[Symbol.dispose]()
  }
}

/** Ends `pid`, the group it leads, and all below it. Settles when they are gone or were killed. Never rejects. */
export async function endProcess(pid: number): Promise<void> {
  if (process.platform === 'win32') return taskkill(pid)
  await endAll([pid], treeOf([pid]))
}

/** Ends all that a shell has started, and not the shell. */
export async function endChildren(shell: number): Promise<void> {
  await endAll([], childrenOf(shell))
}

/** All below a process. */
export function childrenOf(pid: number): number[] {
  return process.platform === 'win32' ? [] : treeOf([pid]).filter((each) => each !== pid)
}

async function endAll(leaders: readonly number[], tree: readonly number[]): Promise<void> {
  if (tree.length === 0 && leaders.length === 0) return
  signalTree(leaders, tree, 'SIGTERM')
  await gone(tree, GRACE_MS)
  // Children of a process that ended are no longer below it: they are looked for under all that were there.
  const left = [...new Set([...tree, ...treeOf(tree)])]
  signalTree(leaders, left, 'SIGKILL')
  await gone(left, KILL_MS)
}

async function gone(pids: readonly number[], withinMs: number): Promise<void> {
  for (let waited = 0; waited < withinMs && pids.some(runs); waited += 20) await pause(20)
}

/** True also for a process that has ended but that nobody has asked about. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
