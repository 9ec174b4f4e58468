/** “Add to Panelist”, wherever the editor has a menu for it: what was meant goes into the composer as an attachment. */
import * as vscode from 'vscode'
import type { PanelEvent, ReadFile } from '../../shared/protocol.ts'
import { asContext } from './item.ts'

export type ContextCommandParts = {
  /** Shows the panel used last and tells it this. */
  show(...events: PanelEvent[]): unknown
  /** Keeps what is at hand now; the result names it for `attach`. */
  hold(file: ReadFile): string
}

export function registerContextCommands({ show, hold }: ContextCommandParts): vscode.Disposable[] {
  const add = (...uris: string[]): unknown => show({ type: 'focus' }, { type: 'attach', uris })
  const say = (words: string): unknown => vscode.window.showInformationMessage(words)
  const commands: Record<string, (...given: unknown[]) => unknown> = {
    addSelection: () => (hasSelection() ? add('@editor:selection') : show({ type: 'focus' })),
    addFile: (file, all) => {
      const uris = meant(file, all).map(String)
      return uris.length > 0 ? add(...uris) : say('Open a file first, or choose one in the explorer.')
    },
    addProblems: () => {
      const front = vscode.window.activeTextEditor?.document.uri
      const ofFront = front && vscode.languages.getDiagnostics(front).length > 0
      const any = vscode.languages.getDiagnostics().some(([, all]) => all.length > 0)
      if (!any) return say('There are no problems now.')
      return add(ofFront ? `@editor:problems ${front.toString()}` : '@editor:problems')
    },
    addProblem: (uri, diagnostics) => {
      if (uri instanceof vscode.Uri && Array.isArray(diagnostics)) return add(hold(problemOf(uri, diagnostics)))
      return undefined
    },
    addTerminal: () => add('@editor:terminal'),
    addTerminalSelection: async () => {
      const text = await terminalSelection()
      if (text.trim() === '') return say('Select something in the terminal first.')
      const facts = { label: 'Terminal', detail: 'selected', icon: 'terminal' }
      const name = vscode.window.activeTerminal?.name ?? ''
      return add(hold(asContext(`Selected in the terminal ${name}`.trim(), text, facts)))
    },
    addChanges: (...given) => {
      const states = given.flat().filter(isResourceState)
      const paths = [...new Set(states.map(({ resourceUri }) => vscode.workspace.asRelativePath(resourceUri)))]
      if (paths.length === 0) return add('@git:changes')
      return add(...paths.map((path) => `@git:changes ${path}`))
    },
  }
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`panelist.${name}`, run),
  )
  return [
    ...registered,
    vscode.languages.registerCodeActionsProvider(WHERE, addProblemAction, { providedCodeActionKinds: KINDS }),
  ]
}

const WHERE: vscode.DocumentSelector = [{ scheme: 'file' }, { scheme: 'untitled' }, { scheme: 'vscode-vfs' }]
const KINDS = [vscode.CodeActionKind.QuickFix]

/** In the light bulb of a problem: the list of problems itself has no menu that an extension can add to. */
const addProblemAction: vscode.CodeActionProvider = {
  provideCodeActions(document, _range, { diagnostics, only }) {
    if (diagnostics.length === 0 || (only && !only.contains(vscode.CodeActionKind.QuickFix))) return []
    const action = new vscode.CodeAction('Add to Panelist', vscode.CodeActionKind.QuickFix)
    action.diagnostics = [...diagnostics]
    const command = 'panelist.addProblem'
    action.command = { command, title: action.title, arguments: [document.uri, diagnostics] }
    return [action]
  },
}

/** Lines around a problem that go along. */
const AROUND = 5

function problemOf(uri: vscode.Uri, diagnostics: readonly vscode.Diagnostic[]): ReadFile {
  const shown = vscode.workspace.asRelativePath(uri)
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString())
  const pieces = diagnostics.map(({ message, range, source }) => {
    const from = Math.max(0, range.start.line - AROUND)
    const to = Math.min((document?.lineCount ?? 1) - 1, range.end.line + AROUND)
    const lines = document?.getText(new vscode.Range(from, 0, to, Number.MAX_SAFE_INTEGER)) ?? ''
    const where = `${shown}:${range.start.line + 1}:${range.start.character + 1}`
    return `${where}${source ? ` (${source})` : ''}: ${message}\n\n[lines ${from + 1}-${to + 1}]\n${lines}`
  })
  const [first] = diagnostics
  const detail = `line ${(first?.range.start.line ?? 0) + 1}`
  return asContext(`Problem in ${shown}`, pieces.join('\n\n'), { label: 'Problem', detail, icon: 'warning' })
}

function hasSelection(): boolean {
  const { activeTextEditor } = vscode.window
  return activeTextEditor !== undefined && !activeTextEditor.selection.isEmpty
}

/** What a menu was opened on, with all that was selected beside it; without a menu, the file in front. */
function meant(file: unknown, all: unknown): vscode.Uri[] {
  const given: unknown[] = Array.isArray(all) && all.length > 0 ? all : [file]
  const uris = given.filter((one) => one instanceof vscode.Uri)
  if (uris.length > 0) return uris
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input
  const known = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom
  const front = known ? input.uri : vscode.window.activeTextEditor?.document.uri
  return front ? [front] : []
}

function isResourceState(one: unknown): one is vscode.SourceControlResourceState {
  return typeof one === 'object' && one !== null && 'resourceUri' in one && one.resourceUri instanceof vscode.Uri
}

/** There is no way to ask for it but by the clipboard, which has back what it held. */
async function terminalSelection(): Promise<string> {
  const { clipboard } = vscode.env
  const before = await clipboard.readText()
  await clipboard.writeText('')
  try {
    await vscode.commands.executeCommand('workbench.action.terminal.copySelection')
    return await clipboard.readText()
  } finally {
    await clipboard.writeText(before)
  }
}
