/** What descends from processes, and how all of it is ended. POSIX; on Windows `taskkill /T` knows the tree. */
import { execFile } from 'node:child_process'

/**
 * The processes `roots` and all that descend from them. Refers to nothing outside of itself, because the watchdog
 * carries its text into another process.
 */
export function treeOf(roots: readonly number[]): number[] {
  const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs')
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  const pairs: [number, number][] = []
  try {
    if (process.platform === 'linux') {
      for (const name of readdirSync('/proc')) {
        if (!/^\d+$/.test(name)) continue
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
          pairs.push([Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])])
        } catch {
          // it ended while we looked
        }
      }
    } else if (process.platform !== 'win32') {
      const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', timeout: 2000 })
      for (const line of list.split('\n')) pairs.push(line.trim().split(/\s+/).map(Number) as [number, number])
    }
  } catch {
    // without a list there are still the groups
  }
  const tree = [...roots]
  for (const parent of tree) {
    for (const [pid, above] of pairs) if (above === parent && !tree.includes(pid)) tree.push(pid)
  }
  return tree
}

/** Signals the groups that `roots` lead, and each of `tree`. What is gone already is no error. Stands alone as well. */
export function signalTree(roots: readonly number[], tree: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of [...roots.map((root) => -root), ...tree]) {
    try {
      process.kill(pid, signal)
    } catch {
      // already gone
    }
  }
}

/** Windows: ends `pid` and all below it at once. */
export function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => resolve())
  })
}
