/** Runs the suites inside VS Code's extension host. VS Code calls `run` and takes a rejection for a failure. */
import { format } from 'node:util'
import Mocha from 'mocha'
import * as vscode from 'vscode'
import Reporter from '../harness/reporter.ts'

/** How long a test may take, in milliseconds: for what hangs alone. What it waits for has limits of its own. */
const PATIENCE = 90_000

/** Imported late: a suite's file calls `describe`, which exists from `run` on. */
const suites = {
  trusted: [
    () => import('./activation.test.ts'),
    () => import('./settings.test.ts'),
    () => import('./chat.test.ts'),
    () => import('./vscode-models.test.ts'),
    () => import('./vscode-chat.test.ts'),
    () => import('./tools.test.ts'),
    () => import('./extension-tools.test.ts'),
    () => import('./telemetry.test.ts'),
    () => import('./context.test.ts'),
  ],
  restricted: [
    () => import('./activation.test.ts'),
    () => import('./settings.test.ts'),
    () => import('./vscode-models.test.ts'),
    () => import('./vscode-chat.test.ts'),
    () => import('./context-restricted.test.ts'),
  ],
}

export async function run(): Promise<void> {
  markOutput()
  const mocha = new Mocha({ ui: 'bdd', reporter: Reporter, timeout: PATIENCE, forbidOnly: true, forbidPending: true })
  const grep = process.env['PANELIST_GREP']
  if (grep) mocha.grep(grep)
  mocha.suite.emit('pre-require', globalThis, '', mocha)
  for (const load of vscode.workspace.isTrusted ? suites.trusted : suites.restricted) await load()
  const failures = await new Promise<number>((resolve) => mocha.run(resolve))
  if (failures > 0) throw new Error(`${failures} of the tests in the extension host failed.`)
}

/** Marks the reporter's lines, so that the launcher can tell them from what the editor prints on the same console. */
function markOutput(): void {
  Mocha.reporters.Base.consoleLog = (...values: unknown[]) => {
    for (const line of format(...values).split('\n')) console.log(`[test] ${line}`)
  }
}
