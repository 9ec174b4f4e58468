/** Where the editor meets Panelist. Activation registers; it opens no file, loads no SDK and asks no one anything. */
import * as vscode from 'vscode'
import { registerSignIn } from './browser-sign-in.ts'
import { registerCommands } from './commands.ts'
import { KeyCommands } from './key-commands.ts'
import type { Keys } from './keys.ts'
import { LiveLog } from './live-log.ts'
import type { Panels } from './panels.ts'
import { EDITOR, VIEW } from './panels.ts'
import type { Services } from './services.ts'
import { registerTransfer } from './transfer/wire.ts'
import { openWindow } from './window.ts'

let closing: (() => Promise<void>) | undefined

/** What tests in the extension host may reach. */
export type TestApi = { services: Services; panels: Panels; keys: Keys }

export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const channel = vscode.window.createOutputChannel('Panelist', { log: true })
  const { services, panels, keys, connections, mcp, ...window } = openWindow(context, new LiveLog(channel))
  const { keysChanged, settingsChanged } = window
  context.subscriptions.push(
    channel,
    vscode.window.registerWebviewViewProvider(VIEW, panels),
    vscode.window.registerWebviewPanelSerializer(EDITOR, panels),
    ...registerCommands({
      panels,
      keys: new KeyCommands({ keys, connections, keysChanged }),
      log: channel,
      mcp: mcp.page.offers,
    }),
    ...registerSignIn({
      keys,
      provider: connections.all().find(({ id }) => id === 'openrouter')!,
      keysChanged,
      others: mcp.callbacks,
    }),
    registerTransfer({ context, services, panels, keys, connections }),
    ...window.disposables,
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('panelist') && settingsChanged()),
    vscode.workspace.onDidGrantWorkspaceTrust(settingsChanged),
    context.secrets.onDidChange(() => void panels.refreshAll()),
  )
  closing = window.close
  return context.extensionMode === vscode.ExtensionMode.Test ? { services, panels, keys } : undefined
}

/** Answers that are being written are stored as they are. */
export async function deactivate(): Promise<void> {
  await closing?.()
}
