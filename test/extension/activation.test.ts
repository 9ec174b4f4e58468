import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import * as vscode from 'vscode'

describe('Panelist in the extension host', () => {
  const extension = () => {
    const found = vscode.extensions.getExtension('panelist.panelist')
    assert.ok(found, 'VS Code does not know panelist.panelist')
    return found
  }

  it('activates', async () => {
    await extension().activate()
    assert.equal(extension().isActive, true)
  })

  it('loads a door to activate, and the rest behind it', async () => {
    const { size } = await stat(path.join(extension().extensionPath, 'dist', 'extension.cjs'))
    assert.ok(size < 12_000, `${size} bytes are loaded before anybody has asked for anything`)
  })

  it('registers every command that its manifest contributes', async () => {
    await extension().activate()
    const contributed: { command: string }[] = extension().packageJSON.contributes.commands
    assert.ok(contributed.length > 0, 'the manifest contributes no command')
    const registered = new Set(await vscode.commands.getCommands(true))
    assert.deepEqual(
      contributed.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    )
  })

  it('runs in the trust that this pass asked for', () => {
    assert.equal(vscode.workspace.isTrusted, process.env['PANELIST_RESTRICTED'] === undefined)
  })
})
