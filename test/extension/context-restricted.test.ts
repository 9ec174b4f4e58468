import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as vscode from 'vscode'
import type { ReadFile, Suggestion } from '../../src/shared/protocol.ts'
import { api, TestPage, until } from './window.ts'

describe('context in Restricted Mode', () => {
  const root = vscode.workspace.workspaceFolders![0]!.uri
  const file = path.join(root.fsPath, 'by-hand.txt')
  let page: TestPage

  before(async () => {
    writeFileSync(file, 'attached by hand\n')
    page = new TestPage(await api())
    await page.ask('ready', {})
    await vscode.window.showTextDocument(vscode.Uri.file(file))
  })
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    rmSync(file, { force: true })
  })

  it('is what a person attaches by hand', async () => {
    let found: Suggestion | undefined
    // Files are looked for longer than one answer waits for.
    await until(async () => {
      ;[found] = (await page.ask('suggest', { trigger: '@', query: 'by-hand' })).items
      return found?.label === 'by-hand.txt'
    })
    const answer = await page.ask('take-suggestion', { id: found!.id, draft: '' })
    const [taken]: (ReadFile | undefined)[] = answer.kind === 'files' ? answer.files : []
    assert.equal(Buffer.from(taken?.data ?? '', 'base64').toString(), 'attached by hand\n')
  })

  it('is not the file in front by itself, and nothing of git', async () => {
    assert.equal(await page.ask('current-file', {}), null)
    assert.equal(await page.ask('take-current', {}), null)
    const { items } = await page.ask('suggest', { trigger: '@', query: '' })
    assert.deepEqual(
      items.filter(({ group }) => group === 'Git'),
      [],
    )
    await assert.rejects(page.ask('take-suggestion', { id: '@git:changes', draft: '' }), /not trusted/)
  })
})
