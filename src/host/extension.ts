/**
 * Where the editor meets Panelist: a door, and all that is loaded to activate. It gives a page its document at once and
 * loads the rest (`main.ts`) once the page is there to be typed into.
 */
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import type { Main, TestApi } from './main.ts'
import type { Surface } from './opened-page.ts'
import { OpenedPage } from './opened-page.ts'
import { EDITOR, USAGE, VIEW } from './places.ts'

export type { TestApi } from './main.ts'

let main: Promise<Main> | undefined

/**
 * How long a page has the processor for itself, in milliseconds, where it says nothing earlier: loading the rest at the same
 * time made it usable 100 ms later on two cores, and full no sooner.
 */
const HEAD_START_MS = 250

export function activate(context: vscode.ExtensionContext): Promise<TestApi> | undefined {
  const channel = vscode.window.createOutputChannel('Panelist', { log: true })
  const open = (): Promise<Main> => (main ??= load())
  const commands = vscode.Disposable.from(...commandsOf(context).map((command) => standIn(command, open)))
  const load = async (): Promise<Main> => {
    const { begin } = await import('./main.ts')
    commands.dispose()
    return begin(context, channel)
  }
  /** What to show where, once it is known; nothing where it was closed meanwhile. */
  const show = async (surface: Surface, attach: (main: Main, page: OpenedPage) => void): Promise<void> => {
    const page = new OpenedPage(surface, context.extensionUri)
    if (!main) await Promise.race([page.spoke, pause(HEAD_START_MS)])
    const opened = await open()
    if (!page.gone) attach(opened, page)
  }
  context.subscriptions.push(
    channel,
    commands,
    vscode.window.registerWebviewViewProvider(VIEW, {
      resolveWebviewView: (view) => show(view, ({ panels }, page) => panels.resolveView(view, page)),
    }),
    vscode.window.registerWebviewPanelSerializer(EDITOR, {
      deserializeWebviewPanel: (panel, state: unknown) =>
        show(panel, ({ panels }, page) => panels.restoreEditor(panel, state, page)),
    }),
    vscode.window.registerWebviewPanelSerializer(USAGE, {
      deserializeWebviewPanel: async (panel) => (await open()).showUsage(panel),
    }),
    vscode.window.registerUriHandler({ handleUri: async (uri) => (await open()).handleUri(uri) }),
  )
  return context.extensionMode === vscode.ExtensionMode.Test ? open() : undefined
}

export async function deactivate(): Promise<void> {
  await (await main)?.close()
}

function commandsOf(context: vscode.ExtensionContext): string[] {
  const { contributes } = context.extension.packageJSON as { contributes: { commands: { command: string }[] } }
  return contributes.commands.map(({ command }) => command)
}

/** Stands for a command until the real one is there, and then runs that. */
function standIn(command: string, open: () => Promise<unknown>): vscode.Disposable {
  return vscode.commands.registerCommand(command, async (...given: unknown[]) => {
    await open()
    return vscode.commands.executeCommand(command, ...given)
  })
}
