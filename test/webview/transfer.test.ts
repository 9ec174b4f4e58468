import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'

describe('exports and imports of chats', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const asked = () => page.evaluate(() => window.host.requests('transfer'))

  it('are asked for in the menu of the panel, with the keyboard alone', async () => {
    page = await rig.open('empty')
    for (const [label, what] of [
      ['Export chat', 'export'],
      ['Export all chats', 'export-all'],
      ['Import chats', 'import'],
    ] as const) {
      await page.getByTestId('more').focus()
      await page.keyboard.press('Enter')
      const item = page.getByRole('menuitem').filter({ hasText: new RegExp(`^\\s*${label}\\s*$`) })
      await item.waitFor()
      for (let steps = 0; !(await item.evaluate((one) => one === document.activeElement)); steps++) {
        assert.ok(steps < 20, `${label} is not reached`)
        await page.keyboard.press('ArrowDown')
      }
      await page.keyboard.press('Enter')
      await page.getByRole('menu').waitFor({ state: 'detached' })
      assert.deepEqual((await asked()).at(-1), { what })
    }
    assert.equal((await asked()).length, 3)
  })

  for (const theme of ['light', 'dark', 'contrast'] as const) {
    it(`stand in a menu that everyone can use in ${theme}`, async () => {
      page = await rig.open('empty', { theme, width: 300 })
      await page.getByTestId('more').click()
      await page.getByRole('menuitem', { name: 'Import chats' }).waitFor()
      const { violations } = await new AxeBuilder({ page }).include('.menu').analyze()
      assert.deepEqual(
        violations.map(({ id }) => id),
        [],
      )
      if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/menu-${theme}.png` })
    })
  }
})
