/** What a person sees of a summary, a sample or a comparison that waits before it is asked for again. */
import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import type { SideWaitView } from '../../src/shared/protocol.ts'
import { benchmarkView } from './harness/benchmark-scenes.ts'
import { Rig } from './harness/browser.ts'
import type { ThemeName } from './harness/themes.ts'

const summary: SideWaitView = {
  id: 's1',
  kind: 'summary',
  what: 'A summary of earlier messages',
  sentence: 'Anthropic is overloaded.',
  leftMs: 4_000,
  repetition: 1,
  of: 3,
  skippable: true,
}
const sample: SideWaitView = {
  id: 's2',
  kind: 'sample',
  what: 'An answer for the MCP server files',
  sentence: 'Waiting for the limit of requests a minute of OpenAI.',
}
const measured: SideWaitView = { ...summary, id: 's3', kind: 'benchmark', what: 'GPT-5 mini' }

describe('a request beside the answers that waits', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const lines = () => page.getByTestId('trying-again')
  const open = async (waits: SideWaitView[], width = 600, theme?: ThemeName): Promise<void> => {
    page = await rig.open('rich', { width, ...(theme && { theme, still: true }) })
    await page.getByTestId('context').waitFor()
    await page.evaluate((all) => {
      window.host.fits({ summarising: { messages: 24 } })
      window.host.waitsBeside(...all)
    }, waits)
    await lines().first().waitFor()
  }
  const asked = (name: 'side-now' | 'side-stop') => page.evaluate((one) => window.host.requests(one), name)
  const words = (text: string): string => text.replace(/\s+/g, ' ').trim()

  it('counts down above the composer, in the place of the line that says that it is being written', async () => {
    await open([summary])
    assert.match(
      words(await lines().innerText()),
      /^A summary of earlier messages Anthropic is overloaded\. Trying again in [34] s \(1 of 3\) Now Stop$/,
    )
    await lines().getByText('Trying again in 2 s').waitFor()
    assert.equal(await page.getByTestId('summarising').count(), 0)
    await page.evaluate(() => window.host.waitsBeside())
    await lines().waitFor({ state: 'detached' })
    await page.getByTestId('summarising').waitFor()
  })

  it('is tried at once by “Now” and given up by “Stop”, each for itself, also by the keyboard', async () => {
    await open([summary, sample])
    assert.equal(await lines().count(), 2)
    const second = lines().nth(1)
    assert.equal(await second.getByRole('button', { name: 'Now' }).count(), 0, 'a limit that is set is kept')
    await lines().first().getByRole('button', { name: 'Now' }).focus()
    await page.keyboard.press('Enter')
    await second.getByRole('button', { name: 'Stop' }).click()
    await page.waitForFunction(() => window.host.requests('side-stop').length > 0)
    assert.deepEqual(await asked('side-now'), [{ id: 's1' }])
    assert.deepEqual(await asked('side-stop'), [{ id: 's2' }])
    assert.deepEqual(await page.evaluate(() => window.host.requests('stop')), [], 'the answer is not stopped with it')
  })

  it('is announced once for each attempt, whatever else begins or ends to wait', async () => {
    await open([summary])
    await page.evaluate((all) => window.host.waitsBeside(...all), [summary, sample])
    await page.evaluate((all) => window.host.waitsBeside(...all), [{ ...summary, repetition: 2 }, sample])
    const said = page.getByTestId('announcer')
    await page.waitForFunction(
      () => /2 of 3/.test(document.querySelector('[data-testid=announcer]')?.textContent ?? ''),
      undefined,
      { timeout: 5_000 },
    )
    assert.doesNotMatch((await said.textContent()) ?? '', /1 of 3.*1 of 3/s)
  })

  it('is still waited for after the page was loaded anew', async () => {
    await open([summary])
    await page.evaluate(() => window.host.tell({ type: 'stale' }))
    await page.waitForTimeout(300)
    await lines().waitFor()
  })

  it('stands in the page of comparisons where it is one of a comparison, and not above the composer', async () => {
    await open([summary, measured])
    assert.equal(await lines().count(), 1)
    const running = { run: 'r1', doing: 'asking', done: 1, of: 6 } as const
    await page.evaluate(
      (view) => {
        window.host.scene.benchmark = view
        window.host.tell({ type: 'show', what: 'benchmark' })
      },
      { ...benchmarkView(), running },
    )
    await page.getByTestId('benchmark-progress').waitFor()
    assert.match(words(await lines().innerText()), /^GPT-5 mini Anthropic is overloaded\. Trying again in/)
    await lines().getByRole('button', { name: 'Stop' }).click()
    await page.waitForFunction(() => window.host.requests('side-stop').length > 0)
    assert.deepEqual(await asked('side-stop'), [{ id: 's3' }])
  })

  for (const theme of ['light', 'dark', 'contrast'] as ThemeName[])
    it(`is for everybody: in ${theme}`, async () => {
      for (const width of [300, 600]) {
        await open([summary, sample], width, theme)
        const shots = process.env['SHOTS']
        if (shots) await page.screenshot({ path: `${shots}/side-waits-${theme}-${width}.png` })
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
})
