/** Chats carried out and in, by the palette and VS Code's own dialogs. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { chooseFile, notified } from '../harness/native-dialogs.ts'
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

  const said = (text: string) => notified(workbench, text)
  const chosen = (title: string, file: string) => chooseFile(workbench.page, title, file)

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
