/** The last command of the terminals, as shell integration tells of it. The end of its output is kept, in memory. */
import * as vscode from 'vscode'
import { printed, tail } from '../../tools/built-in/text.ts'
import type { LastCommand } from './desk.ts'

/** UTF-16 units of raw output. */
const MOST = 60_000
const MOST_LINE = 2_000

type Run = { terminal: string; line: string; raw: string; exitCode?: number; ended: boolean }

export class TerminalLog implements vscode.Disposable {
  readonly #runs = new Map<vscode.TerminalShellExecution, Run>()
  #last: Run | undefined
  readonly #listening: vscode.Disposable

  constructor() {
    this.#listening = vscode.Disposable.from(
      vscode.window.onDidStartTerminalShellExecution(
        ({ terminal, execution }) => void this.#follow(terminal, execution),
      ),
      vscode.window.onDidEndTerminalShellExecution(({ execution, exitCode }) => {
        const run = this.#runs.get(execution)
        if (run) Object.assign(run, { ended: true, ...(exitCode !== undefined && { exitCode }) })
        this.#runs.delete(execution)
      }),
    )
  }

  get last(): LastCommand | undefined {
    const run = this.#last
    if (!run) return undefined
    const { terminal, line, raw, exitCode, ended } = run
    return {
      terminal,
      line,
      output: printed(raw),
      ...(exitCode !== undefined && { exitCode }),
      ...(!ended && { running: true as const }),
    }
  }

  dispose(): void {
    this.#listening.dispose()
  }

  async #follow(terminal: vscode.Terminal, execution: vscode.TerminalShellExecution): Promise<void> {
    const line = execution.commandLine.value.slice(0, MOST_LINE)
    if (line.trim() === '') return
    const run: Run = { terminal: terminal.name, line, raw: '', ended: false }
    this.#runs.set(execution, run)
    this.#last = run
    for await (const text of execution.read()) run.raw = tail(run.raw + text, MOST)
  }
}
