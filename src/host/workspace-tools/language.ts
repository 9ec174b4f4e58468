/** What the language services of the editor know. */
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import type { Diagnostic, LanguageService, Position, Reference, SymbolInfo } from '../../tools/ports.ts'

/** Milliseconds that a language's extension has to start, and how often it is asked. */
const START_MS = 3000
const AGAIN_MS = 250

type Found = vscode.DocumentSymbol | vscode.SymbolInformation

export class EditorLanguages implements LanguageService {
  async symbols(uri: string): Promise<SymbolInfo[] | undefined> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true))
    for (let waited = 0; ; waited += AGAIN_MS) {
      const found = await vscode.commands.executeCommand<Found[] | undefined>(
        'vscode.executeDocumentSymbolProvider',
        document.uri,
      )
      if (found && (found.length > 0 || waited > 0 || document.getText().trim() === '')) return found.map(symbolOf)
      if (waited >= START_MS) return found?.map(symbolOf)
      await pause(AGAIN_MS)
    }
  }

  async references(uri: string, { line, column }: Position): Promise<Reference[]> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true))
    const position = new vscode.Position(line - 1, column - 1)
    const found = await vscode.commands.executeCommand<vscode.Location[] | undefined>(
      'vscode.executeReferenceProvider',
      document.uri,
      position,
    )
    return (found ?? []).map(({ uri: where, range: { start } }) => ({
      uri: where.toString(),
      line: start.line + 1,
      column: start.character + 1,
    }))
  }

  diagnostics(): Diagnostic[] {
    return vscode.languages.getDiagnostics().flatMap(([uri, all]) =>
      all.map(({ severity, message, range: { start }, source, code }) => ({
        uri: uri.toString(),
        line: start.line + 1,
        column: start.character + 1,
        severity: SEVERITIES[severity],
        message,
        ...(source !== undefined && { source }),
        ...(code !== undefined && { code: String(typeof code === 'object' ? code.value : code) }),
      })),
    )
  }
}

const SEVERITIES = {
  [vscode.DiagnosticSeverity.Error]: 'error',
  [vscode.DiagnosticSeverity.Warning]: 'warning',
  [vscode.DiagnosticSeverity.Information]: 'information',
  [vscode.DiagnosticSeverity.Hint]: 'hint',
} as const

function symbolOf(symbol: Found): SymbolInfo {
  const range = 'range' in symbol ? symbol.range : symbol.location.range
  return {
    name: symbol.name,
    kind: (vscode.SymbolKind[symbol.kind] ?? 'symbol').replace(/(?!^)[A-Z]/g, ' $&').toLowerCase(),
    ...('detail' in symbol && symbol.detail && { detail: symbol.detail }),
    line: range.start.line + 1,
    endLine: range.end.line + 1,
    children: 'children' in symbol ? symbol.children.map(symbolOf) : [],
  }
}
