/** Whom nothing of a chat is sent to, in its options, in the picker and above the composer; and who stands in. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { AxeBuilder } from './harness/axe.ts'
import type { Look } from './harness/browser.ts'
import { Rig } from './harness/browser.ts'

const THEMES = ['light', 'dark', 'contrast'] as const

describe('whom nothing of a chat is sent to', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const options = async (look: Look = {}): Promise<void> => {
    page = await rig.open('catalogue', look)
    await page.evaluate(() => {
      const { host } = window
      host.scene.barred = [
        { provider: 'google', label: 'Google Gemini', by: 'workspace' },
        { provider: 'acme', label: 'Acme', by: 'user' },
      ]
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    })
    await page.getByTestId('options-button').click()
    await page.locator('[data-testid=option-never-send] [data-provider=anthropic]').waitFor()
  }
  const box = (provider: string) => page.locator(`[data-provider=${provider}] input`)
  const asked = () => page.evaluate(() => window.host.requests('never-send'))

  it('is ticked in the options, and shows at their button', async () => {
    await options()
    await box('openai').check()
    await box('litellm').check()
    await page.waitForFunction(() => window.host.requests('never-send').length === 2)
    assert.deepEqual(await asked(), [{ providers: ['openai'] }, { providers: ['openai', 'litellm'] }])
    await page.locator('[data-testid=options-button][aria-label$="nothing to OpenAI, LiteLLM"]').waitFor()
    await box('openai').uncheck()
    await page.waitForFunction(() => window.host.requests('never-send').length === 3)
    assert.deepEqual((await asked()).at(-1), { providers: ['litellm'] })
  })

  it('stays ticked until the host has told it, and what is ticked right after that is added to it', async () => {
    await options()
    const ticked = await page.evaluate(
      () =>
        new Promise<boolean>((done) => {
          const { host } = window
          const box = (provider: string) =>
            document.querySelector<HTMLInputElement>(
              `[data-testid=option-never-send] [data-provider=${provider}] input`,
            )!
          addEventListener('message', function answered({ data }: MessageEvent<{ type: string }>) {
            // The page has just drawn something, so that what is told next would wait for the frame after.
            if (data.type === 'batch') return
            removeEventListener('message', answered)
            setTimeout(() => {
              done(box('openai').checked)
              box('litellm').click()
            })
          })
          host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
          box('openai').click()
        }),
    )
    assert.equal(ticked, true)
    await page.waitForFunction(() => window.host.requests('never-send').length === 2)
    assert.deepEqual(await asked(), [{ providers: ['openai'] }, { providers: ['openai', 'litellm'] }])
  })

  it('is shown with why where the settings say so, and cannot be taken back here', async () => {
    await options()
    for (const [provider, why] of [
      ['google', 'not allowed in this workspace'],
      ['acme', 'not allowed by your settings'],
    ] as const) {
      assert.equal(await box(provider).isChecked(), true)
      assert.equal(await box(provider).isDisabled(), true)
      assert.match(await page.locator(`[data-provider=${provider}]`).innerText(), new RegExp(why))
    }
    await page.evaluate(() => void (window.host.failing = ['never-send']))
    await box('openai').click()
    await page.getByText('The never-send request failed.').waitFor()
    assert.equal(await box('openai').isChecked(), false, 'what could not be kept is not shown as kept')
  })

  for (const theme of THEMES)
    it(`can be read and used by everyone, also in a narrow panel (${theme})`, async () => {
      for (const width of [300, 600]) {
        await options({ theme, width, height: 900, still: true })
        const { violations } = await new AxeBuilder({ page }).include('[data-testid=chat-options]').analyze()
        assert.deepEqual(violations, [])
        const wide = await page
          .getByTestId('chat-options')
          .evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)
        assert.ok(wide <= 0, `${width}: nothing runs out of it`)
        if (process.env['SHOTS'])
          await page.screenshot({ path: `${process.env['SHOTS']}/options-${theme}-${width}.png` })
        if (width === 300) await rig.close(page)
      }
    })

  describe('in the picker', () => {
    const picker = async (by: 'chat' | 'workspace', look: Look = {}): Promise<void> => {
      page = await rig.open('catalogue', look)
      await page.evaluate((who) => {
        const { host } = window
        host.scene.barred = [{ provider: 'openai', label: 'OpenAI', by: who }]
        host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
      }, by)
      await page.getByTestId('model-button').click()
      await page.locator('[data-model="gpt-5.1"]').waitFor()
    }
    const row = () => page.locator('[data-model="gpt-5.1"]').first()

    it('is dimmed with why, and neither a click nor Enter chooses it', async () => {
      for (const [by, why] of [
        ['chat', 'not allowed in this chat'],
        ['workspace', 'not allowed in this workspace'],
      ] as const) {
        await picker(by)
        assert.equal(await row().getAttribute('aria-disabled'), 'true')
        assert.match(await row().innerText(), new RegExp(why))
        await row().click({ force: true })
        assert.match(await page.getByTestId('model-picker').getByText(`OpenAI is ${why}`).innerText(), /OpenAI/)
        await page.getByTestId('model-search').fill('gpt-5.1')
        await page.keyboard.press('Enter')
        assert.equal(await page.getByTestId('model-picker').isVisible(), true)
        assert.deepEqual(await page.evaluate(() => window.host.requests('choose')), [])
        await page.getByTestId('model-search').fill('claude')
        await page.keyboard.press('Enter')
        await page.waitForFunction(() => window.host.requests('choose').length === 1)
        if (by === 'chat') await rig.close(page)
      }
    })

    it('is not asked for by a name that no list holds either', async () => {
      await picker('chat')
      await page.getByTestId('model-search').fill('gpt-nobody-knows')
      await page.getByText('gpt-nobody-knows').first().waitFor()
      assert.equal(await page.getByText('of OpenAI').count(), 0)
    })

    for (const theme of THEMES)
      it(`can be read by everyone (${theme})`, async () => {
        for (const width of [300, 600]) {
          await picker('chat', { theme, width, height: 800, still: true })
          await page.getByTestId('model-search').fill('gpt')
          const { violations } = await new AxeBuilder({ page }).include('[data-testid=model-picker]').analyze()
          assert.deepEqual(violations, [])
          if (process.env['SHOTS'])
            await page.screenshot({ path: `${process.env['SHOTS']}/picker-${theme}-${width}.png` })
          if (width === 300) await rig.close(page)
        }
      })
  })

  it('is said above the composer where it is the chosen model, with a way to another', async () => {
    await options()
    await box('anthropic').check()
    const note = page.getByTestId('barred-note')
    await note.waitFor()
    assert.match(await note.innerText(), /Anthropic is not allowed in this chat\. Nothing is sent until/)
    await page.getByTestId('barred-choose').click()
    await page.getByTestId('model-picker').waitFor()
  })
})

describe('who stands in for the chosen model', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (leftMs: number, look: Look = {}): Promise<void> => {
    page = await rig.open('catalogue', look)
    await page.evaluate((left) => {
      const { host } = window
      host.scene.standIn = { by: 'GPT-5', first: 'Claude', leftMs: left }
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    }, leftMs)
  }

  it('is named with until when, and sent away at once where the person wants that', async () => {
    await open(300_000)
    const note = page.getByTestId('stand-in')
    assert.match(await note.innerText(), /^GPT-5 answers for Claude until \d+:\d+/)
    await page.getByTestId('use-first').click()
    await page.getByTestId('back-again').waitFor()
    assert.deepEqual(await page.evaluate(() => window.host.requests('use-first')), [{}])
    assert.match(await page.getByTestId('back-again').innerText(), /^Claude is asked again from your next message on\./)
    await page.evaluate(() => void window.host.start())
    await page.getByTestId('back-again').waitFor({ state: 'detached' })
  })

  it('is gone when its time is over, and that is said', async () => {
    await open(600)
    await page.getByTestId('stand-in').waitFor()
    await page.getByTestId('back-again').waitFor()
    assert.equal(await page.getByTestId('stand-in').count(), 0)
  })

  for (const theme of THEMES)
    it(`can be read by everyone, also in a narrow panel (${theme})`, async () => {
      for (const width of [300, 600]) {
        await open(300_000, { theme, width, height: 500, still: true })
        const { violations } = await new AxeBuilder({ page }).analyze()
        assert.deepEqual(violations, [])
        if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/note-${theme}-${width}.png` })
        if (width === 300) await rig.close(page)
      }
    })
})
