/** VS Code's own boxes. */
import * as vscode from 'vscode'
import { desk } from '../desk.ts'
import type { Boxes } from './boxes.ts'

export const editorBoxes: Boxes = {
  async ask({ check, ...box }) {
    return vscode.window.showInputBox({
      ...box,
      ignoreFocusOut: true,
      validateInput: (text) => {
        const objection = check(text)
        if (typeof objection !== 'object') return objection
        return { message: objection.warning, severity: vscode.InputBoxValidationSeverity.Warning }
      },
    })
  },

  async pick(items, box) {
    return vscode.window.showQuickPick(items, { ...box, matchOnDescription: true })
  },

  async confirm(question, detail, yes) {
    return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes
  },

  async run(command, argument) {
    return vscode.commands.executeCommand(command, argument)
  },

  open: (address) => desk.openLink(address),
}
