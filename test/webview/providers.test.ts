import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { ProviderCard } from '../../src/shared/protocol.ts'
import { drawn, Rig } from './harness/browser.ts'

describe('the Providers page', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (width = 400): Promise<void> => {
    page = await rig.open('empty', { width })
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'providers' }))
    await card('anthropic').waitFor()
  }
  const card = (id: string) => page.locator(`[data-provider="${id}"]`)
  const button = (id: string, name: string) => card(id).getByRole('button', { name, exact: true })
  const standing = (id: string) => card(id).getByTestId('standing').innerText()
  const actions = () => page.evaluate(() => window.host.requests('provider-action'))
  /** Changes what the host says of one provider, and tells the page so. */
  const change = (id: string, changes: Partial<ProviderCard>) =>
    page.evaluate(
      ([id, changes]) => {
        const { scene } = window.host
        scene.providers = window.host.cards().map((one) => (one.id === id ? { ...one, ...changes } : one))
        window.host.tell({ type: 'models-changed' })
      },
      [id, changes] as const,
    )
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-provider]')?.dataset['provider'])

  it('says in words how each provider stands, where it is and what it has', async () => {
    await open()
    assert.equal(await standing('anthropic'), 'Key “work” set')
    assert.equal(await standing('openai'), 'Key from OPENAI_API_KEY')
    assert.equal(await standing('google'), 'Key refused')
    assert.equal(await standing('openrouter'), 'No key')
    assert.equal(await standing('ollama'), 'Not running')
    assert.equal(await standing('litellm'), 'No endpoint yet')
    assert.equal(await standing('lab'), 'Key in memory only: lost when VS Code closes')
    assert.equal(await standing('groq'), 'Switched off')
    assert.equal(await standing('vscode'), 'Ready')
    const text = await card('anthropic').innerText()
    for (const words of ['api.anthropic.com', '9 models, 3 min ago', 'Works: 9 models in 0.4 s']) {
      assert.ok(text.includes(words), words)
    }
    assert.match(await card('openai').getByTestId('last-error').innerText(), /too many requests.* 12 min ago$/s)
  })

  it('offers of each what helps there, and nothing else', async () => {
    await open()
    const offered = (id: string) => card(id).locator('.actions button').allInnerTexts()
    assert.deepEqual(await offered('anthropic'), ['Test connection'])
    assert.deepEqual(await offered('google'), ['Set key', 'Test connection'])
    assert.deepEqual(await offered('openrouter'), ['Set key', 'Sign in'])
    assert.deepEqual(await offered('litellm'), ['Set endpoint'])
    assert.deepEqual(await offered('groq'), [])
    await button('openrouter', 'Sign in').click()
    await button('litellm', 'Set endpoint').click()
    await button('google', 'Set key').click()
    assert.deepEqual(await actions(), [
      { action: 'sign-in', provider: 'openrouter' },
      { action: 'edit-endpoint', provider: 'litellm' },
      { action: 'set-key', provider: 'google' },
    ])
  })

  it('tests a connection, can leave it, and says the end to a screen reader', async () => {
    await open()
    await page.evaluate(() => void (window.host.held = true))
    const test = card('ollama').getByTestId('test-connection')
    await test.click()
    assert.deepEqual(await page.evaluate(() => window.host.requests('test-provider')), [{ provider: 'ollama' }])
    await page.evaluate(() => window.host.release())
    await drawn(page)
    await change('ollama', { testing: true })
    await card('ollama').getByText('Testing the connection…').waitFor()
    assert.equal(await test.innerText(), 'Cancel')
    assert.equal(await focused(), 'ollama')
    await test.click()
    await page.waitForFunction(() => window.host.requests('provider-action').length === 1)
    assert.deepEqual(await actions(), [{ action: 'cancel-test', provider: 'ollama' }])
    const found = { ok: false, text: 'Nothing answers at localhost:11434. Is Ollama running?', at: Date.now() }
    await page.evaluate((found) => void (window.host.scene.test = found), found)
    await change('ollama', { testing: undefined as never, test: found })
    await test.click()
    await page.getByRole('status').getByText(`Ollama: ${found.text}`).waitFor({ state: 'attached' })
    assert.match(await card('ollama').getByTestId('test-result').innerText(), /Is Ollama running\? just now/)
  })

  it('unfolds the keys of a provider by name, with what can be done about each', async () => {
    await open()
    await button('anthropic', 'Anthropic').click()
    const profile = (name: string) => card('anthropic').locator(`[data-profile=${name}]`)
    assert.match(await profile('work').innerText(), /work\s+in use/)
    assert.match(await profile('personal').innerText(), /personal\s+refused/)
    assert.match(await profile('environment').innerText(), /environment\s+ANTHROPIC_API_KEY/)
    assert.equal(await profile('environment').getByRole('button').count(), 1)
    assert.equal(
      await profile('work')
        .getByRole('button', { name: /by default/ })
        .count(),
      0,
    )
    await profile('personal').getByRole('button', { name: 'Use the key “personal” by default' }).click()
    await profile('personal').getByRole('button', { name: 'Replace the key “personal”' }).click()
    await profile('work').getByRole('button', { name: 'Remove the key “work”' }).click()
    await button('anthropic', 'Add key').click()
    await button('anthropic', 'Get a key').click()
    const provider = 'anthropic'
    assert.deepEqual(await actions(), [
      { action: 'prefer-key', provider, profile: 'personal' },
      { action: 'set-key', provider, profile: 'personal' },
      { action: 'remove-key', provider, profile: 'work' },
      { action: 'add-key', provider },
      { action: 'get-key', provider },
    ])
    assert.equal(await page.locator('input[type=password]').count(), 0)
  })

  it('leaves the choice among keys to the settings where those make it', async () => {
    await open()
    await change('anthropic', { keyPinned: true })
    await button('anthropic', 'Anthropic').click()
    await card('anthropic').getByText('The setting panelist.keyProfiles chooses among them').waitFor()
    assert.equal(
      await card('anthropic')
        .getByRole('button', { name: /by default/ })
        .count(),
      0,
    )
  })

  it('asks for another endpoint, default model or removal by the editor’s own boxes', async () => {
    await open()
    await button('lab', 'Lab server').click()
    await button('lab', 'Edit the endpoint of Lab server').click()
    await button('lab', 'Choose the default model of Lab server').click()
    await button('lab', 'Remove Lab server…').click()
    assert.deepEqual(
      (await actions()).map((one) => (one as { action: string }).action),
      ['edit-endpoint', 'default-model', 'remove'],
    )
    await button('anthropic', 'Anthropic').click()
    assert.equal(await button('anthropic', 'Remove Anthropic…').count(), 0)
  })

  it('switches providers off and on', async () => {
    await open()
    const turn = (name: string) => page.getByRole('switch', { name })
    assert.equal(await turn('Offer OpenAI').getAttribute('aria-checked'), 'true')
    assert.equal(await turn('Offer Groq').getAttribute('aria-checked'), 'false')
    await turn('Offer OpenAI').press('Space')
    await turn('Offer Groq').press('Enter')
    assert.deepEqual(await actions(), [
      { action: 'disable', provider: 'openai' },
      { action: 'enable', provider: 'groq' },
    ])
  })

  it('shows and unfolds what was added, and says why something could not be done', async () => {
    await open()
    await page.evaluate(() => void (window.host.scene.added = 'groq'))
    await page.getByTestId('add-provider').click()
    await card('groq').getByTestId('provider-details').waitFor()
    assert.equal(await focused(), 'groq')
    await page.evaluate(() => void (window.host.failing = ['provider-action']))
    await page.getByRole('switch', { name: 'Offer Groq' }).click()
    await page.getByRole('alert').getByText('The provider-action request failed.').waitFor()
    await page.evaluate(() => void (window.host.failing = []))
    await page.getByRole('switch', { name: 'Offer Groq' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })

  it('is walked by the keyboard alone, and left by Escape to the composer', async () => {
    await open()
    await page.waitForFunction(() => document.activeElement?.matches('[data-testid=providers]'))
    await page.keyboard.press('ArrowDown')
    assert.equal(await focused(), 'anthropic')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    assert.equal(await focused(), 'openai')
    await page.keyboard.press('Enter')
    await card('openai').getByTestId('provider-details').waitFor()
    await page.keyboard.press('End')
    assert.equal(await focused(), 'vscode')
    await page.keyboard.press('Home')
    assert.equal(await focused(), 'anthropic')
    await page.keyboard.press('Escape')
    await page.getByTestId('providers').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'composer')
  })

  it('keeps the focus on the page where the card that had it is gone', async () => {
    await open()
    await button('lab', 'Lab server').focus()
    await page.evaluate(() => {
      window.host.scene.providers = window.host.cards().filter(({ id }) => id !== 'lab')
      window.host.tell({ type: 'models-changed' })
    })
    await card('lab').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'providers')
  })

  it('asks the host only while it is shown', async () => {
    await open()
    await page.keyboard.press('Escape')
    const before = await page.evaluate(() => window.host.requests('providers').length)
    await page.evaluate(() => window.host.tell({ type: 'models-changed' }))
    await page.waitForTimeout(100)
    assert.equal(await page.evaluate(() => window.host.requests('providers').length), before)
  })

  it('is reached from the menu of more, and takes the place of the composer', async () => {
    await open()
    await page.getByTestId('providers-close').click()
    await page.getByTestId('more').click()
    await page.getByRole('menuitem', { name: 'Providers' }).click()
    await card('anthropic').waitFor()
    assert.deepEqual(await page.evaluate(() => window.host.requests('action')), [])
    assert.equal(await page.getByTestId('composer').count(), 0)
  })
})
