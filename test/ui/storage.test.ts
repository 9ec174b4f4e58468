/** Where chats are kept, and their copies, in a whole VS Code. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { chooseFile, notified } from '../harness/native-dialogs.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('The database of the chats', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'panelist-storage-'))
  const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')]
  const copy = path.join(folder, 'copy.db')
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      settings: { 'panelist.storagePath': first, 'panelist.chatTitles': 'words' },
    })
    ;({ workbench, chat } = open)
  })
  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const said = (text: string) => notified(workbench, text)
  const chosen = (title: string, file: string) => chooseFile(workbench.page, title, file)
  const bird = () =>
    chat.frame.getByTestId('history').locator('[data-conversation]', { hasText: 'Which bird is this?' })

  it('is in the folder that the settings name, and is offered to be copied when they name another', async () => {
    await chat.turn(open.fakes.anthropic, 'Which bird is this?', 'A kestrel.')
    assert.ok(existsSync(path.join(first, 'panelist.db')))
    await workbench.helper.changeSettings({ 'panelist.storagePath': second })
    await said(`Chats will be kept in ${second}`)
    await workbench.reload()
    await workbench.focusPanel()
    chat = await Chat.of(workbench)
    const offer = await said(`One chat is in ${path.join(first, 'panelist.db')}`)
    await offer.getByRole('button', { name: 'Copy Them Here' }).click()
    await chat.openHistory()
    await bird().waitFor()
    assert.ok(existsSync(path.join(second, 'panelist.db')))
  })

  it('is backed up and restored by commands, and what was there before is kept', async () => {
    void workbench.helper.execute('panelist.backUpChats')
    await chosen('Back Up Conversations', copy)
    const told = await said('All chats, with their attachments')
    assert.ok(existsSync(copy), await told.innerText())
    await workbench.helper.execute('notifications.clearAll')
    await bird().hover()
    await bird().getByRole('button', { name: 'Delete' }).click()
    await bird().waitFor({ state: 'detached' })
    void workbench.helper.execute('panelist.restoreChats')
    await chosen('Restore Conversations', copy)
    const { page } = workbench
    const dialog = page.locator('.monaco-dialog-box', { hasText: 'Replace all chats' })
    await dialog.getByRole('button', { name: 'Restore' }).click()
    await said('The chats are restored')
    await chat.frame.getByTestId('history-search').fill('kestrel')
    await bird().waitFor()
  })
})
