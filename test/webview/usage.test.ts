import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import type { ThemeName } from './harness/themes.ts'

const THEMES: ThemeName[] = ['dark', 'light', 'contrast']

describe('the usage page', function () {
  this.timeout(60_000)
  let rig: Rig
  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())

  const last = (page: Page, name: string) =>
    page.evaluate((wanted) => window.usageAsked.filter((one) => one.name === wanted).at(-1)?.body, name)
  const settled = (page: Page) => page.locator('main[aria-busy=false]').waitFor()
  const figure = (page: Page, id: string) => page.locator(`[data-figure=${id}] .value`).innerText()

  for (const theme of THEMES) {
    it(`can be read and used by everyone, as charts and as tables: ${theme}`, async () => {
      const page = await rig.usage('full', { theme })
      assert.equal(await page.locator('[data-chart] canvas').count(), 5)
      assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations, [])
      for (const button of await page.getByRole('button', { name: /as a table$/ }).all()) await button.click()
      assert.equal(await page.locator('[data-chart] canvas').count(), 0)
      assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations, [])
      await rig.close(page)
    })
  }

  for (const width of [300, 320, 700, 1200]) {
    it(`fits ${width} pixels`, async () => {
      const page = await rig.usage('full', { width })
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true)
      const clipped = await page.locator('[data-chart]').evaluateAll((charts) =>
        charts.filter((chart) => {
          const canvas = chart.querySelector('canvas')!.getBoundingClientRect()
          const box = chart.getBoundingClientRect()
          return canvas.width < 100 || canvas.right > box.right || canvas.left < box.left
        }),
      )
      assert.equal(clipped.length, 0)
      const bars = await page
        .getByRole('meter')
        .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width))
      assert.ok(bars.length === 2 && bars.every((bar) => bar >= 100), `budgets cannot be seen: ${bars.join(', ')}`)
      const names = await page
        .getByTestId('chats')
        .locator('tbody th')
        .evaluateAll((all) => all.map((name) => name.getBoundingClientRect().width))
      assert.ok(Math.min(...names) >= 100, `chats cannot be told apart: ${names.join(', ')}`)
      await rig.close(page)
    })
  }

  it('says what it adds up, and behind each chart stands a table of the same', async () => {
    const page = await rig.usage('full')
    const cost = page.locator('[data-chart=cost]')
    assert.match(
      (await cost.getByRole('img').getAttribute('aria-label')) ?? '',
      /^Cost by day: \$40\.04 in all, most on 2026-/,
    )
    await cost.getByRole('button').press('Enter')
    const cells = await cost.locator('tbody td:last-child').allInnerTexts()
    assert.equal(cells.length, 30)
    const sum = cells.reduce((one, cell) => one + Number(cell.replace(/[$,]/g, '')), 0)
    assert.ok(Math.abs(sum - 40.04) < 0.2, `${sum}`)
    assert.equal(await figure(page, 'cost'), '≥ $40.04')
    await cost.getByRole('button').press('Enter')
    await cost.locator('canvas').first().waitFor()
    await rig.close(page)
  })

  it('asks for the days that are chosen, by a preset and by the ends', async () => {
    const page = await rig.usage('full')
    assert.deepEqual(await last(page, 'usage'), { from: '2026-10-23', to: '2026-11-21', filters: {} })
    await page.getByRole('button', { name: '7 days' }).click()
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), { from: '2026-11-15', to: '2026-11-21', filters: {} })
    await page.getByRole('textbox', { name: 'To', exact: true }).fill('2026-11-10')
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), { from: '2026-11-10', to: '2026-11-10', filters: {} })
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), { filters: {} })
    await rig.close(page)
  })

  it('takes days that are typed, and forgets nothing for one that is half written', async () => {
    const page = await rig.usage('full')
    const to = page.getByRole('textbox', { name: 'To', exact: true })
    await to.focus()
    await page.keyboard.type('11202026')
    await page.waitForFunction(() => JSON.stringify(window.usageAsked.at(-1)).includes('"to":"2026-11-20"'))
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), { from: '2026-10-23', to: '2026-11-20', filters: {} })
    await page.getByRole('textbox', { name: 'From', exact: true }).focus()
    await page.keyboard.type('10052026')
    await page.waitForFunction(() => JSON.stringify(window.usageAsked.at(-1)).includes('"from":"2026-10-05"'))
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), { from: '2026-10-05', to: '2026-11-20', filters: {} })
    await rig.close(page)
  })

  it('says of each number of failures what it is', async () => {
    const page = await rig.usage('full')
    const row = page.getByTestId('failures').locator('tr')
    const texts = (at: number) => row.nth(at).locator('th, td').allInnerTexts()
    const heads = (await texts(0)).map((head) => head.trim())
    assert.deepEqual(heads, ['Why', '', 'Requests', 'Of all'])
    assert.deepEqual(
      (await texts(1)).map((cell) => cell.trim()),
      ['Overloaded', '', '43', '1.5%'],
    )
    await rig.close(page)
  })

  it('draws providers apart that are called the same', async () => {
    const page = await rig.usage('twins')
    const names = await page.locator('[data-chart=cost] .entry').allInnerTexts()
    assert.deepEqual(
      names.map((name) => name.replace(/\s*\$.*/s, '')),
      ['Gateway', 'Gateway', 'Google'],
    )
    await page.locator('[data-chart=cost]').getByRole('button').click()
    const heads = page.locator('[data-chart=cost] thead th')
    assert.deepEqual(await heads.allInnerTexts(), ['Day', 'Gateway', 'Gateway', 'Google', 'all'])
    await page.getByRole('button', { name: '7 days' }).click()
    await settled(page)
    assert.equal(await page.locator('[data-chart=cost] tbody tr').count(), 7)
    await rig.close(page)
  })

  it('says that the cache saved at least so much where it was read at unknown prices', async () => {
    const known = await rig.usage('full')
    assert.equal(await figure(known, 'saved'), '$38.40')
    await rig.close(known)
    const page = await rig.usage('twins')
    assert.equal(await figure(page, 'saved'), '≥ $38.40')
    await rig.close(page)
  })

  it('shows today when another day has begun since it was opened', async () => {
    const page = await rig.usage('full')
    await page.getByRole('button', { name: 'Today' }).click()
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), { from: '2026-11-21', to: '2026-11-21', filters: {} })
    await page.evaluate(() => (window.usageToday = '2026-11-22'))
    await page.getByRole('button', { name: 'Today' }).click()
    await page.waitForFunction(() => JSON.stringify(window.usageAsked.at(-1)).includes('"from":"2026-11-22"'))
    await settled(page)
    assert.equal(await page.getByRole('textbox', { name: 'From', exact: true }).inputValue(), '2026-11-22')
    await rig.close(page)
  })

  it('shows one model alone when its name is pressed, and all again without the chips', async () => {
    const page = await rig.usage('full')
    await page.getByRole('button', { name: 'gpt-5.2' }).click()
    await page.locator('[data-filter=model]').waitFor()
    await settled(page)
    assert.deepEqual(await last(page, 'usage'), {
      from: '2026-10-23',
      to: '2026-11-21',
      filters: { model: 'gpt-5.2', provider: 'openai' },
    })
    assert.equal(await page.getByTestId('breakdown').locator('tbody tr').count(), 1)
    await page.locator('[data-filter=model]').press('Enter')
    await settled(page)
    assert.equal(await page.locator('[data-filter]').count(), 1)
    await page.locator('[data-filter=provider]').click()
    await settled(page)
    assert.equal(await page.getByTestId('breakdown').locator('tbody tr').count(), 4)
    await rig.close(page)
  })

  it('groups by what is chosen with the arrow keys, and names folders and agents as people do', async () => {
    const page = await rig.usage('full')
    await page.getByRole('tab', { name: 'Model' }).press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'Workspace')
    const names = page.getByTestId('breakdown').locator('tbody th button')
    assert.deepEqual(await names.allInnerTexts(), ['panelist', 'a site', 'no workspace'])
    await page.keyboard.press('ArrowLeft')
    assert.deepEqual(await names.allInnerTexts(), ['no agent', 'reviewer', 'planner'])
    await rig.close(page)
  })

  it('opens a chat, says where one is gone, and saves what is shown', async () => {
    const page = await rig.usage('full')
    await page.getByRole('button', { name: 'Ring buffers in TypeScript' }).click()
    assert.deepEqual(await last(page, 'open-chat'), { conversation: 'c0' })
    await page.getByRole('button', { name: 'Why does the flush stall?' }).click()
    await page.getByRole('alert').getByText('no longer there').waitFor()
    await page.getByRole('button', { name: '7 days' }).click()
    await page.getByTestId('export-csv').click()
    const query = { from: '2026-11-15', to: '2026-11-21', filters: {} }
    assert.deepEqual(await last(page, 'export-usage'), { query, format: 'csv' })
    await page.getByTestId('export-json').click()
    assert.deepEqual(await last(page, 'export-usage'), { query, format: 'json' })
    await rig.close(page)
  })

  it('is as it was when it comes again', async () => {
    const page = await rig.usage('full')
    await page.getByRole('button', { name: '90 days' }).click()
    await page.getByRole('tab', { name: 'Provider' }).click()
    await page.getByTestId('breakdown').getByRole('button', { name: 'Google' }).click()
    await settled(page)
    await page.reload()
    await page.locator('[data-filter=provider]').waitFor()
    assert.equal(await page.getByRole('button', { pressed: true, name: '90 days' }).count(), 1)
    assert.equal(await page.getByRole('tab', { selected: true }).innerText(), 'Provider')
    await rig.close(page)
  })

  it('says so where nothing was asked yet', async () => {
    const page = await rig.usage('none')
    await page.getByTestId('usage-empty').getByText('Nothing was asked yet').waitFor()
    assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations, [])
    await rig.close(page)
  })

  it('is drawn with the colours of another theme as soon as there is one', async () => {
    const page = await rig.usage('full')
    const pixels = () =>
      page
        .locator('[data-chart=requests] canvas')
        .first()
        .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL())
    const dark = await pixels()
    await page.evaluate(() => (document.body.className = 'vscode-light'))
    await page.waitForFunction(
      (before) => document.querySelector<HTMLCanvasElement>('[data-chart=requests] canvas')?.toDataURL() !== before,
      dark,
    )
    await rig.close(page)
  })
})
