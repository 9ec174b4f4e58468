/** A command that checks an answer: it reads it from its standard input, and passes it by exit code 0. */
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { CheckResult } from '../../shared/benchmark.ts'
import { signalTree } from '../../mcp/stdio/process-tree.ts'
import { plainEnvironment } from '../../tools/machine/shell.ts'
import { endProcess } from '../workspace-tools/processes.ts'
import { outcome } from './check.ts'
import { CHECK_FOLDER } from './consent.ts'

const LIMIT_MS = 30_000
/** UTF-16 units of what it wrote that are kept as the reason. */
const KEPT = 300

/** Never rejects. What it started ends with it, after 30 s, or when the signal is aborted. */
export function runCheck(command: string, answer: string, signal: AbortSignal): Promise<CheckResult> {
  return new Promise((resolve) => {
    let child: ChildProcessWithoutNullStreams
    try {
      child = started(command)
    } catch (error) {
      return resolve(notStarted(error))
    }
    let words = ''
    let late = false
    const end = (): void => void (child.pid !== undefined && endProcess(child.pid))
    const timer = setTimeout(() => {
      late = true
      end()
    }, LIMIT_MS)
    const finish = (result: CheckResult): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy()
      // What it left behind is in its group still; where it was ended, that was as well.
      if (child.pid !== undefined && !late && !signal.aborted) signalTree([child.pid], [], 'SIGKILL')
      resolve(result)
    }
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-KEPT)))
    }
    child.once('error', (error) => finish(notStarted(error)))
    child.once('exit', (code) => {
      if (signal.aborted) return finish({ kind: 'command', why: 'It was stopped.' })
      if (late) return finish(outcome('command', false, `It took longer than ${LIMIT_MS / 1000} s.`))
      // What it wrote last may still be on its way.
      setTimeout(() => finish(outcome('command', code === 0, words.trim() || `It ended with exit code ${code}.`)), 50)
    })
    signal.addEventListener('abort', end, { once: true })
    // A command that does not read is no error.
    child.stdin.on('error', () => undefined)
    child.stdin.end(answer)
    if (signal.aborted) end()
  })
}

/** Throws where the system takes no such command: it is too long, or holds a NUL. */
const started = (command: string): ChildProcessWithoutNullStreams =>
  spawn(command, {
    shell: true,
    cwd: CHECK_FOLDER,
    env: plainEnvironment(),
    detached: process.platform !== 'win32',
    windowsHide: true,
  })

const notStarted = (error: unknown): CheckResult => ({
  kind: 'command',
  why: `It could not be started: ${(error instanceof Error ? error.message : String(error)).slice(0, KEPT)}`,
})
