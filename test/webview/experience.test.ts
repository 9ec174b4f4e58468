import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { AxeBuilder } from './harness/axe.ts'
import { Rig } from './harness/browser.ts'

describe('what everyday requests tell', function () {
  this.timeout(60_000)
  let rig: Rig
  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())

  const pick = async (width: number): Promise<Page> => {
    const page = await rig.open('rich', { width })
    await page.evaluate(() => {
      window.host.scene.own = {
        speeds: [
          {
            provider: 'anthropic',
            model: 'claude-sonnet-4-5',
            answers: 12,
            firstToken: { median: 840, p95: 2_000 },
            rate: { median: 71.6, p95: 90 },
          },
        ],
        health: {
          anthropic: { state: 'slow', text: 'Slow: first word after 8.0 s lately, usually 0.8 s', at: Date.now() },
          openai: { state: 'down', text: 'Down: 3 of the last 3 requests failed, overloaded', at: Date.now() },
        },
      }
    })
    await page.getByTestId('model-button').click()
    await page.locator('[role=option]').first().waitFor()
    return page
  }

  it('stands in the picker: each model’s own median speed, and how its provider does', async () => {
    const page = await pick(600)
    const row = page.locator('[data-model="claude-sonnet-4-5"]').first()
    const speed = row.getByTestId('own-speed')
    assert.match(await speed.innerText(), /^72 tok\/s/)
    assert.match(
      (await speed.textContent()) ?? '',
      /Median of your last 12 answers: first token after 0\.8 s, then 72 tok\/s/,
    )
    const health = page.getByTestId('health')
    assert.deepEqual((await health.allInnerTexts()).slice(0, 2), ['slow', 'down'])
    assert.match((await health.first().getAttribute('title')) ?? '', /usually 0\.8 s/)
    const { violations } = await new AxeBuilder({ page }).include('[role=listbox]').analyze()
    assert.deepEqual(violations, [])
    await rig.close(page)
  })

  it('leaves room for the rest in a narrow picker', async () => {
    const page = await pick(300)
    assert.equal(await page.getByTestId('own-speed').first().isVisible(), false)
    const dot = await page
      .getByTestId('own-speed')
      .first()
      .evaluate((speed) => {
        return getComputedStyle(speed.nextElementSibling!, '::before').display
      })
    assert.equal(dot, 'none', 'a dot stands before the first number, and nothing before the dot')
    await page.screenshot({ path: 'out/picker-own-300.png' })
    await rig.close(page)
  })

  it('stands on the page of providers in words', async () => {
    const page = await rig.open('empty', { width: 600 })
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'providers' }))
    const card = page.locator('[data-provider=anthropic]')
    assert.match(await card.getByTestId('health').innerText(), /^Slow: first word after 8\.2 s lately/)
    assert.equal(await page.locator('[data-provider=openai]').getByTestId('health').count(), 0)
    await rig.close(page)
  })
})
