/** Helps to write the files of agents, prompts and instructions: names of fields, their values, and what is wrong. */
import * as vscode from 'vscode'
import type { FileProblem } from '../../shared/agent.ts'
import type { Known } from './field-help.ts'
import { helpAt, kindOf } from './field-help.ts'

export type EditorHelpParts = {
  known(): Promise<Known>
  load(): Promise<typeof import('./index.ts')>
}

const PATTERN = '**/*.{agent,chatmode,prompt,instructions}.md'
/** Milliseconds after the last key. */
const PAUSE = 300
/** Files that are longer are not read, in UTF-16 units. */
const LONGEST = 300_000

export function editorHelp({ known, load }: EditorHelpParts): vscode.Disposable {
  const problems = vscode.languages.createDiagnosticCollection('panelist-agents')
  const timers = new Map<string, NodeJS.Timeout>()
  const check = async (document: vscode.TextDocument): Promise<void> => {
    const kind = kindOf(document.uri.path)
    if (!kind || document.isClosed || document.getText().length > LONGEST) return
    const { problemsOf } = await load()
    if (!document.isClosed) problems.set(document.uri, problemsOf(kind, document.getText()).map(asDiagnostic(document)))
  }
  const soon = (document: vscode.TextDocument): void => {
    if (!kindOf(document.uri.path)) return
    const key = document.uri.toString()
    clearTimeout(timers.get(key))
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key)
        void check(document)
      }, PAUSE),
    )
  }
  const completion: vscode.CompletionItemProvider = {
    async provideCompletionItems(document, position) {
      const kind = kindOf(document.uri.path)
      const lines = document.getText().slice(0, LONGEST).split(/\r?\n/)
      const help = kind && helpAt(lines, position.line, position.character, kind, await known())
      if (!help) return undefined
      return help.kind === 'fields' ? help.fields.map(asField) : help.values.map(asValue)
    },
  }
  vscode.workspace.textDocuments.forEach(soon)
  return vscode.Disposable.from(
    problems,
    vscode.languages.registerCompletionItemProvider({ pattern: PATTERN }, completion, ':', ' ', "'", '-'),
    vscode.workspace.onDidOpenTextDocument(soon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => soon(document)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => problems.delete(uri)),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  )
}

function asField({
  name,
  about,
  snippet,
  values,
}: {
  name: string
  about: string
  snippet?: string
  values?: readonly string[]
}): vscode.CompletionItem {
  const item = new vscode.CompletionItem(name, vscode.CompletionItemKind.Field)
  item.documentation = new vscode.MarkdownString(about)
  item.insertText = new vscode.SnippetString(`${name}:${snippet?.startsWith('\n') ? '' : ' '}${snippet ?? ''}`)
  if (values) item.command = { command: 'editor.action.triggerSuggest', title: 'Suggest' }
  return item
}

const asValue = (value: string): vscode.CompletionItem =>
  new vscode.CompletionItem(value, vscode.CompletionItemKind.Value)

const asDiagnostic =
  (document: vscode.TextDocument) =>
  ({ line = 0, message }: FileProblem): vscode.Diagnostic => {
    const { range } = document.lineAt(Math.min(line, document.lineCount - 1))
    const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Warning)
    diagnostic.source = 'Panelist'
    return diagnostic
  }
