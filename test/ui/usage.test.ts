/** The usage page in a real VS Code: what two answers come to, the chat behind them, and the figures in a file. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Frame } from 'playwright-core'
import { openStore } from '../../src/store/open.ts'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { chooseFile } from '../harness/native-dialogs.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

/** An answer with 1,000 tokens of input and 2,000 of output costs $0.045. */
const PRICED = {
  provider: 'anthropic',
  id: 'priced',
  name: 'Priced',
  contextWindow: 100_000,
  maxOutputTokens: 20_000,
  price: { input: 5, output: 20 },
}

describe('The usage page', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'panelist-usage-'))
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'priced' },
      settings: {
        'panelist.models': [PRICED],
        'panelist.tools.enabled': false,
        'panelist.countTokens': 'estimate',
        'panelist.chatTitles': 'words',
      },
    })
    ;({ workbench, chat } = open)
  })
  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function usagePage(): Promise<Frame> {
    for (const deadline = Date.now() + 30_000; ; await workbench.page.waitForTimeout(100)) {
      for (const frame of workbench.page.frames()) {
        if (
          await frame
            .locator('main[data-testid=usage][aria-busy=false]')
            .count()
            .catch(() => 0)
        )
          return frame
      }
      assert.ok(Date.now() < deadline, 'there is no usage page')
    }
  }
  const figure = (page: Frame, id: string) => page.locator(`[data-figure=${id}] .value`).innerText()

  it('adds up what two answers cost, in the status bar and with figures, charts and tables', async () => {
    const item = workbench.page.locator('.statusbar-item', { hasText: '$0.' })
    assert.equal(await item.count(), 0)
    for (const word of ['First', 'Second']) {
      const turn = await chat.ask(open.fakes.anthropic, `${word} question`)
      await turn.answer(`${word} answer.`, { input: 1_000, output: 2_000, cached: 0 })
      await chat.says(`${word} answer.`)
      await chat.settled()
    }
    await item.getByText('$0.09').waitFor()
    await item.click()
    const page = await usagePage()
    assert.equal(await figure(page, 'cost'), '$0.09')
    assert.equal(await figure(page, 'requests'), '2')
    assert.equal(await figure(page, 'tokens'), '6K')
    // Each is drawn once its width is known.
    await page.locator('[data-chart] canvas').nth(4).waitFor()
    assert.equal(await page.locator('[data-chart] canvas').count(), 5)
    await page.locator('[data-chart=cost]').getByRole('button').click()
    assert.deepEqual(await page.locator('[data-chart=cost] tbody td').allInnerTexts(), ['$0.09'])
    const row = page.getByTestId('breakdown').locator('tbody tr')
    assert.match(await row.innerText(), /priced\s+Anthropic\s+\$0\.09\s+2\s+–\s+2K\s+0%\s+4K/)
    await workbench.screenshot('usage')
  })

  it('saves the figures in a file', async () => {
    const page = await usagePage()
    await page.getByTestId('export-csv').click()
    const file = path.join(folder, 'usage.csv')
    await chooseFile(workbench.page, 'Save panelist-usage', file)
    // The dialog closes before the file is written, and a file is there before its last line is.
    const written = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
    for (const deadline = Date.now() + 10_000; !written().endsWith('\r\n'); await workbench.page.waitForTimeout(100))
      assert.ok(Date.now() < deadline, 'nothing was written')
    const [head = '', line = '', ...more] = written().trimEnd().split('\r\n')
    assert.deepEqual(more, [])
    const names = head.split(',')
    const row = Object.fromEntries(line.split(',').map((value, place) => [names[place], value]))
    assert.equal(head.slice(0, 4), '\uFEFFday')
    assert.equal(row['provider'], 'anthropic')
    assert.equal(row['model'], 'priced')
    assert.deepEqual([row['requests'], row['input'], row['output']], ['2', '2000', '4000'])
    assert.equal(Number(row['cost']).toFixed(6), '0.090000')
  })

  it('is neither in the status bar nor kept for longer where the settings say so', async () => {
    const item = workbench.page.locator('.statusbar-item', { hasText: '$0.09' })
    await workbench.helper.changeSettings({ 'panelist.usage.statusBar': false })
    await item.waitFor({ state: 'hidden' })
    await workbench.helper.changeSettings({ 'panelist.usage.statusBar': true })
    await item.waitFor()
    const { store } = openStore({
      path: path.join(workbench.server.profile.data, 'User/globalStorage/panelist.panelist/panelist.db'),
    })
    try {
      const [newest] = store.requests.list({ limit: 1 })
      const daysAgo = (days: number) => ({ ...newest!, id: `old-${days}`, startedAt: Date.now() - days * 86_400_000 })
      for (const days of [100, 200]) store.requests.insert(daysAgo(days))
      await workbench.helper.changeSettings({ 'panelist.usage.keepDays': 150 })
      const kept = () => store.requests.list().map(({ id }) => id)
      for (const deadline = Date.now() + 20_000; kept().includes('old-200'); await workbench.page.waitForTimeout(100))
        assert.ok(Date.now() < deadline, 'an old record is still there')
      assert.ok(kept().includes('old-100'))
      assert.equal(kept().length, 3)
    } finally {
      store.close()
    }
  })

  it('opens the chat that cost it, and the page again by its command', async () => {
    const page = await usagePage()
    await page.getByTestId('chats').getByRole('button', { name: 'First question' }).click()
    await workbench.page.locator('.tab', { hasText: 'First question' }).first().waitFor()
    // A page that is taken away while it loads is an error to VS Code.
    await workbench.panel({ place: 'editor' })
    await workbench.runCommand('Panelist: Show Usage')
    const again = await usagePage()
    assert.equal(await figure(again, 'requests'), '2')
    assert.deepEqual(workbench.problems, [])
  })
})
