/** A page whose first message nobody answers: it says so, and offers what helps. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'

describe('a panel whose host does not answer', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const notice = () => page.getByTestId('notice')
  const asked = (name: 'ready' | 'reload') => page.evaluate((one) => window.host.requests(one).length, name)

  it('says so after some seconds, offers to load the panel anew, and goes on by itself once it is answered', async () => {
    page = await rig.open('rich', { held: true })
    await page.waitForTimeout(1_500)
    assert.equal(await notice().count(), 0, 'a slow start is none')
    await notice().getByText('Panelist has not answered yet').waitFor({ timeout: 15_000 })
    const before = await asked('ready')
    await notice().getByRole('button', { name: 'Reload the panel' }).click()
    await page.waitForFunction((count) => window.host.requests('ready').length > count, before)
    assert.equal(await asked('reload'), 1)
    await page.evaluate(() => window.host.release())
    await notice().waitFor({ state: 'detached' })
    await page.locator('article').first().waitFor()
  })

  it('says so as well where a later snapshot does not come, and keeps what is shown', async () => {
    page = await rig.open('rich')
    await page.locator('article').first().waitFor()
    const shown = await page.locator('article').count()
    await page.evaluate(() => {
      window.host.held = true
      window.host.tell({ type: 'stale' })
    })
    await notice().getByText('Panelist has not answered yet').waitFor({ timeout: 15_000 })
    assert.equal(await page.locator('article').count(), shown)
    await page.evaluate(() => window.host.release())
    await notice().waitFor({ state: 'detached' })
  })
})
