/** VS Code, as far as context comes from it. */
import * as vscode from 'vscode'
import type { Ports } from '../../tools/ports.ts'
import type { ContextDesk, LastCommand, OpenFile, Stretch, WorkspaceSymbol } from './desk.ts'

/** Documents that a person writes or reads: not the output of extensions, nor what only settings show. */
const SCHEMES = new Set(['file', 'untitled', 'vscode-remote', 'vscode-vfs', 'memfs', 'vscode-test-web'])
const MOST_SYMBOLS = 200

export class EditorContextDesk implements ContextDesk {
  readonly #ports: Pick<Ports, 'workspace' | 'language' | 'git' | 'net'>
  readonly #lastCommand: () => LastCommand | undefined

  constructor(
    ports: Pick<Ports, 'workspace' | 'language' | 'git' | 'net'>,
    lastCommand: () => LastCommand | undefined,
  ) {
    this.#ports = ports
    this.#lastCommand = lastCommand
  }

  ports(): Pick<Ports, 'workspace' | 'language' | 'git' | 'net'> {
    return this.#ports
  }

  trusted(): boolean {
    return vscode.workspace.isTrusted
  }

  async confirm(question: string, detail: string, yes: string): Promise<boolean> {
    return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes
  }

  selection(): Stretch | undefined {
    const editor = textEditor()
    return editor && !editor.selection.isEmpty ? stretchOf(editor.document, editor.selection) : undefined
  }

  current(): (Stretch & { selected: boolean }) | undefined {
    const editor = textEditor()
    if (!editor) return undefined
    const { document, selection, visibleRanges } = editor
    if (!selection.isEmpty) return { ...stretchOf(document, selection), selected: true }
    const [first, last] = [visibleRanges[0]?.start.line ?? 0, visibleRanges.at(-1)?.end.line ?? 0]
    const range = new vscode.Range(first, 0, last, Number.MAX_SAFE_INTEGER)
    return { ...stretchOf(document, range), selected: false }
  }

  openFiles(): OpenFile[] {
    const front = textEditor()?.document.uri
    const uris = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .flatMap(({ input }) =>
        input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? [input.uri] : [],
      )
    const open = new Map<string, OpenFile>()
    for (const uri of front ? [front, ...uris] : uris) {
      if (SCHEMES.has(uri.scheme)) open.set(uri.toString(), { uri: uri.toString(), shown: shownOf(uri) })
    }
    return [...open.values()]
  }

  async symbols(query: string): Promise<WorkspaceSymbol[]> {
    const found = await vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
      'vscode.executeWorkspaceSymbolProvider',
      query,
    )
    return (found ?? []).slice(0, MOST_SYMBOLS).map(({ name, kind, containerName, location: { uri, range } }) => ({
      name,
      kind: (vscode.SymbolKind[kind] ?? 'symbol').toLowerCase(),
      ...(containerName && { container: containerName }),
      uri: uri.toString(),
      shown: shownOf(uri),
      from: range.start.line + 1,
      to: range.end.line + 1,
    }))
  }

  lastCommand(): LastCommand | undefined {
    return this.#lastCommand()
  }

  uriOfPath(path: string): string {
    return vscode.Uri.file(path).toString()
  }
}

function textEditor(): vscode.TextEditor | undefined {
  const { activeTextEditor: active, visibleTextEditors: visible } = vscode.window
  // The panel may itself be in front: then the editor beside it is meant.
  return [active, ...visible].find((editor) => editor && SCHEMES.has(editor.document.uri.scheme))
}

/**
 * Whole lines: half a line says little, and the lines have numbers. What is selected and seen of a document is told after its
 * change, so that it may be more than is left.
 */
function stretchOf(document: vscode.TextDocument, range: vscode.Range): Stretch {
  const { start, end } = document.validateRange(range)
  const to = end.character === 0 && end.line > start.line ? end.line - 1 : end.line
  return {
    uri: document.uri.toString(),
    shown: shownOf(document.uri),
    text: document.getText(new vscode.Range(start.line, 0, to, document.lineAt(to).text.length)),
    from: start.line + 1,
    to: to + 1,
    lines: document.lineCount,
  }
}

function shownOf(uri: vscode.Uri): string {
  return uri.scheme === 'untitled' ? uri.path : vscode.workspace.asRelativePath(uri)
}
