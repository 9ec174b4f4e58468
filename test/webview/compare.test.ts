import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import type { ThemeName } from './harness/themes.ts'

/** Two models answer: one is done, the other writes. */
async function compared(rig: Rig, look: { width?: number; theme?: ThemeName } = {}): Promise<Page> {
  const page = await rig.open('compared', look)
  await page.getByTestId('comparison').waitFor()
  return page
}

const names = (page: Page): Promise<string[]> => page.getByTestId('lane').locator('.model').allInnerTexts()

describe('comparing models in the panel', function () {
  this.timeout(60_000)
  let rig: Rig

  before(async () => (rig = await Rig.start()))
  after(() => rig.stop())

  it('gathers two to four models and agents above the message box, and sends to all of them', async () => {
    const page = await rig.open('manyModels')
    await page.getByTestId('model-button').click()
    await page.getByTestId('compare-models').click()
    const bar = page.getByTestId('compare-bar')
    await bar.getByText('Claude Sonnet 4.5').waitFor()
    await page.getByTestId('model-search').waitFor()
    assert.equal(await page.getByRole('dialog', { name: 'Compare with' }).count(), 1)
    await page.getByTestId('model-search').fill('gpt')
    await page.keyboard.press('Enter')
    await bar.locator('.chip').nth(1).waitFor()
    await page.getByTestId('composer').fill('Which is it?')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('compare').length === 1)
    const [sent] = (await page.evaluate(() => window.host.requests('compare'))) as [{ lanes: { model: string }[] }]
    assert.equal(sent.lanes.length, 2)
    assert.equal(sent.lanes[0]?.model, 'claude-sonnet-4-5')
    assert.deepEqual(await page.evaluate(() => window.host.requests('send')), [])
    assert.deepEqual(await page.evaluate(() => window.host.requests('choose')), [])
    await bar.waitFor({ state: 'detached' })
    await rig.close(page)
  })

  it('sends to one as ever, where only one is left', async () => {
    const page = await rig.open('manyModels')
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'compare' }))
    await page.getByTestId('model-search').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('compare-bar').getByText('2 to 4').waitFor()
    await page.getByTestId('composer').fill('Alone')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    await rig.close(page)
  })

  it('shows them side by side, each as it streams, with its own figures', async () => {
    const page = await compared(rig, { width: 1000 })
    assert.equal((await names(page)).length, 2)
    const [one, other] = [page.getByTestId('lane').nth(0), page.getByTestId('lane').nth(1)]
    const boxes = [await one.boundingBox(), await other.boundingBox()]
    assert.ok(boxes[0]!.x + boxes[0]!.width <= boxes[1]!.x, 'they stand beside each other')
    assert.match(await one.getByTestId('footer').innerText(), /in.*out.*\$0\.0123/s)
    await page.evaluate(() =>
      window.host.tell({
        type: 'stream',
        id: 'lane2',
        events: [{ type: 'block-delta', index: 0, text: ' and it grows' }],
      }),
    )
    await other.getByText('and it grows').waitFor()
    assert.equal(await one.getByText('and it grows').count(), 0)
    await other.getByRole('button', { name: /^Stop/ }).click()
    assert.deepEqual(await page.evaluate(() => window.host.requests('stop-lane')), [{ lane: 'lane2' }])
    await rig.close(page)
  })

  it('stops the lane alone whose wait is stopped', async () => {
    const page = await compared(rig, { width: 1000 })
    await page.evaluate(() => {
      const message = 'lane2'
      const waiting = { message, sentence: 'OpenAI is overloaded.', leftMs: 30_000, repetition: 1, of: 3 }
      window.host.tell({ type: 'waiting', message, waiting })
    })
    await page.getByTestId('trying-again').getByRole('button', { name: 'Stop' }).click()
    await page.waitForFunction(() => window.host.requests('stop-lane').length > 0)
    assert.deepEqual(await page.evaluate(() => window.host.requests('stop-lane')), [{ lane: 'lane2' }])
    assert.deepEqual(await page.evaluate(() => window.host.requests('stop')), [])
    await rig.close(page)
  })

  it('tells lanes apart whose models are called the same', async () => {
    const page = await compared(rig, { width: 320 })
    await page.evaluate(() => {
      const { host } = window
      const message = host.scene.comparison!.lanes[1]!.messages[0]!
      const origin = { provider: 'openrouter', dialect: 'openai-chat', model: 'claude-sonnet-4-5' }
      host.scene.groups = host.scene.groups.map((group) =>
        group.provider === 'openai' ? { ...group, provider: 'openrouter', label: 'OpenRouter' } : group,
      )
      const models = host.scene.groups[0]!.models
      for (const group of host.scene.groups.slice(1)) group.models = models
      host.scene.comparison!.lanes[1]!.messages[0] = { ...message, message: { ...message.message, origin } as never }
      host.tell({ type: 'stale' })
    })
    const tabs = page.getByRole('tab')
    await tabs.getByText('Claude Sonnet 4.5 (OpenRouter)').waitFor()
    assert.deepEqual(
      (await tabs.allInnerTexts()).map((name) => name.replace(/^Writing:\s*/, '')),
      ['Claude Sonnet 4.5 (Anthropic)', 'Claude Sonnet 4.5 (OpenRouter)'],
    )
    assert.equal(await tabs.first().getAttribute('title'), 'Claude Sonnet 4.5 (Anthropic)')
    await rig.close(page)
  })

  it('goes on with the one that is chosen', async () => {
    const page = await compared(rig, { width: 1000 })
    await page.getByRole('button', { name: /^Go on with this: Claude/ }).click()
    await page.getByTestId('comparison').waitFor({ state: 'detached' })
    assert.deepEqual(await page.evaluate(() => window.host.requests('walk')), [{ message: 'lane1' }])
    assert.equal(await page.getByTestId('composer').evaluate((box) => box === document.activeElement), true)
    await rig.close(page)
  })

  it('folds to tabs where it is narrow, walked by the arrow keys', async () => {
    const page = await compared(rig, { width: 320 })
    assert.equal(await page.getByTestId('lane').count(), 1)
    const tabs = page.getByRole('tab')
    assert.equal(await tabs.count(), 2)
    await tabs.first().focus()
    await page.keyboard.press('ArrowRight')
    assert.equal(await tabs.nth(1).getAttribute('aria-selected'), 'true')
    assert.equal(await page.locator('[data-lane=lane2]').count(), 1)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    assert.ok(over <= 0, `${over} px too wide`)
    await rig.close(page)
  })

  for (const theme of ['dark', 'light', 'contrast'] as const) {
    for (const width of [320, 1000]) {
      it(`has nothing that axe objects to, ${theme} at ${width} px`, async () => {
        const page = await compared(rig, { theme, width })
        const { violations } = await new AxeBuilder({ page }).analyze()
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          [],
        )
        if (process.env['SHOTS'])
          await page.screenshot({ path: `${process.env['SHOTS']}/compare-${theme}-${width}.png` })
        await rig.close(page)
      })
    }
  }
})
