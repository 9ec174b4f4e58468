/**
 * Shows Panelist when its folder is opened for the first time: a secondary side bar without a chat of VS Code's own stays
 * empty until somebody chooses what it shows. From then on VS Code remembers it.
 */
import * as vscode from 'vscode'

export async function activate({ workspaceState }) {
  if (workspaceState.get('opened')) return
  await vscode.commands.executeCommand('panelist.open')
  await workspaceState.update('opened', true)
}
