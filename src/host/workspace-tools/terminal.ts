/** Commands in a terminal that the person sees, followed by shell integration. */
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import { noPagers, Output, PlainShell, shellName } from '../../tools/machine/shell.ts'
import type { CommandLine, Ran, Terminal } from '../../tools/ports.ts'
import { childrenOf, CommandKeeper, endChildren, endProcess, runs } from './processes.ts'

/** Shells that the editor integrates by itself. They tell it when all is done that their start is made of, which may take long. */
const INTEGRATED = new Set(['bash', 'zsh', 'fish', 'pwsh', 'powershell'])
/** Milliseconds that a new terminal's shell has to tell that it is integrated: one of those, and any other. */
const INTEGRATION_MS = { known: 20_000, other: 3_000 }
/** Milliseconds for what a terminal does after a command was interrupted, or has ended. */
const SETTLE_MS = 1000

/** Milliseconds between looks at a shell that may have ended. */
const LOOK_MS = 400

const NAME = 'Panelist'

/**
 * Each command has a shell of its own: in one that was used before, the folder, an alias or an option could make of the
 * line something else than the person agreed to.
 */
export class EditorTerminal implements Terminal, vscode.Disposable {
  readonly shell: string
  readonly #keeper = new CommandKeeper()
  readonly #plain: PlainShell
  readonly #busy = new Set<vscode.Terminal>()
  readonly #done = new Set<vscode.Terminal>()
  /** A shell without integration will not have it the next time either. */
  #unintegrated = false

  constructor(program: string) {
    this.shell = shellName(program)
    this.#plain = new PlainShell(program, this.#keeper)
  }

  async run(line: CommandLine): Promise<Ran> {
    if (!isTypable(line.command)) {
      return this.#inBackground(
        line,
        'It ran without a terminal: one would have read several lines, tabs or “!” as keys.',
      )
    }
    if (this.#unintegrated || !mayIntegrate()) return this.#inBackground(line, UNINTEGRATED)
    await this.#tidy()
    if (line.signal.aborted) return { output: '', ended: 'stopped' }
    const terminal = vscode.window.createTerminal({ name: NAME, cwd: line.folder, env: noPagers, isTransient: true })
    this.#busy.add(terminal)
    try {
      terminal.show(true)
      const patience = INTEGRATED.has(this.shell) ? INTEGRATION_MS.known : INTEGRATION_MS.other
      const integration = await integrated(terminal, line.signal, patience)
      if (line.signal.aborted) return { output: '', ended: 'stopped' }
      if (integration) return await inTerminal(terminal, integration, line)
      this.#unintegrated = true
      terminal.dispose()
      return await this.#inBackground(line, UNINTEGRATED)
    } finally {
      this.#busy.delete(terminal)
      this.#done.add(terminal)
    }
  }

  dispose(): void {
    this.#keeper[Symbol.dispose]()
    for (const terminal of [...this.#busy, ...this.#done]) terminal.dispose()
  }

  async #inBackground(line: CommandLine, note: string): Promise<Ran> {
    return { ...(await this.#plain.run(line)), note: `(${note})` }
  }

  /** The terminal of the last command is there to be read until the next; what a command left running keeps its own. */
  async #tidy(): Promise<void> {
    for (const terminal of this.#done) {
      const shell = await terminal.processId
      if (terminal.exitStatus === undefined && shell !== undefined && childrenOf(shell).length > 0) continue
      this.#done.delete(terminal)
      terminal.dispose()
    }
  }
}

const UNINTEGRATED = 'It ran without a terminal: this shell has no shell integration, so nobody could tell how it ends.'

/** Whether a terminal reads a line as the shell would from a file: a tab completes, and `!` recalls what was typed before. */
function isTypable(command: string): boolean {
  return !/[\n\t]|![^\s=(]/.test(command.trim())
}

function mayIntegrate(): boolean {
  return vscode.workspace.getConfiguration('terminal.integrated.shellIntegration').get('enabled') !== false
}

async function integrated(
  terminal: vscode.Terminal,
  signal: AbortSignal,
  patienceMs: number,
): Promise<vscode.TerminalShellIntegration | undefined> {
  if (terminal.shellIntegration || signal.aborted) return terminal.shellIntegration
  return new Promise((resolve) => {
    const finish = (found?: vscode.TerminalShellIntegration): void => {
      for (const each of listening) each.dispose()
      clearTimeout(timer)
      signal.removeEventListener('abort', give)
      resolve(found)
    }
    const give = (): void => finish()
    const timer = setTimeout(give, patienceMs)
    const listening = [
      vscode.window.onDidChangeTerminalShellIntegration((event) => {
        if (event.terminal === terminal) finish(event.shellIntegration)
      }),
      vscode.window.onDidCloseTerminal((closed) => {
        if (closed === terminal) finish()
      }),
    ]
    signal.addEventListener('abort', give, { once: true })
  })
}

async function inTerminal(
  terminal: vscode.Terminal,
  integration: vscode.TerminalShellIntegration,
  { command, timeoutMs, signal, onOutput }: CommandLine,
): Promise<Ran> {
  const shell = await terminal.processId
  const output = new Output(onOutput)
  const execution = integration.executeCommand(command)
  const reading = readInto(output, execution)
  const end = ending(terminal, shell, execution)
  let ended: Ran['ended'] = 'exit'
  let cutting: Promise<void> | undefined
  const cut = (why: Ran['ended']): void => {
    if (cutting) return
    ended = why
    cutting = interrupt(terminal, shell, end.happened)
  }
  const stop = (): void => cut('stopped')
  const timer = setTimeout(() => cut('timeout'), timeoutMs)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const exitCode = await end.happened
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  end.dispose()
  await cutting
  // The last output can come after the end is told.
  await Promise.race([reading, pause(SETTLE_MS)])
  return { output: output.text, ended, ...(exitCode !== undefined && ended === 'exit' && { exitCode }) }
}

async function readInto(output: Output, execution: vscode.TerminalShellExecution): Promise<void> {
  for await (const text of execution.read()) output.add(text)
}

/**
 * Settles with the exit code, where it is told, when the command or its shell has ended. A terminal whose shell failed
 * stays open with its last words, and nobody is told: so the shell itself is looked after.
 */
function ending(terminal: vscode.Terminal, shell: number | undefined, execution: vscode.TerminalShellExecution) {
  const { promise: happened, resolve } = Promise.withResolvers<number | undefined>()
  const looking = setInterval(() => {
    if (shell !== undefined && !runs(shell)) setTimeout(() => resolve(terminal.exitStatus?.code), LOOK_MS)
  }, LOOK_MS)
  const listening = [
    vscode.window.onDidEndTerminalShellExecution((event) => {
      if (event.execution === execution) resolve(event.exitCode)
    }),
    vscode.window.onDidCloseTerminal((closed) => {
      if (closed === terminal) resolve(closed.exitStatus?.code)
    }),
  ]
  const dispose = (): void => {
    clearInterval(looking)
    for (const each of listening) each.dispose()
  }
  return { happened, dispose }
}

/**
 * Presses Ctrl+C, which also ends loops of the shell itself; then ends what the command started and still runs; then the
 * terminal, if its shell is stuck.
 */
async function interrupt(terminal: vscode.Terminal, shell: number | undefined, ended: Promise<unknown>): Promise<void> {
  terminal.sendText('\u0003', false)
  if (shell !== undefined) await endChildren(shell)
  const over = await Promise.race([ended.then(() => true), pause(SETTLE_MS).then(() => false)])
  if (shell !== undefined) await endChildren(shell)
  if (over) return
  terminal.dispose()
  if (shell !== undefined) await endProcess(shell)
}
