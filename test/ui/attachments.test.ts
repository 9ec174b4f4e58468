/** Files on their way to a model: into the composer, through the provider's own format, and out of the transcript again. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { giveFiles } from '../harness/give-files.mjs'
import type { GivenFile } from '../harness/give-files.mjs'
import { chooseFile } from '../harness/native-dialogs.ts'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'

const PDF = '%PDF-1.7 a very short paper'
/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
)

describe('Attachments', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-attachments-'))
  const workspace = path.join(folder, 'project')
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider
  pictureFailures(() => workbench)

  before(async () => {
    mkdirSync(workspace)
    writeFileSync(path.join(workspace, 'pixel.png'), PNG)
    writeFileSync(path.join(workspace, 'notes.md'), 'Buy milk.\n')
    writeFileSync(path.join(folder, 'outside.md'), 'Not for you.\n')
    provider = await startFakeProvider('anthropic')
    workbench = await openWorkbench({
      folder,
      workspace,
      settings: {
        'panelist.provider': 'anthropic',
        'panelist.model': 'claude-haiku-4-5',
        'panelist.providers': { anthropic: provider.setting },
        'panelist.models': [{ provider: 'anthropic', id: 'blind', name: 'Blind', images: false, contextWindow: 1000 }],
        'files.simpleDialog.enable': true,
      },
    })
    await workbench.focusPanel()
    chat = await Chat.of(workbench)
  })

  after(async () => {
    await workbench?.close()
    await provider?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const patience = (): number => Date.now() + 20_000

  /** Takes the draft out of the composer: an empty chat would give it to the next. */
  const clear = async (): Promise<void> => {
    await chat.composer.fill('')
    while ((await chips().count()) > 0)
      await chips()
        .first()
        .getByRole('button', { name: /^Remove/ })
        .click()
  }

  const chips = () => chat.frame.getByTestId('attachment')

  const give = (how: 'paste' | 'drop', files: GivenFile[], uris: string[] = []): Promise<void> =>
    chat.composer.evaluate(giveFiles, { how, files, uris })

  const pdf = { name: 'paper.pdf', type: 'application/pdf', base64: Buffer.from(PDF).toString('base64') }
  const png = { name: 'pixel.png', type: 'image/png', base64: PNG.toString('base64') }

  it('reach the provider in its own format, counted by it before', async () => {
    await give('paste', [pdf])
    await chips().getByText('paper.pdf').waitFor()
    await give('drop', [png])
    await chips().nth(1).waitFor()
    await chat.composer.fill('Compare them')
    await chat.frame.locator('[data-testid=estimate][data-exact=true]').waitFor()
    const counts = provider.server.requests.filter(({ url }) => url.includes('count_tokens'))
    const last = JSON.stringify(counts.at(-1)?.json())
    assert.ok(last.includes(pdf.base64) && last.includes(png.base64), 'the count is of the files too')
    const turn = await chat.ask(provider, 'Compare them')
    const [{ content }] = (turn.request.json() as { messages: [{ content: JsonObject[] }] }).messages
    assert.deepEqual(
      content.map(({ type, source }) => [type, (source as { data?: Json } | undefined)?.data]),
      [
        ['document', pdf.base64],
        ['image', png.base64],
        ['text', undefined],
      ],
    )
    await turn.answer('They are alike.')
    await chat.settled()
  })

  it('are saved from the transcript where the person agrees to the place, under their own name', async () => {
    await chat.questions.getByTestId('file').click()
    const input = workbench.page.locator('.quick-input-widget input[type=text]').first()
    const saved = path.join(workspace, 'paper.pdf')
    for (const deadline = patience(); (await input.inputValue()) !== saved; await pause(50))
      assert.ok(Date.now() < deadline, `it proposes ${await input.inputValue()}`)
    assert.equal(existsSync(saved), false)
    await chooseFile(workbench.page, 'Save paper.pdf', saved)
    // A file is there before it holds anything.
    const written = (): string => (existsSync(saved) ? readFileSync(saved, 'utf8') : '')
    for (const deadline = patience(); written() !== PDF && Date.now() < deadline;) await pause(50)
    assert.equal(written(), PDF)
  })

  it('dropped from the explorer are read from the workspace, and from nowhere else', async () => {
    await chat.newChat()
    const uri = (file: string): string => `vscode-remote://localhost${path.join(workspace, file)}`
    await give('drop', [], [uri('pixel.png'), uri('notes.md'), uri('../outside.md')])
    await chips().getByText('pixel.png').waitFor()
    await chat.frame.getByTestId('notice').getByText('outside.md is not in this workspace.').waitFor()
    await chips().getByText('notes.md').click()
    assert.equal(await chat.frame.getByTestId('attachment-preview').locator('pre').innerText(), 'Buy milk.\n')
    assert.equal(await chips().count(), 2)
  })

  it('are still there when the panel was hidden, which destroys its page', async () => {
    await workbench.helper.execute('workbench.action.toggleAuxiliaryBar')
    for (const deadline = patience(); !chat.frame.isDetached() && Date.now() < deadline;) await pause(50)
    await workbench.helper.execute('workbench.action.toggleAuxiliaryBar')
    await chat.again()
    await chips().getByText('pixel.png').waitFor()
  })

  it('are added by a command from the file in front', async () => {
    await clear()
    await workbench.page.getByRole('treeitem', { name: 'notes.md' }).dblclick()
    await workbench.page.locator('.tab.active', { hasText: 'notes.md' }).waitFor()
    // The window shows a tab before the extension host knows of it.
    for (const deadline = patience(); !(await workbench.helper.inFront())?.endsWith('notes.md'); await pause(50))
      assert.ok(Date.now() < deadline, 'the extension host does not hear of the file')
    await workbench.helper.execute('panelist.addFile')
    await chips().getByText('notes.md').waitFor()
  })

  it('that a model cannot see wait for one that can', async () => {
    await clear()
    await give('paste', [png])
    await chips().waitFor()
    await chat.pick('blind')
    await chat.frame.getByTestId('refusal').getByText('Blind cannot see images.').waitFor()
    const asked = provider.server.requests.length
    await chat.send('What is this?')
    await chat.frame.getByRole('alert').getByText('Not sent.').waitFor()
    assert.equal(
      provider.server.requests.slice(asked).some(({ url }) => url === '/v1/messages'),
      false,
    )
    await chat.pick('claude-haiku-4-5')
    await chat.frame.getByTestId('refusal').waitFor({ state: 'detached' })
    await chat.composer.press('Enter')
    const turn = await provider.next()
    assert.ok(JSON.stringify(turn.request.json()).includes(png.base64))
    await turn.answer('A red dot.')
    await chat.settled()
    await chat.pick('blind')
    await chat.frame
      .getByTestId('unseen')
      .getByText('Blind cannot see the image of this chat; it is left out.')
      .waitFor()
  })

  it('too many words for the model are told of before they are sent', async () => {
    await chat.composer.fill('word '.repeat(3000))
    await chat.frame.getByTestId('too-long').getByText('and Blind holds 1k.').waitFor()
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))
})
