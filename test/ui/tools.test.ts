/** Tools as a person meets them: what is asked, what runs, what it prints, and what stays allowed. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { JsonObject } from '../../src/shared/json.ts'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { anthropic as format } from '../harness/formats/anthropic.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('Tools', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-tools-'))
  const file = path.join(folder, 'workspace', 'ring.ts')
  const other = path.join(folder, 'workspace', 'size.ts')
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let calls = 0
  pictureFailures(() => workbench)

  before(async () => {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, 'export const size = 10\nexport const name = "ring"\n')
    writeFileSync(other, 'export const most = 10\n')
    open = await openChat({
      folder,
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      settings: { 'panelist.tools.enabled': true },
    })
    ;({ workbench, chat } = open)
  })

  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const next = (): Promise<FakeTurn> => open.fakes.anthropic.next()
  const call = (turn: FakeTurn, name: string, input: JsonObject): Promise<void> =>
    turn.raw(format.answer({ calls: [{ id: `toolu_${++calls}`, name, input }] }))
  const card = () => chat.frame.locator('[data-call]').last()
  const state = (kind: string) => chat.frame.locator(`[data-call=toolu_${calls}][data-state=${kind}]`).waitFor()
  const byTestId = (id: string) => chat.frame.getByTestId(id)
  const edit = { path: 'ring.ts', edits: [{ old_text: 'size = 10', new_text: 'size = 20' }] }
  const done = async (turn: FakeTurn, words: string): Promise<void> => {
    await turn.answer(words)
    await chat.says(words)
    await chat.settled()
  }

  const shows = (words: string) => workbench.page.locator('.editor-instance .view-lines').getByText(words).waitFor()
  /** Opens a file of the workspace, and leaves the cursor in it once it shows these words. */
  const openFile = async (name: string, words: string): Promise<void> => {
    const { page } = workbench
    await page.keyboard.press('Control+P')
    const input = page.locator('.quick-input-widget input.input')
    await input.fill(name)
    await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.tab.active', { hasText: name }).waitFor()
    // The tab is there before the file is: until then the one before it stands below.
    await shows(words)
    await page.locator('.editor-instance .view-lines').click()
  }
  const until = async (holds: () => boolean): Promise<void> => {
    for (const deadline = Date.now() + 10_000; !holds(); await workbench.page.waitForTimeout(50))
      assert.ok(Date.now() < deadline, holds.toString())
  }

  it('show an edit as a diff, take a reason for a no, change the file after a yes, and undo takes it back', async () => {
    await call(await chat.ask(open.fakes.anthropic, 'Make the ring larger'), 'edit_file', edit)
    const change = byTestId('edit')
    await change.waitFor()
    assert.deepEqual(await change.locator('tr.removed .text').allInnerTexts(), ['export const size = 10'])
    assert.deepEqual(await change.locator('tr.added .text').allInnerTexts(), ['export const size = 20'])
    await byTestId('deny-reason').click()
    await chat.frame.locator('[data-testid=reason]:focus').fill('Ask me how large first')
    await byTestId('reason').press('Enter')
    await state('failed')
    const again = await next()
    assert.match(JSON.stringify(again.request.json()), /Ask me how large first/)
    assert.match(readFileSync(file, 'utf8'), /size = 10/)
    await call(again, 'edit_file', edit)
    await byTestId('allow-once').click()
    const last = await next()
    await state('done')
    assert.match(readFileSync(file, 'utf8'), /size = 20/)
    await done(last, 'It is larger now.')
    assert.equal(await byTestId('footer').count(), 1)
    await byTestId('steps').getByText('3 steps').waitFor()
    await openFile('ring.ts', 'size = 20')
    await workbench.page.keyboard.press('Control+Z')
    await shows('size = 10')
    await workbench.page.keyboard.press('Control+S')
    await until(() => /size = 10/.test(readFileSync(file, 'utf8')))
  })

  it('leave out the file of an edit that was rejected, and take an edit of several files back at once', async () => {
    const both = {
      edits: [
        { path: 'ring.ts', old_text: 'size = 10', new_text: 'size = 30' },
        { path: 'size.ts', old_text: 'most = 10', new_text: 'most = 30' },
      ],
    }
    await call(await chat.ask(open.fakes.anthropic, 'Both larger'), 'edit_file', both)
    await byTestId('reject-file').nth(1).click()
    await byTestId('approval').getByTestId('reason').fill('The most stays')
    await byTestId('allow-once').getByText('Apply 1 of 2 files').click()
    const again = await next()
    await state('done')
    await card().getByText('You rejected size.ts: The most stays').waitFor()
    assert.match(JSON.stringify(again.request.json()), /rejected the changes of size\.ts[^"]*The most stays/)
    assert.match(readFileSync(file, 'utf8'), /size = 30/)
    assert.match(readFileSync(other, 'utf8'), /most = 10/)
    const more = {
      edits: [
        { path: 'ring.ts', old_text: 'size = 30', new_text: 'size = 40' },
        { path: 'size.ts', old_text: 'most = 10', new_text: 'most = 40' },
      ],
    }
    await call(again, 'edit_file', more)
    await byTestId('allow-once').click()
    const last = await next()
    await done(last, 'Both are larger.')
    assert.match(readFileSync(other, 'utf8'), /most = 40/)
    await openFile('size.ts', 'most = 40')
    await workbench.page.keyboard.press('Control+Z')
    await shows('most = 10')
    await workbench.helper.execute('workbench.action.files.saveAll')
    await until(() => /most = 10/.test(readFileSync(other, 'utf8')))
    await until(() => /size = 30/.test(readFileSync(file, 'utf8')))
  })

  it('stream a command into its card, and end it with Stop; the turn can go on', async () => {
    const command = 'i=0; while true; do i=$((i + 1)); echo "tick $i"; sleep 1; done'
    await call(await chat.ask(open.fakes.anthropic, 'Count'), 'run_command', { command })
    await byTestId('preview-command').getByText(command).waitFor()
    assert.equal(await byTestId('allow-always').count(), 0, 'what is not plain words is asked for every time')
    await byTestId('allow-once').click()
    await card().getByTestId('live-output').getByText('tick 2').waitFor({ timeout: 20_000 })
    await chat.stop.click()
    await state('failed')
    await card().getByText('Stopped', { exact: true }).waitFor()
    await byTestId('go-on').click()
    const turn = await next()
    assert.match(JSON.stringify(turn.request.json()), /stopped/i)
    await done(turn, 'I stopped counting.')
  })

  it('take along what is typed while a call asks', async () => {
    await call(await chat.ask(open.fakes.anthropic, 'Say hello'), 'run_command', { command: 'echo hello' })
    await byTestId('waiting-for-you').waitFor()
    await chat.send('And be quick')
    await byTestId('queued').getByText('And be quick').waitFor()
    await byTestId('waiting-for-you').click()
    await chat.frame.locator('[data-testid=allow-once]:focus').press('Control+Enter')
    const turn = await next()
    assert.deepEqual(turn.history.at(-1), { role: 'user', text: 'And be quick' })
    await byTestId('queued').waitFor({ state: 'detached' })
    await done(turn, 'Hello.')
  })

  it('run what is always allowed without asking, until that is revoked on its page', async () => {
    const command = { command: 'echo always' }
    await call(await chat.ask(open.fakes.anthropic, 'First'), 'run_command', command)
    await byTestId('allow-always').click()
    await call(await next(), 'run_command', command)
    await done(await next(), 'Both ran.')
    await workbench.runCommand('Panelist: What Tools May Do')
    await byTestId('grant').getByText('echo always').waitFor()
    await byTestId('revoke').click()
    await byTestId('nothing-allowed').waitFor()
    await byTestId('allowed-close').click()
    await call(await chat.ask(open.fakes.anthropic, 'Again'), 'run_command', command)
    await byTestId('deny').click()
    await done(await next(), 'You said no.')
  })

  it('are switched off by chat, and their cards are there after a reload', async () => {
    await byTestId('tools-button').click()
    await chat.frame.getByRole('switch', { name: 'Run command' }).click()
    await byTestId('tools-button').click()
    const turn = await chat.ask(open.fakes.anthropic, 'What can you do?')
    const { tools } = turn.request.json() as { tools: { name: string }[] }
    assert.ok(tools.some(({ name }) => name === 'edit_file'))
    assert.ok(!tools.some(({ name }) => name === 'run_command'))
    await done(turn, 'Edit.')
    await workbench.reload()
    await chat.again()
    await chat.says('Edit.')
    // Those of the last two calls: one was denied, the one before it ran.
    await state('failed')
    await chat.frame.locator(`[data-call=toolu_${calls - 1}][data-state=done]`).waitFor()
  })

  it('cause no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))
})
