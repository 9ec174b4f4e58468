import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import type { SceneName } from './harness/scenes.ts'

describe('the model picker', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName): Promise<void> => {
    page = await rig.open(scene)
    await page.getByTestId('model-button').click()
    await page.locator('[role=option]').first().waitFor()
  }
  const active = () =>
    page.evaluate(() => {
      const id = document.querySelector('[data-testid=model-search]')?.getAttribute('aria-activedescendant')
      return id ? (document.getElementById(id)?.dataset['model'] ?? 'key') : undefined
    })
  const chosen = () => page.evaluate(() => window.host.requests('choose'))

  it('starts at the model in use and is walked by the arrow keys, Home and End', async () => {
    await open('empty')
    await page.waitForFunction(() => document.activeElement?.matches('[data-testid=model-search]'))
    assert.equal(await active(), 'claude-sonnet-4-5')
    await page.keyboard.press('ArrowDown')
    assert.equal(await active(), 'claude-opus-4-5')
    await page.keyboard.press('End')
    assert.equal(await active(), 'qwen3:8b')
    await page.keyboard.press('ArrowDown')
    assert.equal(await active(), 'claude-sonnet-4-5')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    assert.equal(await active(), 'key')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('model-picker').waitFor({ state: 'detached' })
    assert.deepEqual(await chosen(), [{ provider: 'anthropic', model: 'claude-opus-4-5' }])
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'composer')
  })

  it('finds models by name, id and provider, also with letters left out', async () => {
    await open('empty')
    const found = async (text: string) => {
      await page.getByTestId('model-search').fill(text)
      return page
        .locator('[role=option]')
        .evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).dataset['model']))
    }
    assert.deepEqual(await found('gpt mini'), ['gpt-5-mini'])
    assert.deepEqual(await found('openai'), ['gpt-5.1', 'gpt-5-mini'])
    assert.deepEqual(await found('hk45'), ['claude-haiku-4-5'])
    assert.deepEqual(await found('nothing like it'), [])
    assert.equal(await page.getByText('No model matches.').count(), 1)
  })

  it('says where each key comes from and asks for one that is missing', async () => {
    await open('empty')
    const text = await page.getByTestId('model-picker').innerText()
    for (const words of ['key set', 'key from OPENAI_API_KEY', 'no key']) assert.ok(text.includes(words), words)
    await page.getByText('Set key for OpenRouter').click()
    await page.waitForFunction(() => window.host.requests('action').length === 1)
    assert.deepEqual(await page.evaluate(() => window.host.requests('action')), [
      { action: 'set-key', provider: 'openrouter' },
    ])
  })

  it('draws only the rows in sight of a provider with hundreds of models', async () => {
    await open('manyModels')
    assert.ok((await page.locator('[role=option]').count()) < 40)
    await page.keyboard.press('End')
    assert.equal(await active(), 'cohere/model-419')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('choose').length === 1)
    assert.deepEqual(await chosen(), [{ provider: 'openrouter', model: 'cohere/model-419' }])
  })

  it('says why there is no list where asking failed, and asks again', async () => {
    page = await rig.open('empty')
    await page.evaluate(() => void (window.host.failing = ['models']))
    await page.getByTestId('model-button').click()
    await page.getByText('The models request failed.').waitFor()
    await page.evaluate(() => void (window.host.failing = []))
    await page.getByTestId('model-refresh').click()
    await page.locator('[role=option]').first().waitFor()
    assert.deepEqual(await page.evaluate(() => window.host.requests('models').at(-1)), { refresh: true })
  })
})
