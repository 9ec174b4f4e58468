/** The commands of the palette, the title bar and the keyboard. */
import * as vscode from 'vscode'
import { summariseNow } from './context-handlers.ts'
import type { McpOffers } from './mcp/offers.ts'
import type { KeyCommands } from './key-commands.ts'
import { messageCommands } from './message-commands.ts'
import type { Panels } from './panels.ts'

export type CommandParts = {
  panels: Panels
  keys: KeyCommands
  log: vscode.LogOutputChannel
  mcp: Pick<McpOffers, 'pickResource' | 'pickPrompt'>
}

export function registerCommands({ panels, keys, log, mcp }: CommandParts): vscode.Disposable[] {
  const commands: Record<string, (argument?: unknown) => unknown> = {
    newChat: async () => {
      await panels.newChat()
      await panels.show({ type: 'focus' })
    },
    open: () => panels.show({ type: 'focus' }),
    openInEditor: () => panels.openEditor(panels.current?.conversation),
    focusInput: () => panels.show({ type: 'focus' }),
    selectModel: () => panels.show({ type: 'show', what: 'models' }),
    selectAgent: () => panels.show({ type: 'show', what: 'agents' }),
    compareModels: () => panels.show({ type: 'show', what: 'compare' }),
    showHistory: () => panels.show({ type: 'show', what: 'history' }),
    showProviders: () => panels.show({ type: 'show', what: 'providers' }),
    showMcpServers: () => panels.show({ type: 'show', what: 'mcp' }),
    addMcpResource: async () => {
      const uri = await orSay(mcp.pickResource())
      if (uri !== undefined) await panels.show({ type: 'focus' }, { type: 'attach', uris: [uri] })
    },
    useMcpPrompt: async () => {
      const prompt = await orSay(mcp.pickPrompt())
      if (!prompt) return
      const { text: insert, files: uris } = prompt
      await panels.show({ type: 'focus', insert }, ...(uris.length > 0 ? [{ type: 'attach' as const, uris }] : []))
    },
    summarise: async () => {
      await panels.show({ type: 'focus' })
      if (panels.current) await orSay(summariseNow(panels.current))
    },
    showLiveLog: () => panels.show({ type: 'show', what: 'log' }),
    showAllowed: () => panels.show({ type: 'show', what: 'allowed' }),
    stop: () => panels.current?.services.answers.stop(panels.current.conversation),
    openSettings: () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:panelist.panelist'),
    showLogs: () => log.show(),
    setApiKey: (provider) => keys.set(provider),
    addApiKey: (provider) => keys.add(provider),
    removeApiKey: (provider) => keys.remove(provider),
    setDefaultKey: (provider) => keys.prefer(provider),
    showKeyStatus: () => keys.showStatus(),
  }
  for (const [name, run] of Object.entries(messageCommands(panels))) commands[name] = (context) => orSay(run(context))
  const ofTitleBar = [
    'newChat',
    'showHistory',
    'showProviders',
    'showMcpServers',
    'showAllowed',
    'openInEditor',
    'selectModel',
    'findInChat',
    'showMap',
    'copyChat',
  ].map((name): [string, () => unknown] => [
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

/** What it comes to; why it cannot be is said to the person. */
async function orSay<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    void vscode.window.showInformationMessage(error instanceof Error ? error.message : String(error))
    return undefined
  }
}
