/** What a panel may do in the editor around it. */
import * as vscode from 'vscode'
import type { FailureAction } from '../shared/failure.ts'
import type { Transfer } from '../shared/protocol.ts'
import type { Desk } from './services.ts'

/** Commands behind the buttons of a failure. `retry` and `select-model` happen in the panel itself. */
const COMMANDS: Partial<Record<FailureAction, string>> = {
  'set-key': 'panelist.setApiKey',
  'sign-in': 'panelist.signIn',
  'show-providers': 'panelist.showProviders',
  'open-settings': 'panelist.openSettings',
  'show-logs': 'panelist.showLogs',
  'new-chat': 'panelist.newChat',
  'select-model': 'panelist.selectModel',
  'show-usage': 'panelist.showUsage',
  'manage-trust': 'workbench.trust.manage',
}

const TRANSFERS: Record<Transfer, string> = {
  export: 'panelist.exportConversation',
  'export-all': 'panelist.exportAll',
  import: 'panelist.importConversations',
}

export const desk: Desk = {
  workspace: () => vscode.workspace.workspaceFolders?.[0]?.uri.toString(),

  async insert(text) {
    const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0]
    if (!editor) {
      const document = await vscode.workspace.openTextDocument({ content: text })
      await vscode.window.showTextDocument(document)
      return
    }
    const done = await editor.edit((edit) => {
      for (const selection of editor.selections) edit.replace(selection, text)
    })
    if (!done) throw new Error(`${editor.document.fileName} cannot be edited. Copy the code instead.`)
    await vscode.window.showTextDocument(editor.document, editor.viewColumn)
  },

  async copy(text) {
    await vscode.env.clipboard.writeText(text)
  },

  async openLink(href) {
    const url = URL.parse(href)
    if (!url || !/^(https?|mailto):$/.test(url.protocol)) throw new Error('Only web and mail addresses can be opened.')
    await vscode.env.openExternal(vscode.Uri.parse(href, true))
  },

  located: (uri) => located(uri).toString(),

  async saveFile(name, bytes) {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri
    const target = await vscode.window.showSaveDialog({
      title: `Save ${name}`,
      ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
    })
    if (target) await vscode.workspace.fs.writeFile(target, bytes)
  },

  async act(action, provider) {
    const command = COMMANDS[action]
    if (command) await vscode.commands.executeCommand(command, provider)
  },

  async transfer(what, conversation) {
    await vscode.commands.executeCommand(TRANSFERS[what], conversation)
  },
}

/** The explorer of a remote window names files as the other side sees them. Here they are files of this machine. */
function located(uri: string): vscode.Uri {
  const parsed = vscode.Uri.parse(uri, true)
  return parsed.scheme === 'vscode-remote' ? vscode.Uri.file(parsed.path) : parsed
}
