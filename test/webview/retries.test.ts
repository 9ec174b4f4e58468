/** What a person sees of an answer that is tried again. */
import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import type { ThemeName } from './harness/themes.ts'

const overloaded = {
  sentence: 'Anthropic is overloaded.',
  leftMs: 4_000,
  repetition: 2,
  of: 3,
  skippable: true,
} as const

describe('an answer that is tried again', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const wait = () => page.getByTestId('trying-again')
  const open = async (width = 600, theme?: ThemeName): Promise<void> => {
    page = await rig.open('rich', { width, ...(theme && { theme, still: true }) })
    await page.getByTestId('context').waitFor()
    await page.evaluate((one) => {
      window.host.start()
      window.host.waits(one)
    }, overloaded)
    await wait().waitFor()
  }
  const heard = () => page.locator('[aria-live=polite]').allInnerTexts()

  it('counts down to the next attempt, and says why and which one it is', async () => {
    await open()
    assert.match(
      (await wait().innerText()).replace(/\s+/g, ' '),
      /Anthropic is overloaded\. Trying again in [34] s \(2 of 3\)/,
    )
    await wait().getByText('Trying again in 2 s').waitFor()
    assert.equal(await page.getByTestId('waiting').count(), 0)
    assert.equal(await page.getByTestId('streaming').count(), 0, 'nothing streams while it waits')
  })

  it('is announced politely, once, and its seconds are not', async () => {
    await open()
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[aria-live=polite]')].some((node) => /overloaded/.test(node.textContent)),
    )
    const said = (await heard()).join(' ')
    assert.match(said, /Anthropic is overloaded\. Trying again in 4 seconds, 2 of 3\./)
    await wait().getByText('Trying again in 1 s').waitFor()
    assert.equal((await heard()).join(' '), said)
  })

  it('is tried at once by “Now” and no more by “Stop”, also by the keyboard', async () => {
    await open()
    await wait().getByRole('button', { name: 'Now' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('retry-now').length > 0)
    assert.deepEqual(await page.evaluate(() => window.host.requests('retry-now')), [{ message: 'answer1' }])
    await wait().getByRole('button', { name: 'Stop' }).click()
    await page.waitForFunction(() => window.host.requests('stop').length > 0)
  })

  it('that nobody refused but Panelist says for how long, and not that the provider asks for it', async () => {
    await open()
    const left = async (message: string, refused: { status?: number }): Promise<string> => {
      await page.evaluate(
        (failure) => {
          window.host.start()
          window.host.end({ kind: 'failed', failure })
        },
        { code: 'unavailable', message, retryAfterMs: 600_000, ...refused } as const,
      )
      return page.getByTestId('failure').filter({ hasText: message }).locator('.left').innerText()
    }
    assert.match(
      await left('It has a problem.', { status: 503 }),
      /^The provider asks to wait (10|9) min \d+ s more\.$/,
    )
    assert.match(await left('It is left alone for a while.', {}), /^(10|9) min \d+ s more\.$/)
  })

  it('is still waited for after the page was loaded anew', async () => {
    await open()
    await page.evaluate(() => window.host.tell({ type: 'stale' }))
    await page.waitForTimeout(300)
    await wait().waitFor()
  })

  it('shows its words in the place of the wait as soon as they come, and says afterwards how many attempts it took', async () => {
    await open()
    await page.evaluate(() => {
      window.host.waits()
      window.host.say('Here it is.')
    })
    await wait().waitFor({ state: 'detached' })
    await page.getByTestId('streaming').waitFor()
    await page.evaluate(() => {
      const last = window.host.scene.messages.at(-1)!
      const failed = [{ provider: 'anthropic', model: 'claude', code: 'overloaded' as const, status: 529 }]
      window.host.end()
      const timing = { startedAt: Date.now(), durationMs: 900, failed }
      window.host.tell({ type: 'settled', id: last.id, state: 'done', timing })
    })
    const facts = page.locator('[data-testid=footer] .facts').last()
    await facts.getByText('2 attempts').waitFor()
    assert.match((await facts.getAttribute('title'))!, /Attempts that failed: overloaded \(529\)/)
  })

  it('after it broke off stands below its words, without a failure and without a seam', async () => {
    page = await rig.open('rich', { width: 600 })
    await page.getByTestId('context').waitFor()
    await page.evaluate(() => {
      const { host } = window
      const id = host.start()
      host.say('One two three four')
      const failure = { code: 'network' as const, message: 'The connection was cut.' }
      host.stream({ type: 'end', stop: { kind: 'failed', failure } })
      host.tell({ type: 'settled', id, state: 'interrupted', resumes: true })
      host.start('answer9', 'asked')
      host.waits({
        sentence: 'The connection to Anthropic failed.',
        leftMs: 3000,
        repetition: 1,
        of: 3,
        skippable: true,
      })
    })
    await wait().waitFor()
    assert.equal(await page.getByTestId('failure').count(), 0)
    await page.evaluate(() => {
      window.host.waits()
      window.host.say('One two three four five.')
    })
    await page.getByText('One two three four five.', { exact: true }).waitFor()
    assert.equal(await page.getByTestId('failure').count(), 0)
  })

  for (const theme of ['light', 'dark', 'contrast'] as ThemeName[]) {
    it(`is for everybody: in ${theme}`, async () => {
      for (const width of [300, 600]) {
        await open(width, theme)
        const shots = process.env['SHOTS']
        if (shots) await page.screenshot({ path: `${shots}/retries-${theme}-${width}.png` })
        const { violations } = await new AxeBuilder({ page }).disableRules(['heading-order']).analyze()
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
          [],
        )
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        assert.ok(wide <= 0, `${wide} px too wide at ${width}`)
        if (width === 300) await rig.close(page)
      }
    })
  }
})
