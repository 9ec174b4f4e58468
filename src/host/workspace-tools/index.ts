/** The ports of the built-in tools, over VS Code and this machine. */
import * as vscode from 'vscode'
import { LocalGit } from '../../tools/machine/git.ts'
import { LocalNet } from '../../tools/machine/net.ts'
import { Ripgrep, shippedRipgrep } from '../../tools/machine/ripgrep.ts'
import { defaultShell } from '../../tools/machine/shell.ts'
import type { Ports } from '../../tools/ports.ts'
import { EditorLanguages } from './language.ts'
import { EditorTerminal } from './terminal.ts'
import { EditorWorkspace } from './workspace.ts'

export type WorkspaceTools = Ports & { terminal: EditorTerminal }

/** `allowedHosts`: what the user's own settings let be fetched although it is not public: `localhost:3000`. */
export function workspaceTools(allowedHosts: () => readonly string[]): WorkspaceTools {
  const ripgrep = shippedRipgrep(vscode.env.appRoot)
  return {
    workspace: new EditorWorkspace(),
    ...(ripgrep !== undefined && { search: new Ripgrep(ripgrep) }),
    terminal: new EditorTerminal(vscode.env.shell || defaultShell()),
    language: new EditorLanguages(),
    git: new LocalGit(),
    net: new LocalNet(allowedHosts),
  }
}
