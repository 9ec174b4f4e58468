import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as vscode from 'vscode'
import type { ReadFile, Suggestion } from '../../src/shared/protocol.ts'
import { api, TestPage, until } from './window.ts'

describe('context from VS Code', () => {
  const root = vscode.workspace.workspaceFolders![0]!.uri
  const folder = path.join(root.fsPath, 'context')
  const uri = vscode.Uri.joinPath(root, 'context', 'ring.txt')
  const diagnostics = vscode.languages.createDiagnosticCollection('context-test')
  let page: TestPage

  before(async () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'ring.txt'), 'one\ntwo\nthree\n')
    page = new TestPage(await api())
    await page.ask('ready', {})
  })
  after(async () => {
    diagnostics.dispose()
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    rmSync(folder, { recursive: true, force: true })
  })

  const textOf = (file: ReadFile | undefined): string => Buffer.from(file?.data ?? '', 'base64').toString()
  const offered = async (query: string, label: string): Promise<Suggestion | undefined> =>
    (await page.ask('suggest', { trigger: '@', query })).items.find((one) => one.label === label)
  const taken = async (query: string, label: string): Promise<ReadFile> => {
    let found: Suggestion | undefined
    await until(async () => (found = await offered(query, label)) !== undefined)
    const answer = await page.ask('take-suggestion', { id: found!.id, draft: '' })
    assert.equal(answer.kind, 'files')
    return answer.kind === 'files' ? answer.files[0]! : assert.fail()
  }

  it('is the selection, in whole lines', async () => {
    const editor = await vscode.window.showTextDocument(uri)
    editor.selection = new vscode.Selection(0, 1, 1, 1)
    const file = await taken('sel', 'selection')
    assert.deepEqual([file.name, textOf(file)], ['context/ring.txt (lines 1-2, selected)', 'one\ntwo'])
  })

  it('is out of date once it was typed in, and not before', async () => {
    const file = await taken('ring.txt', 'ring.txt')
    const items = [{ ref: file.context?.ref ?? '', digest: file.context?.digest ?? '' }]
    assert.deepEqual(await page.ask('stale-context', { items }), [])
    const editor = await vscode.window.showTextDocument(uri)
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'zero\n'))
    assert.deepEqual(await page.ask('stale-context', { items }), [items[0]!.ref])
    const [fresh] = await page.ask('refresh-context', { ref: items[0]!.ref, draft: '' })
    assert.match(textOf(fresh), /^zero\none/)
    await vscode.commands.executeCommand('workbench.action.files.revert')
  })

  it('is what language services complain of, also from the light bulb', async () => {
    const problem = new vscode.Diagnostic(
      new vscode.Range(1, 0, 1, 3),
      'two is too much',
      vscode.DiagnosticSeverity.Error,
    )
    diagnostics.set(uri, [problem])
    const file = await taken('prob', 'problems')
    assert.match(textOf(file), /context\/ring\.txt:2:1 error: two is too much/)
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      problem.range,
    )
    const ours = actions.find(({ title }) => title === 'Add to Panelist')
    assert.equal(ours?.command?.command, 'panelist.addProblem')
    diagnostics.clear()
  })

  it('is the last command of a terminal with shell integration, and how it ended', async () => {
    const terminal = vscode.window.createTerminal({ name: 'Context', cwd: folder })
    terminal.show(true)
    try {
      await until(() => terminal.shellIntegration !== undefined)
      terminal.shellIntegration!.executeCommand('echo some-words; sleep 1; (exit 3)')
      let file: ReadFile | undefined
      await until(async () => {
        file = await taken('term', 'terminal')
        // The last output can come after the end is told.
        return /\nsome-words\n\[exit code/.test(textOf(file))
      })
      assert.match(textOf(file), /^\$ echo some-words; sleep 1; \(exit 3\)\nsome-words\n\[exit code 3\]$/)
    } finally {
      terminal.dispose()
    }
  })

  it('is the file in front as far as it can be seen, where it is offered', async () => {
    const editor = await vscode.window.showTextDocument(uri)
    editor.selection = new vscode.Selection(0, 0, 0, 0)
    await until(async () => (await page.ask('current-file', {}))?.label === 'ring.txt')
    const name = async (): Promise<string> => (await page.ask('take-current', {}))?.name ?? ''
    // What can be seen of it is told a moment after it is in front.
    await until(async () => (await name()) === 'context/ring.txt (lines 1-3 of 4)')
    editor.selection = new vscode.Selection(1, 0, 1, 3)
    await until(() =>
      page.told.some((event) => event.type === 'current-file' && event.current?.detail === 'line 2, selected'),
    )
  })

  it('is no longer than the file, where VS Code has not told yet what can be seen or is selected of what is left', async () => {
    const { document } = await vscode.window.showTextDocument(uri)
    const { Range, Selection } = vscode
    const before = Object.getOwnPropertyDescriptor(vscode.window, 'activeTextEditor')!
    const stand = (selection: vscode.Selection): void =>
      void Object.defineProperty(vscode.window, 'activeTextEditor', {
        configurable: true,
        value: { document, selection, visibleRanges: [new Range(1, 0, 90, 0)] },
      })
    try {
      stand(new Selection(0, 0, 0, 0))
      assert.equal((await page.ask('take-current', {}))?.name, 'context/ring.txt (lines 2-3 of 4)')
      stand(new Selection(2, 0, 90, 1))
      assert.equal((await page.ask('take-current', {}))?.name, 'context/ring.txt (line 3, selected of 4)')
    } finally {
      Object.defineProperty(vscode.window, 'activeTextEditor', before)
    }
  })
})
