/** The Providers page as a person uses it: keys and addresses in native boxes, tests of connections, providers that come and go. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Locator } from 'playwright-core'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { freePort } from '../harness/processes.ts'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'

/** A key that is set, whether or not the window can keep it. */
const SET = /^Key (set|in memory)/

describe('The Providers page', () => {
  const key = `sk-ant-canary-${randomBytes(12).toString('hex')}`
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-providers-'))
  const settingsFile = path.join(folder, 'data/User/settings.json')
  let workbench: Workbench
  let chat: Chat
  /** Lists two models to those who bring the key. */
  let server: ScriptedServer
  pictureFailures(() => workbench)

  before(async () => {
    const models = ['claude-one', 'claude-two'].map((id) => ({ id, type: 'model', display_name: id }))
    server = await startScriptedServer((script) => {
      const { headers } = script.request
      const known = headers['x-api-key'] === key || headers.authorization === `Bearer ${key}`
      if (known) return script.json(200, { data: models, has_more: false })
      script.json(401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } })
    })
    workbench = await openWorkbench({
      folder,
      settings: {
        'panelist.providers': {
          anthropic: { baseUrl: server.origin, headers: { 'x-team': 'kept' } },
          ollama: { baseUrl: `http://127.0.0.1:${await freePort()}` },
        },
      },
    })
    await workbench.focusPanel()
    chat = await Chat.of(workbench)
  })

  after(async () => {
    await workbench?.close()
    await server?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const page = () => chat.frame.getByTestId('providers')
  const card = (id: string) => chat.frame.locator(`[data-provider="${id}"]`)
  const button = (id: string, name: string) => card(id).getByRole('button', { name, exact: true })
  const standing = (id: string, words: string | RegExp) => card(id).getByTestId('standing').getByText(words).waitFor()
  const finding = (id: string, words: string | RegExp) => card(id).getByTestId('test-result').getByText(words).waitFor()
  const input = (): Locator => workbench.page.locator('.quick-input-widget input.input')
  const providers = (): Record<string, Record<string, unknown>> => {
    return (JSON.parse(readFileSync(settingsFile, 'utf8')) as Record<string, never>)['panelist.providers'] ?? {}
  }

  /** Types into the native box that is open, and sends it. Of two boxes in a row the second is known by its title. */
  async function type(text: string, title?: string): Promise<void> {
    if (title) await workbench.page.locator('.quick-input-title').getByText(title).waitFor()
    await input().waitFor()
    await input().fill(text)
    await input().press('Enter')
  }

  async function choose(label: string): Promise<void> {
    await input().waitFor()
    await input().fill(label)
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click()
  }

  it('opens by its command and lists every provider with how it stands', async () => {
    await workbench.runCommand('Panelist: Providers')
    await page().waitFor()
    await standing('anthropic', 'No key needed')
    await standing('openrouter', 'No key')
    await standing('litellm', 'No endpoint yet')
    await standing('ollama', 'Not running')
    for (const id of ['openai', 'google', 'vscode']) await card(id).waitFor()
  })

  it('takes a key in a native password box and never shows it', async () => {
    await button('anthropic', 'Anthropic').click()
    await button('anthropic', 'Set key').click()
    const box = workbench.page.locator('.quick-input-widget input[type=password]')
    await box.fill(`${key}-wrong`)
    await box.press('Enter')
    await standing('anthropic', 'Key refused')
    await button('anthropic', 'Test connection to Anthropic').click()
    await finding('anthropic', 'The key is refused (401). Set another.')
    await button('anthropic', 'Set key').click()
    await box.fill(key)
    await box.press('Enter')
    await standing('anthropic', SET)
    await button('anthropic', 'Test connection to Anthropic').click()
    await finding('anthropic', /^Works: 2 models in \d+\.\d s with the key\./)
    await card('anthropic').getByText('2 models, just now').waitFor()
    assert.equal(await chat.frame.locator('input').count(), 0)
    assert.ok(!(await chat.frame.content()).includes('canary'))
  })

  it('says that nothing answers at an address', async () => {
    await button('ollama', 'Test connection to Ollama').click()
    await finding('ollama', /^Nothing answers at 127\.0\.0\.1:\d+\. Is Ollama running\?/)
  })

  it('changes an endpoint in a native box that takes no nonsense, and keeps what else is set', async () => {
    await button('anthropic', 'Edit the endpoint of Anthropic').click()
    await type('nonsense')
    await workbench.page.locator('.quick-input-widget').getByText('Use a whole address').waitFor()
    await type('https://me:secret@host.example')
    await workbench.page.locator('.quick-input-widget').getByText('Leave out the user name').waitFor()
    await type(`${server.origin}/other/`)
    await button('anthropic', 'Edit the endpoint of Anthropic').waitFor()
    await card('anthropic').getByText(`${server.origin}/other`).waitFor()
    assert.deepEqual(providers()['anthropic'], { baseUrl: `${server.origin}/other`, headers: { 'x-team': 'kept' } })
    await button('anthropic', 'Edit the endpoint of Anthropic').click()
    await type('')
    await card('anthropic').getByText('https://api.anthropic.com', { exact: true }).waitFor()
    assert.deepEqual(providers()['anthropic'], { headers: { 'x-team': 'kept' } })
    // The key was set for another origin.
    await standing('anthropic', 'No key')
    await card('anthropic')
      .getByText(`was set for ${server.origin} and is not sent to https://api.anthropic.com`)
      .waitFor()
    await button('anthropic', 'Edit the endpoint of Anthropic').click()
    await type(server.origin)
    await standing('anthropic', SET)
  })

  it('chooses a default model, and leaves it to the one used last again', async () => {
    await button('anthropic', 'Choose the default model of Anthropic').click()
    await choose('claude-two')
    await card('anthropic').getByText('claude-two').waitFor()
    assert.equal(providers()['anthropic']?.['defaultModel'], 'claude-two')
    await button('anthropic', 'Choose the default model of Anthropic').click()
    await choose('No default')
    await card('anthropic').getByText('The one used last').waitFor()
    assert.ok(!('defaultModel' in providers()['anthropic']!))
  })

  it('adds a server of one’s own, tests it, and removes it after a question', async () => {
    await chat.frame.getByTestId('add-provider').click()
    await choose('Anthropic-compatible server')
    await type('Lab server', 'Add a Provider: Name')
    await type(`${server.origin}/lab/`, 'Endpoint of Lab server')
    await card('lab-server').getByTestId('provider-details').waitFor()
    await finding('lab-server', 'It wants a key (401). Set one.')
    const baseUrl = `${server.origin}/lab`
    assert.deepEqual(providers()['lab-server'], { label: 'Lab server', baseUrl, dialect: 'anthropic' })
    await button('lab-server', 'Remove Lab server…').click()
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click()
    await card('lab-server').waitFor({ state: 'detached' })
    assert.ok(!('lab-server' in providers()))
  })

  it('switches a provider off for the picker, and on again', async () => {
    await card('openrouter').getByRole('switch').click()
    await standing('openrouter', 'Switched off')
    assert.deepEqual(providers()['openrouter'], { enabled: false })
    await workbench.page.keyboard.press('Escape')
    const picker = await chat.openPicker()
    await picker.locator('option[value=google]').waitFor({ state: 'attached' })
    await picker.getByText('OpenRouter').first().waitFor({ state: 'detached' })
    await chat.frame.getByTestId('manage-providers').click()
    await card('openrouter').getByRole('switch').click()
    await standing('openrouter', 'No key')
    assert.ok(!('openrouter' in providers()))
  })

  it('says why the settings could not be written', async () => {
    const good = readFileSync(settingsFile, 'utf8')
    // At its end: what stands before still counts.
    writeFileSync(settingsFile, good.replace(/\}\s*$/, ', oops }'))
    try {
      await workbench.page.waitForTimeout(500)
      await card('google').getByRole('switch').click()
      await chat.frame.getByTestId('providers-problem').getByText('The settings could not be written').waitFor()
    } finally {
      writeFileSync(settingsFile, good)
    }
  })

  it('is shown in an editor tab as well', async () => {
    // Not after the editor was opened: a browser takes Escape for the order to stop loading pages.
    await page().press('Escape')
    await chat.composer.waitFor()
    await workbench.helper.execute('panelist.openInEditor')
    const editor = await Chat.of(workbench, 0, 'editor')
    await editor.frame.getByTestId('more').click()
    await editor.frame.getByRole('menuitem', { name: 'Providers' }).click()
    await editor.frame.locator('[data-provider=anthropic]').getByTestId('standing').getByText(SET).waitFor()
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))
})
