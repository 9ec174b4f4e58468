/** The commands of the palette, the title bar and the keyboard. */
import * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import type { KeyStatus } from '../shared/protocol.ts'
import type { Connections } from './connections.ts'
import { offered } from './connections.ts'
import type { Keys } from './keys.ts'
import { keyProblem } from './keys.ts'
import type { Panels } from './panels.ts'

export type CommandParts = {
  panels: Panels
  keys: Keys
  connections: Connections
  log: vscode.LogOutputChannel
  keysChanged(provider: ProviderInfo): void
}

export function registerCommands(parts: CommandParts): vscode.Disposable[] {
  const { panels, log } = parts
  const commands: Record<string, (argument?: unknown) => unknown> = {
    newChat: async () => {
      await panels.newChat()
      await panels.show({ type: 'focus' })
    },
    open: () => panels.show({ type: 'focus' }),
    openInEditor: () => panels.openEditor(panels.current?.conversation),
    focusInput: () => panels.show({ type: 'focus' }),
    addSelection: () => panels.show({ type: 'focus', insert: selectionAsMarkdown() }),
    selectModel: () => panels.show({ type: 'show', what: 'models' }),
    showHistory: () => panels.show({ type: 'show', what: 'history' }),
    stop: () => panels.current?.services.answers.stop(panels.current.conversation),
    openSettings: () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:panelist.panelist'),
    showLogs: () => log.show(),
    setApiKey: (provider) => setApiKey(parts, provider),
    removeApiKey: (provider) => removeApiKey(parts, provider),
    showKeyStatus: () => showKeyStatus(parts),
  }
  const ofTitleBar = ['newChat', 'showHistory', 'openInEditor', 'selectModel'].map((name): [string, () => unknown] => [
    `view.${name}`,
    () => {
      panels.useView()
      return commands[name]?.()
    },
  ])
  return [...Object.entries(commands), ...ofTitleBar].map(([name, run]) =>
    vscode.commands.registerCommand(`panelist.${name}`, run),
  )
}

async function setApiKey({ keys, connections, keysChanged }: CommandParts, argument: unknown): Promise<void> {
  const provider = await chooseProvider(argument, 'Set the API key of which provider?', connections)
  if (!provider) return
  const host = new URL(connections.endpoint(provider)).host
  const key = await vscode.window.showInputBox({
    title: `Set API Key: ${provider.label}`,
    prompt: `Kept in VS Code's secret storage and sent to ${host} only. Get one at ${provider.keyUrl ?? host}`,
    placeHolder: 'Paste the key',
    password: true,
    ignoreFocusOut: true,
    validateInput: keyProblem,
  })
  if (key === undefined) return
  await keys.set(provider, connections.settingsOf(provider.id), key.trim())
  keysChanged(provider)
  vscode.window.setStatusBarMessage(`$(key) ${provider.label} key saved`, 4000)
}

async function removeApiKey({ keys, connections, keysChanged }: CommandParts, argument: unknown): Promise<void> {
  const provider = await chooseProvider(argument, 'Remove the API key of which provider?', connections)
  if (!provider) return
  const removed = await keys.remove(provider)
  keysChanged(provider)
  const status = await connections.status(provider)
  const left = status === 'environment' ? ` ${provider.envVar} is still used.` : ''
  void vscode.window.showInformationMessage(
    removed ? `The ${provider.label} key was removed.${left}` : `No ${provider.label} key is stored here.${left}`,
  )
}

async function showKeyStatus({ connections }: CommandParts): Promise<void> {
  const items = await Promise.all(offered.map((provider) => statusItem(provider, connections)))
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Panelist: Key Status',
    placeHolder: 'Choose a provider to set its key',
  })
  if (picked) await vscode.commands.executeCommand('panelist.setApiKey', picked.provider.id)
}

type ProviderItem = vscode.QuickPickItem & { provider: ProviderInfo }

async function chooseProvider(
  argument: unknown,
  placeHolder: string,
  connections: Connections,
): Promise<ProviderInfo | undefined> {
  const named = offered.find(({ id }) => id === argument)
  if (named) return named
  const items = await Promise.all(offered.map((provider) => statusItem(provider, connections)))
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.provider
}

async function statusItem(provider: ProviderInfo, connections: Connections): Promise<ProviderItem> {
  const status = await connections.status(provider)
  return {
    label: provider.label,
    description: sayStatus(status, provider),
    detail: new URL(connections.endpoint(provider)).host,
    provider,
  }
}

function sayStatus(status: KeyStatus, provider: ProviderInfo): string {
  const words: Record<KeyStatus, string> = {
    set: 'key set',
    memory: 'key set, but only until VS Code closes: there is no system keyring here',
    environment: `key from ${provider.envVar}`,
    missing: 'no key',
    rejected: 'key refused by the provider',
    'not-needed': 'no key needed',
  }
  return words[status]
}

/** The selection as a fenced block under its path, to be quoted in the composer. */
function selectionAsMarkdown(): string {
  const editor = vscode.window.activeTextEditor
  if (!editor || editor.selection.isEmpty) return ''
  const { document, selection } = editor
  const text = document.getText(selection)
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  const path = vscode.workspace.asRelativePath(document.uri)
  const lines = `${selection.start.line + 1}-${selection.end.line + 1}`
  return `${path}:${lines}\n${fence}${document.languageId}\n${text}\n${fence}\n`
}
