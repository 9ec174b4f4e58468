import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
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

  it('takes an Enter that comes before the list does for what was typed, and for nothing else', async () => {
    const hastily = async (...keys: string[]): Promise<void> => {
      page = await rig.open('empty')
      await page.evaluate(() => void (window.host.held = true))
      await page.getByTestId('model-button').click()
      await page.waitForFunction(() => document.activeElement?.matches('[data-testid=model-search]'))
      for (const key of keys) await (key === 'Enter' ? page.keyboard.press(key) : page.keyboard.type(key))
      assert.equal(await page.locator('[role=option]').count(), 0)
      await page.evaluate(() => window.host.release())
    }
    for (const keys of [['Enter'], ['opus', 'Enter', ' 4']]) {
      await hastily(...keys)
      await page.locator('[role=option]').first().waitFor()
      await page.waitForTimeout(50)
      assert.deepEqual(await chosen(), [])
      await rig.close(page)
    }
    await hastily('opus', 'Enter')
    await page.getByTestId('model-picker').waitFor({ state: 'detached' })
    assert.deepEqual(await chosen(), [{ provider: 'anthropic', model: 'claude-opus-4-5' }])
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

  describe('with favourites and filters', () => {
    const favourites = () => page.evaluate(() => window.host.requests('favourite'))
    const pressed = () => page.getByTestId('favourite').getAttribute('aria-pressed')
    const section = (name: string) => page.locator(`[data-section=${name}]`)
    const groupRow = (model: string) => page.locator(`[data-model="${model}"]:not([data-section])`)
    /** The star belongs to the pointer alone, so no role finds it. */
    const star = (model: string) => groupRow(model).locator('.star')

    it('shows favourites and recent models first, and says what each lacks or waits for', async () => {
      await open('catalogue')
      assert.equal(await section('favourites').count(), 2)
      assert.equal(await section('recent').count(), 2)
      const texts = async (name: string) => (await section(name).allInnerTexts()).join('\n')
      assert.match(await texts('favourites'), /Claude Opus 4\.1[^]*Retires [^]*No key for Google Gemini/)
      assert.match(await texts('recent'), /claude-sonnet-4-5-20250929[^]*gpt-gone[^]*guess/)
      await page.keyboard.press('End')
      const row = groupRow('qwen3:8b')
      await row.waitFor()
      assert.equal(await row.getByRole('img', { name: 'No tools', includeHidden: true }).count(), 1)
      assert.equal(await row.locator('[aria-label="Cannot see images"]').count(), 1)
      assert.equal(await row.locator('[aria-label="Thinks"]').count(), 1)
      await page.getByText('not running').waitFor()
    })

    it('marks a favourite by its key, says so, and stays at the same model', async () => {
      await open('catalogue')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      assert.equal(await active(), 'claude-opus-4-1')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('ArrowDown')
      assert.equal(await active(), 'claude-opus-4-5')
      assert.equal(await pressed(), 'false')
      const place = () => groupRow('claude-opus-4-5').boundingBox()
      const before = await place()
      await page.keyboard.press('Control+d')
      await page.getByText('Claude Opus 4.5 is a favourite now').waitFor({ state: 'attached' })
      assert.equal(await active(), 'claude-opus-4-5')
      assert.equal(await pressed(), 'true')
      assert.deepEqual(await place(), before, 'the row stays where it was')
      await page.keyboard.press('Control+d')
      await page.getByText('Claude Opus 4.5 is no longer a favourite').waitFor({ state: 'attached' })
      assert.equal(await pressed(), 'false')
      const ref = { provider: 'anthropic', model: 'claude-opus-4-5' }
      assert.deepEqual(await favourites(), [
        { ...ref, on: true },
        { ...ref, on: false },
      ])
    })

    it('marks a favourite by its star at once, and takes it back where that could not be kept', async () => {
      await open('catalogue')
      await page.getByTestId('provider-filter').selectOption('openai')
      await page.evaluate(() => void (window.host.held = true))
      await groupRow('gpt-5-mini').hover()
      await star('gpt-5-mini').click()
      await groupRow('gpt-5-mini').locator('.codicon-star-full').waitFor()
      assert.equal(await page.getByTestId('model-picker').count(), 1, 'the star chooses no model')
      await page.evaluate(() => {
        window.host.failing = ['favourite']
        window.host.release()
      })
      await groupRow('gpt-5-mini').locator('.codicon-star-empty').waitFor()
      await page.getByText('The favourite request failed.').waitFor({ state: 'attached' })
    })

    it('keeps a favourite that is marked while the list is being told', async () => {
      await open('catalogue')
      await page.getByTestId('provider-filter').selectOption('openai')
      await page.evaluate(() => {
        window.host.slow.push('models')
        window.host.tell({ type: 'models-changed' })
      })
      await page.waitForFunction(() => window.host.requests('models').length > 1)
      const asked = await page.evaluate(() => window.host.requests('models').length)
      await groupRow('gpt-5-mini').hover()
      await star('gpt-5-mini').click()
      await page.waitForFunction(() => window.host.requests('favourite').length === 1)
      await page.evaluate(() => {
        const { host } = window
        host.slow = []
        const { groups, recent = [], favourites = [] } = host.scene
        host.let('models', { groups, recent, favourites })
        host.scene.favourites = [...favourites, host.requests('favourite')[0] as never]
      })
      await page.waitForFunction((count) => window.host.requests('models').length > count, asked)
      await drawn(page)
      await groupRow('gpt-5-mini').locator('.codicon-star-full').waitFor()
    })

    it('narrows by provider, ability and search together, counts, and keeps the filter for the next time', async () => {
      await open('catalogue')
      const count = () => page.getByTestId('model-count').innerText()
      assert.equal(await count(), '9 models')
      await page.locator('[data-want=thinking]').click()
      await page.locator('[data-want=images]').click()
      assert.equal(await page.locator('[data-want=images]').getAttribute('aria-pressed'), 'true')
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'model-search')
      await page.getByTestId('provider-filter').selectOption('anthropic')
      assert.equal(await count(), '3 of 9 models')
      await page.keyboard.type('opus')
      assert.equal(await count(), '2 of 9 models')
      await page.keyboard.press('Escape')
      await page.getByTestId('model-button').click()
      assert.equal(await count(), '3 of 9 models')
      await page.keyboard.type('nothing like it')
      await page.getByRole('button', { name: 'Clear filters' }).click()
      await page.getByTestId('model-search').fill('')
      assert.equal(await count(), '9 models')
    })

    it('says of a model that is shown although nobody tells what was asked for', async () => {
      await open('catalogue')
      await page.locator('[data-want=pdfs]').click()
      const row = groupRow('gpt-5.1')
      assert.equal(await row.locator('[aria-label="Not known: PDFs"]').count(), 1)
    })

    it('asks for a name that no list holds', async () => {
      await open('catalogue')
      await page.getByTestId('model-search').fill('brand-new-9')
      await page.getByText('No model matches.').waitFor()
      await page.getByText('Use “brand-new-9” of OpenAI').click()
      await page.waitForFunction(() => window.host.requests('choose').length === 1)
      assert.deepEqual(await chosen(), [{ provider: 'openai', model: 'brand-new-9' }])
      await page.getByTestId('model-button').click()
      await section('recent').filter({ hasText: 'brand-new-9' }).waitFor()
    })

    it('asks for the key of a model that needs one, once it is chosen', async () => {
      await open('catalogue')
      await section('favourites').filter({ hasText: 'Gemini' }).click()
      await page.waitForFunction(() => window.host.requests('action').length === 1)
      assert.deepEqual(await chosen(), [{ provider: 'google', model: 'gemini-3-pro' }])
      assert.deepEqual(await page.evaluate(() => window.host.requests('action')), [
        { action: 'set-key', provider: 'google' },
      ])
    })

    it('leads to the providers', async () => {
      await open('catalogue')
      await page.getByTestId('manage-providers').click()
      await page.getByTestId('model-picker').waitFor({ state: 'detached' })
      await page.waitForFunction(() => window.host.requests('providers').length > 0)
    })

    it('stays where it is when the host tells of other models', async () => {
      await open('catalogue')
      await page.keyboard.press('End')
      await page.keyboard.press('ArrowUp')
      assert.equal(await active(), 'fast')
      const place = () => groupRow('fast').boundingBox()
      const before = await place()
      const count = await page.getByTestId('model-count').innerText()
      await page.evaluate(() => {
        const { host } = window
        const [first, ...others] = host.scene.groups
        const more = { ...first!.models[0]!, id: 'claude-next', name: 'Claude Next' }
        host.scene.groups = [{ ...first!, models: [more, ...first!.models] }, ...others]
        host.tell({ type: 'models-changed' })
      })
      await page.waitForFunction((was) => {
        const now = document.querySelector('[data-testid=model-count]')?.textContent
        return now !== was
      }, count)
      assert.equal(await page.getByTestId('model-count').innerText(), '10 models')
      assert.equal(await active(), 'fast')
      assert.deepEqual(await place(), before)
    })

    it('has its rows within 50 ms of a click, of 420 models too', async () => {
      await open('manyModels')
      const times: number[] = []
      for (let round = 0; round < 5; round++) {
        await page.keyboard.press('Escape')
        await page.getByTestId('model-picker').waitFor({ state: 'detached' })
        const time = await page.evaluate(async () => {
          const start = performance.now()
          document.querySelector<HTMLElement>('[data-testid=model-button]')?.click()
          while (!document.querySelector('[role=option]')) await Promise.resolve()
          return performance.now() - start
        })
        times.push(time)
      }
      assert.ok(Math.min(...times) < 50, `${times.map(Math.round).join(', ')} ms`)
    })
  })
})
