/** The way in that `npm start` gives a person's own browser. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { openGate } from '../../scripts/start/gate.ts'
import type { Gate } from '../../scripts/start/gate.ts'
import { addPage, launchBrowser } from '../harness/browser.ts'
import { secretsKept } from '../harness/native-keys.ts'
import { freePort } from '../harness/processes.ts'
import { makeProfile } from '../harness/profile.ts'
import { startServer } from '../harness/server.ts'
import type { Server } from '../harness/server.ts'
import { installedPanelist } from '../harness/vsix.ts'
import { Window } from '../harness/workbench.ts'

describe('The gate before the VS Code server', () => {
  const token = 'an-unguessable-text'
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-gate-'))
  let server: Server
  let gate: Gate
  let browser: Browser
  let origin: string

  before(async () => {
    const profile = makeProfile(folder, { extensions: await installedPanelist() })
    ;[server, browser] = await Promise.all([startServer(profile, { token }), launchBrowser()])
    gate = await openGate({ port: await freePort(), serverPort: server.port, token, secret: Buffer.alloc(32, 7) })
    origin = `http://127.0.0.1:${gate.port}`
  })

  after(async () => {
    await browser?.close()
    gate?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('lets nobody in who has no token', async () => {
    assert.equal((await fetch(origin)).status, 403)
    assert.equal((await fetch(`${origin}/mint-key`, { method: 'POST' })).status, 403)
    const cookie = 'vscode-tkn=a-guess'
    assert.equal((await fetch(`${origin}/mint-key`, { method: 'POST', headers: { cookie } })).status, 403)
  })

  it('lets VS Code keep an API key over a reload of the page', async () => {
    const context = await browser.newContext()
    const query = new URLSearchParams({ folder: server.profile.workspace, tkn: token })
    const window = new Window(await addPage(context, server, { address: `${origin}/?${query}` }))
    const input = window.page.locator('.quick-input-widget input.input')
    const rows = window.page.locator('.quick-input-list .monaco-list-row')

    await window.runCommand('Panelist: Set API Key')
    await rows.filter({ hasText: 'Anthropic' }).click()
    await window.page.getByPlaceholder('Paste the key').waitFor()
    await input.fill('sk-ant-a-key-for-this-test')
    await input.press('Enter')
    await window.page.getByText('Anthropic key saved').waitFor()
    await secretsKept(window.page, null)

    await window.reload()
    await window.runCommand('Panelist: Show Key Status')
    await rows.filter({ hasText: 'Anthropic' }).getByText('key set', { exact: true }).waitFor()
  })
})
