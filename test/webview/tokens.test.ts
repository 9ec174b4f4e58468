import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Counted } from '../../src/shared/protocol.ts'
import { Rig } from './harness/browser.ts'
import type { SceneName } from './harness/scenes.ts'

type Asked = { text: string; files: { id: string; data?: string }[]; parent?: string | null }

describe('the tokens of what is being written', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName, counted?: Counted, width = 600): Promise<void> => {
    page = await rig.open(scene, { width })
    if (counted) await page.evaluate((count) => void (window.host.counted = count), counted)
  }
  const box = () => page.getByTestId('composer')
  const number = () => page.getByTestId('estimate')
  const shown = async () => (await number().innerText()).replace(/\s/g, ' ')
  const asked = (): Promise<Asked[]> => page.evaluate(() => window.host.requests('count')) as Promise<Asked[]>
  const untilAsked = (times: number) =>
    page.waitForFunction((count) => window.host.requests('count').length >= count, times)
  const exactly: Counted = { tokens: 12_345, message: 120, exact: true, cost: 0.037 }

  it('are asked for once after a pause in the typing, and shown as counted', async () => {
    await open('rich', exactly)
    await box().click()
    await page.keyboard.type('a question of some length', { delay: 20 })
    assert.deepEqual(await asked(), [])
    assert.match(await shown(), /^≈/)
    await page.locator('[data-testid=estimate][data-exact=true]').waitFor()
    assert.equal(await shown(), '12k tokens')
    assert.deepEqual(await asked(), [{ text: 'a question of some length', files: [] }])
    const facts = (await number().getAttribute('title'))?.split('\n')
    assert.deepEqual(facts, [
      'This request: 12,345 tokens, counted by Anthropic',
      'Your message: about 120 tokens',
      'Context window: 6% of 200k tokens',
      'Cost of the input: about $0.0370',
    ])
    assert.equal(await page.getByTestId('context').getAttribute('title'), 'Context: 12k of 200k tokens used (6%)')
  })

  it('are an estimate again from the next letter on, and the count under way is ended', async () => {
    await open('rich', exactly)
    await box().fill('first')
    await page.locator('[data-testid=estimate][data-exact=true]').waitFor()
    await page.evaluate(() => (window.host.held = true))
    await box().fill('first and second')
    await page.locator('[data-testid=estimate][data-exact=false]').waitFor()
    assert.equal(await shown(), '≈12k tokens')
    await untilAsked(2)
    await box().fill('first and second and third')
    await untilAsked(3)
    assert.deepEqual(
      (await asked()).map(({ text }) => text),
      ['first', 'first and second', ''],
    )
  })

  it('never show the count of an earlier draft', async () => {
    await open('rich', exactly)
    await page.evaluate(() => (window.host.held = true))
    await box().fill('first')
    await untilAsked(1)
    await box().fill('second')
    // What is asked for the second meanwhile is held again.
    await page.evaluate(() => {
      window.host.release()
      window.host.held = true
    })
    await page.waitForTimeout(100)
    assert.equal(await number().getAttribute('data-exact'), 'false')
  })

  it('are told as an estimate of unknown cost where nobody can count or knows a price', async () => {
    await open('rich', { tokens: 900, message: 100, exact: false })
    await box().fill('a question')
    await page.locator('[data-testid=estimate][title*="900"]').waitFor()
    assert.equal(await shown(), '≈900 tokens')
    const facts = await number().getAttribute('title')
    assert.match(facts ?? '', /about 900 tokens, estimated/)
    assert.match(facts ?? '', /Cost of the input: unknown/)
  })

  it('are not asked for without a draft, nor while an answer is written', async () => {
    await open('streaming', exactly)
    await box().fill('   ')
    await page.waitForTimeout(600)
    await page.evaluate(() => window.host.start())
    await page.getByTestId('stop').waitFor()
    await box().fill('typed meanwhile')
    await page.waitForTimeout(600)
    assert.deepEqual(await asked(), [])
    await page.evaluate(() => window.host.end())
    await untilAsked(1)
  })

  it('are asked for again when another model is chosen, and are not those of the one before until then', async () => {
    await open('rich', exactly)
    await box().fill('a question')
    await page.locator('[data-testid=estimate][data-exact=true]').waitFor()
    await page.evaluate(() => {
      const { host } = window
      host.held = true
      host.scene.chosen = { ...host.scene.chosen!, model: 'other' }
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    })
    await page.locator('[data-testid=estimate][data-exact=false]').waitFor()
    await untilAsked(2)
    await page.evaluate(() => window.host.release())
    await page.locator('[data-testid=estimate][data-exact=true]').waitFor()
  })

  it('name the bytes of a file once', async () => {
    await open('empty', exactly)
    await box().evaluate((node) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array([137, 80])], 'shot.png', { type: 'image/png' }))
      node.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })
    await untilAsked(1)
    await page.locator('[data-testid=estimate][data-exact=true]').waitFor()
    await box().fill('What is this?')
    await untilAsked(2)
    const [first, second] = (await asked()).map(({ files }) => files[0]!)
    assert.equal(first?.data, 'iVA=')
    assert.equal(second?.data, undefined)
    assert.equal(second?.id, first?.id)
  })

  it('of an edited message are those of what comes before it', async () => {
    await open('rich', exactly)
    await box().click()
    await page.keyboard.press('ArrowUp')
    await untilAsked(1)
    assert.equal((await asked())[0]?.parent, 'a1')
  })

  it('are warned of where they are more than the model holds, and can be sent all the same', async () => {
    await open('rich', { tokens: 250_000, message: 249_000, exact: true })
    await box().fill('a very long question')
    await page.getByTestId('too-long').waitFor()
    assert.equal(
      await page.getByTestId('too-long').innerText(),
      'This request has 250k tokens, and Claude Sonnet 4.5 holds 200k. Shorten it, start a new chat, or choose a model with a larger context window.',
    )
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    await page.getByTestId('too-long').waitFor({ state: 'detached' })
  })
})
