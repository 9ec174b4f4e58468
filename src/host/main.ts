/** All of Panelist but its door: loaded when the editor first asks for anything, behind the document of the page. */
import * as vscode from 'vscode'
import { registerSignIn } from './browser-sign-in.ts'
import { registerCommands } from './commands.ts'
import { KeyCommands } from './key-commands.ts'
import type { Keys } from './keys.ts'
import { LiveLog } from './live-log.ts'
import type { Panels } from './panels.ts'
import type { Services } from './services.ts'
import { registerTransfer } from './transfer/wire.ts'
import { openWindow } from './window.ts'

/** What tests in the extension host may reach. */
export type TestApi = { services: Services; panels: Panels; keys: Keys }

export type Main = TestApi & {
  handleUri(uri: vscode.Uri): void
  showUsage(panel: vscode.WebviewPanel): void
  /** Answers that are being written are stored as they are. */
  close(): Promise<void>
}

/** Registers what the door does not; opens no file, loads no SDK and asks no one anything. */
export function begin(context: vscode.ExtensionContext, channel: vscode.LogOutputChannel): Main {
  const { services, panels, keys, connections, mcp, ...window } = openWindow(context, new LiveLog(channel))
  const { keysChanged, settingsChanged, close } = window
  const signIn = registerSignIn({
    keys,
    provider: connections.all().find(({ id }) => id === 'openrouter')!,
    keysChanged,
    others: mcp.callbacks,
  })
  context.subscriptions.push(
    ...registerCommands({
      panels,
      keys: new KeyCommands({ keys, connections, keysChanged }),
      log: channel,
      mcp: mcp.page.offers,
    }),
    signIn.disposable,
    registerTransfer({ context, services, panels, keys, connections }),
    ...window.disposables,
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('panelist') && settingsChanged()),
    vscode.workspace.onDidGrantWorkspaceTrust(settingsChanged),
    context.secrets.onDidChange(() => void panels.refreshAll()),
  )
  return { services, panels, keys, handleUri: signIn.handleUri, showUsage: window.showUsage, close }
}
