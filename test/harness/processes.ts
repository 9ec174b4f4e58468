/** Starting, measuring and ending processes together with everything they started. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

export type ProcessEntry = { pid: number; parent: number; command: string }

/** Every process of this machine. Linux answers from /proc: a small Debian has no `ps`. */
function processes(): ProcessEntry[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
          return [{ pid: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command }]
        } catch {
          return [] // it ended while we looked
        }
      })
  }
  if (process.platform === 'win32') return []
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], { encoding: 'utf8', maxBuffer: 1e8 })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
      return pid ? [{ pid: Number(pid), parent: Number(parent), command }] : []
    })
}

/** The process `pid` and all that descend from it, parents before children. */
export function processTree(pid: number): ProcessEntry[] {
  const all = processes()
  const tree = all.filter((entry) => entry.pid === pid)
  for (const entry of tree) tree.push(...all.filter((child) => child.parent === entry.pid))
  return tree
}

/** The processes whose command line holds `text`. */
export function processesWith(text: string): ProcessEntry[] {
  return processes().filter((entry) => entry.pid !== process.pid && entry.command.includes(text))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // already gone
  }
}

/** Ends `pid` and its descendants at once, without a chance to tidy up. */
export function killTree(pid: number): void {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' })
    } catch {
      // already gone
    }
    return
  }
  for (const entry of processTree(pid)) signal(entry.pid, 'SIGKILL')
}

/** Asks `pid` and its descendants to end, and ends those that are left after `graceMs`. */
export async function endTree(pid: number, graceMs = 1_000): Promise<void> {
  if (process.platform === 'win32') return killTree(pid)
  const tree = processTree(pid)
  for (const entry of tree) signal(entry.pid, 'SIGTERM')
  const left = () => tree.filter((entry) => isSame(entry))
  const gone = async (): Promise<void> => {
    const deadline = Date.now() + graceMs
    while (left().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await gone()
  for (const entry of left()) signal(entry.pid, 'SIGKILL')
  // A process that is killed may write until it is gone, into folders that are removed next.
  await gone()
}

/** True while the process of this entry runs; its id may have gone to another program since. */
function isSame(entry: ProcessEntry): boolean {
  if (process.platform !== 'linux') return processTree(entry.pid).some((now) => now.command === entry.command)
  try {
    const command = readFileSync(`/proc/${entry.pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return command !== '' && command === entry.command // a zombie's command line is empty
  } catch {
    return false
  }
}

/** A TCP port that is free on loopback now: `wished`, where it is. */
export async function freePort(wished = 0): Promise<number> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wished, '127.0.0.1', resolve))
  } catch (error) {
    if (wished === 0) throw error
    return freePort()
  }
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('The system named no port.')
  return address.port
}
