/** Chats carried out and in, by the palette and VS Code's own dialogs. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Locator } from 'playwright-core'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { enterKey } from '../harness/native-keys.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('Exports and imports', () => {
  const key = `sk-${randomBytes(12).toString('hex')}-anthropic`
  const header = `team-${randomBytes(12).toString('hex')}`
  const variable = `sk-${randomBytes(12).toString('hex')}-openai`
  const folder = mkdtempSync(path.join(tmpdir(), 'panelist-transfer-'))
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      env: { OPENAI_API_KEY: variable },
      providers: { anthropic: { kind: 'anthropic', headers: { 'x-team': header } } },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
    ;({ workbench, chat } = open)
    await enterKey(workbench, 'anthropic', key)
  })
  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const input = (): Locator => workbench.page.locator('.quick-input-widget input[type=text]').first()
  /** What VS Code says, in the list of its notifications: nobody is in front of this window, so it shows no others. */
  async function said(text: string): Promise<Locator> {
    const { page, helper } = workbench
    const item = page.locator('.notifications-center .notification-list-item', { hasText: text })
    for (const deadline = Date.now() + 15_000; !(await item.isVisible()); await page.waitForTimeout(250)) {
      assert.ok(Date.now() < deadline, `it does not say “${text}”`)
      await helper.execute('notifications.showList')
    }
    return item
  }
  /** The dialog writes a name of its own when it has found its folder, and follows what is typed a moment later. */
  async function chosen(title: string, file: string): Promise<void> {
    const { page } = workbench
    const dialog = page.locator('.quick-input-widget', { hasText: title })
    await dialog.locator('.quick-input-title', { hasText: title }).waitFor()
    for (let held = 0; held < 4; held++) {
      if ((await input().inputValue()) !== file) {
        await input().fill(file)
        held = 0
      }
      await page.waitForTimeout(250)
    }
    for (const deadline = Date.now() + 20_000; await dialog.isVisible(); await page.waitForTimeout(500)) {
      assert.ok(Date.now() < deadline, `${title} stays open`)
      await input().press('Enter')
    }
  }

  it('write the chat that is shown as a page, and every chat as JSON, without a key, a header or the environment', async () => {
    const asked = await chat.ask(open.fakes.anthropic, 'Which key did I send?')
    await asked.answer(`You sent ${key} with ${header}; the other is ${variable}.`)
    await chat.says(asked.sent)
    await chat.settled()

    await workbench.runCommand('Panelist: Export Chat...')
    await chosen('Export Chat', path.join(folder, 'chat.html'))
    await said('Exported to chat.html.')
    await workbench.runCommand('Panelist: Export All Chats...')
    await chosen('Export All Chats', path.join(folder, 'all.json'))
    await said('Exported to all.json.')
    await workbench.screenshot('exported')
    await workbench.helper.execute('notifications.clearAll')

    assert.deepEqual(readdirSync(folder).sort(), ['all.json', 'chat.html'])
    for (const name of readdirSync(folder)) {
      const text = readFileSync(path.join(folder, name), 'utf8')
      assert.ok(text.includes('Which key did I send?'), name)
      for (const secret of [key, header, variable]) assert.ok(!text.includes(secret), `${name} holds a secret`)
    }
    const { conversations } = JSON.parse(readFileSync(path.join(folder, 'all.json'), 'utf8')) as {
      conversations: unknown[]
    }
    assert.equal(conversations.length, 1)
  })

  it('take a data export of Claude, say what was taken, and go on with one of its chats', async () => {
    const file = path.join(folder, 'conversations.json')
    copyFileSync(path.join(import.meta.dirname, '../store/transfer/fixtures/claude.json'), file)
    await workbench.runCommand('Panelist: Import Chats...')
    await chosen('Import Chats', file)
    const report = await said('Imported 2 conversations with 7 messages.')
    await workbench.screenshot('imported')
    await report.getByRole('button', { name: 'Show Report' }).click()
    await workbench.page.locator('.editor-instance', { hasText: 'data export of Claude' }).waitFor()

    await chat.openHistory()
    await chat.frame.getByText('Garden plan').first().click()
    await chat.says('Lettuce.')
    const next = await chat.ask(open.fakes.anthropic, 'And carrots?')
    assert.match(JSON.stringify(next.history), /Plan my garden.*Lettuce/)
    await next.answer('In the sun.')
    await chat.says('In the sun.')
    await chat.settled()
  })

  it('change nothing for a file that is none, and say why', async () => {
    const file = path.join(folder, 'broken.json')
    writeFileSync(file, readFileSync(path.join(folder, 'all.json'), 'utf8').slice(0, -40))
    await workbench.runCommand('Panelist: Import Chats...')
    await chosen('Import Chats', file)
    await said('broken.json was not imported, and nothing was changed. This file ends in the middle')
    assert.deepEqual(workbench.problems, [])
  })
})
