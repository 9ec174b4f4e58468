import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { readLimit } from '../../webview/state/chat-options.ts'
import { drawn, Rig } from './harness/browser.ts'
import type { SceneName } from './harness/scenes.ts'

describe('the options of a chat', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName): Promise<void> => {
    page = await rig.open(scene)
    await page.getByTestId('options-button').click()
    await page.locator('[data-testid=option-limit]:focus').waitFor()
  }
  const limit = () => page.getByTestId('option-limit')
  const hint = () => page.locator('#option-limit-hint').innerText()
  const asked = () => page.evaluate(() => window.host.requests('options'))
  const dot = () => page.getByTestId('options-dot')

  it('say which limit holds and whose it is, and set another that shows at the button', async () => {
    await open('catalogue')
    assert.equal(await limit().getAttribute('placeholder'), '64,000')
    assert.equal(await hint(), 'Tokens. The model’s own limit.')
    assert.equal(await dot().count(), 0)
    await limit().fill('2000')
    await limit().press('Enter')
    await page.getByTestId('chat-options').waitFor({ state: 'detached' })
    assert.deepEqual(await asked(), [{ maxOutputTokens: 2000 }])
    await dot().waitFor()
    assert.match((await page.getByTestId('options-button').getAttribute('aria-label')) ?? '', /at most 2,000 tokens/)
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'options-button')
  })

  it('go back to the settings where the limit is emptied', async () => {
    await open('lacking')
    await limit().fill('')
    await limit().press('Tab')
    await page.waitForFunction(() => window.host.requests('options').length === 1)
    assert.deepEqual(await asked(), [{ maxOutputTokens: null }])
    await page.getByText('The model’s own limit').waitFor()
    assert.equal(await limit().getAttribute('placeholder'), '4,096')
  })

  it('take no limit that is none, and cut one that is above the model’s', async () => {
    await open('catalogue')
    for (const typed of ['0', '-3', '1.5', 'many']) {
      await limit().fill(typed)
      await limit().press('Enter')
      assert.equal(await limit().getAttribute('aria-invalid'), 'true', typed)
      assert.match(await hint(), /whole number/)
    }
    assert.deepEqual(await asked(), [])
    await limit().fill('100,000')
    await limit().press('Enter')
    await page.getByText('This model writes at most 64,000 tokens').waitFor()
    assert.deepEqual(await asked(), [{ maxOutputTokens: 64_000 }])
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#option-limit')?.value === '64000')
  })

  it('say that a limit from another model is cut, which keys there are, and what the model lacks', async () => {
    await open('lacking')
    assert.equal(await limit().inputValue(), '32000')
    assert.match(await hint(), /at most 4,096 tokens/)
    assert.equal(await page.getByTestId('option-thinking').isDisabled(), true)
    await page.getByText('This model does not think.').waitFor()
    const about = await page.getByTestId('option-about').innerText()
    assert.match(about, /Retired .*\n*Cannot see images\. No tools\.\s+Not known of this model: PDFs\./)
    assert.match((await page.getByTestId('model-warning').getAttribute('aria-label')) ?? '', /^Retired /)
    await page.locator('[data-testid=option-key] option[value=default]').waitFor({ state: 'attached' })
    assert.equal(await page.getByTestId('option-key').inputValue(), 'work')
    await page.getByTestId('option-key').selectOption('')
    await page.waitForFunction(() => window.host.requests('options').length === 1)
    assert.deepEqual(await asked(), [{ keyProfile: null }])
  })

  it('are where the button of the model says what it lacks', async () => {
    page = await rig.open('catalogue')
    assert.equal(await page.getByTestId('model-lacks').count(), 0)
    await page.evaluate(() => {
      const { host } = window
      const { chosen } = host.scene
      host.scene.chosen = { ...chosen!, info: { ...chosen!.info!, images: false, tools: false } }
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    })
    const lacks = page.getByTestId('model-lacks')
    await lacks.waitFor()
    assert.equal(await lacks.getAttribute('aria-label'), 'Cannot see images. No tools')
    assert.equal(await page.getByTestId('model-warning').count(), 0)
  })

  it('choose how much is thought, and a key of the provider’s', async () => {
    await open('catalogue')
    const efforts = page.getByTestId('option-thinking')
    assert.deepEqual(await efforts.locator('option').allInnerTexts(), [
      'As the model wants',
      'Off',
      'Low',
      'Medium',
      'High',
    ])
    await efforts.selectOption('high')
    await page.getByTestId('option-key').selectOption('work')
    await dot().waitFor()
    await efforts.selectOption('')
    await page.waitForFunction(() => window.host.requests('options').length === 3)
    assert.deepEqual(await asked(), [{ thinking: 'high' }, { keyProfile: 'work' }, { thinking: null }])
  })

  it('do not show as taken what the host could not take', async () => {
    await open('catalogue')
    await page.evaluate(() => void window.host.failing.push('options'))
    for (const [field, wanted] of [
      ['option-thinking', 'high'],
      ['option-key', 'work'],
    ] as const) {
      await page.getByTestId(field).selectOption(wanted)
      await drawn(page)
      assert.equal(await page.getByTestId(field).inputValue(), '', field)
    }
    await limit().fill('2000')
    await limit().press('Enter')
    await drawn(page)
    assert.equal((await asked()).length, 3)
    assert.equal(await limit().inputValue(), '2000', 'what was typed can be tried again')
    await page.getByText('The options request failed.').waitFor()
  })

  it('keep what is typed while the limit before it is on its way', async () => {
    await open('catalogue')
    await page.evaluate(() => void window.host.slow.push('options'))
    await limit().fill('2000')
    await limit().press('Enter')
    await page.waitForFunction(() => window.host.requests('options').length === 1)
    await limit().pressSequentially('0')
    await page.evaluate(() => window.host.let('options'))
    await dot().waitFor()
    await drawn(page)
    assert.equal(await limit().inputValue(), '20000')
  })

  it('offer no choice of keys where there is one, and mark what nobody tells of the model', async () => {
    page = await rig.open('catalogue')
    await page.evaluate(() => {
      const { host } = window
      const { chosen } = host.scene
      const info = { id: 'gpt-5.1', provider: 'openai', name: 'GPT-5.1', source: 'catalogue' as const }
      host.scene.chosen = { ...chosen!, provider: 'openai', info, outputLimit: 8192, outputGuessed: true }
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    })
    await page.getByTestId('options-button').click()
    await page.getByText('A guess: nobody told this model’s limit.').waitFor()
    await page.getByText('Nobody tells whether this model thinks.').waitFor()
    await page.getByText('Not known of this model: images, PDFs, tools.').waitFor()
    assert.equal(await page.getByTestId('option-thinking').isDisabled(), false)
    assert.equal(await page.getByTestId('option-key').count(), 0)
  })

  it('name who is asked where the model fails, and take nothing that is no model', async () => {
    await open('catalogue')
    const chain = page.getByTestId('option-failover')
    await chain.fill('gpt-5')
    assert.equal(await chain.getAttribute('aria-invalid'), 'true')
    assert.match(await page.locator('#option-failover-hint').innerText(), /“gpt-5” is no model/)
    await chain.press('Enter')
    assert.deepEqual(await asked(), [])
    const { violations } = await new AxeBuilder({ page }).include('[data-testid=chat-options]').analyze()
    assert.deepEqual(violations, [])
    await chain.fill('openai/gpt-5, google/gemini-2.5-pro')
    await chain.press('Enter')
    await page.waitForFunction(() => window.host.requests('options').length === 1)
    assert.deepEqual(await asked(), [{ failover: ['openai/gpt-5', 'google/gemini-2.5-pro'] }])
  })

  it('keep what is typed as the chain wherever the person goes, and show again what could not be taken', async () => {
    await open('catalogue')
    const chain = page.getByTestId('option-failover')
    const gone = () => page.getByTestId('chat-options').waitFor({ state: 'detached' })
    const count = (many: number) =>
      page.waitForFunction((wanted) => window.host.requests('options').length === wanted, many)
    await chain.fill('openai/gpt-5')
    await page.mouse.click(200, 60)
    await gone()
    await count(1)
    await page.getByTestId('options-button').click()
    assert.equal(await chain.inputValue(), 'openai/gpt-5')
    await page.locator('[data-testid=option-never-send] input').first().waitFor()
    await chain.fill('google/gemini')
    await chain.press('Tab')
    await count(2)
    assert.deepEqual(await asked(), [{ failover: ['openai/gpt-5'] }, { failover: ['google/gemini'] }])
    await chain.fill('gpt-5')
    await page.mouse.click(200, 60)
    await gone()
    await page.getByTestId('options-button').click()
    assert.equal(await chain.inputValue(), 'gpt-5')
    assert.equal(await chain.getAttribute('aria-invalid'), 'true')
    await chain.fill('openai/gpt-5-mini')
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'history' }))
    await gone()
    await count(3)
    assert.equal((await asked()).length, 3)
  })

  it('keep what is typed as the chain where the host could not take it, and give none to another chat', async () => {
    await open('catalogue')
    const chain = page.getByTestId('option-failover')
    await page.evaluate(() => void (window.host.failing = ['options']))
    await chain.fill('openai/gpt-5')
    await chain.press('Enter')
    await page.getByText('The options request failed.').waitFor()
    assert.equal(await chain.inputValue(), 'openai/gpt-5')
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('[data-testid=option-failover]')?.value === '',
    )
    const failover = ['openai/gpt-5']
    assert.deepEqual(await asked(), [{ failover }, { failover, conversation: 'c1' }])
  })

  it('keep a limit that is typed where the person clicks elsewhere', async () => {
    await open('catalogue')
    await limit().fill('2000')
    await page.mouse.click(200, 60)
    await page.waitForFunction(() => window.host.requests('options').length === 1)
    assert.deepEqual(await asked(), [{ maxOutputTokens: 2000 }])
  })

  it('close at Escape and give the focus back, at a click elsewhere, and where Tab leads out', async () => {
    await open('catalogue')
    await limit().press('Escape')
    await page.getByTestId('chat-options').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'options-button')
    await page.keyboard.press('Enter')
    await page.locator('[data-testid=option-limit]:focus').waitFor()
    await page.mouse.click(200, 60)
    await page.getByTestId('chat-options').waitFor({ state: 'detached' })
    await page.getByTestId('options-button').click()
    await page.locator('[data-testid=option-limit]:focus').waitFor()
    const stops = await page.locator('[data-testid=chat-options] :is(input, select):enabled').count()
    for (let stop = 0; stop < stops; stop++) await page.keyboard.press('Tab')
    await page.getByTestId('chat-options').waitFor({ state: 'detached' })
  })
})

describe('a limit that is typed', () => {
  it('is read with and without groups of digits, and as nothing where it is none', () => {
    for (const typed of ['64000', '64,000', ' 64 000 ', '64.000', '64’000']) {
      assert.deepEqual(readLimit(typed, undefined), { tokens: 64_000 }, typed)
    }
    assert.deepEqual(readLimit('  ', 5), { tokens: null })
    for (const typed of ['0', '-1', '1.5', '6,4', '1e3', 'ten', '9'.repeat(20)]) {
      assert.ok('problem' in readLimit(typed, 10), typed)
    }
    assert.deepEqual(readLimit('10', 10), { tokens: 10 })
  })
})
