/** The commands that carry chats out and in. What they need is loaded when the first is asked for. */
import * as vscode from 'vscode'
import type { Connections } from '../connections.ts'
import type { Keys } from '../keys.ts'
import type { Panels } from '../panels.ts'
import type { Services } from '../services.ts'
import { transferDesk } from './editor-desk.ts'
import type { TransferParts } from './index.ts'
import { secretValues, serverSecrets } from './secrets.ts'

export type WindowTransferParts = {
  context: vscode.ExtensionContext
  services: Pick<Services, 'store' | 'log' | 'chatsChanged'>
  panels: Panels
  keys: Keys
  connections: Connections
}

export function registerTransfer(window: WindowTransferParts): vscode.Disposable {
  const { context, services, panels, keys, connections } = window
  const load = () => import('./index.ts')
  const { version } = context.extension.packageJSON as { version: string }
  const parts: TransferParts = {
    store: services.store,
    desk: transferDesk(async () => (await load()).files),
    by: `Panelist ${version}`,
    secrets: () => secretsOf(keys, connections),
    changed: services.chatsChanged,
    log: (line) => services.log.from('store').info(line),
  }
  const exportOne = async (id: unknown): Promise<void> =>
    (await load()).exportConversation(parts, typeof id === 'string' ? id : panels.current?.conversation)
  const commands: Record<string, (argument?: unknown) => Promise<void>> = {
    exportConversation: exportOne,
    'view.exportConversation': () => {
      panels.useView()
      return exportOne(undefined)
    },
    exportAll: async () => (await load()).exportAll(parts),
    importConversations: async () => (await load()).importConversations(parts),
  }
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`panelist.${name}`, run)),
  )
}

/** Every key of every provider, and what is secret of the headers and environments that the settings hold. */
async function secretsOf(keys: Keys, connections: Connections): Promise<string[]> {
  const servers = vscode.workspace.getConfiguration('panelist.mcp').inspect('servers')?.globalValue
  const secrets = serverSecrets(servers)
  for (const info of connections.all()) {
    const settings = connections.settingsOf(info.id)
    secrets.push(...secretValues(settings?.headers))
    if (connections.isEditor(info.id)) continue
    for (const profile of await keys.names(info, settings)) {
      const { value } = await keys.find(info, settings, profile)
      if (value !== undefined) secrets.push(value)
    }
  }
  return secrets
}
