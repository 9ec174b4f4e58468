/** An answer can be stopped from its first moment on, also where the host tells the rest of its chat late. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'

describe('an answer that has just begun', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  /** The answer is told, and what the host knows of the chat beside it is not yet. */
  const begin = async (waits: boolean): Promise<void> => {
    page = await rig.open('rich')
    await page.evaluate((more) => {
      const { host } = window
      const tell = host.tell.bind(host)
      host.tell = (...events) => tell(...events.filter(({ type }) => type !== 'conversation'))
      host.start()
      if (more)
        host.waits({ sentence: 'Anthropic is overloaded.', leftMs: 9_000, repetition: 1, of: 3, skippable: true })
    }, waits)
  }
  const stopped = () => page.waitForFunction(() => window.host.requests('stop').length === 1)

  it('has its button', async () => {
    await begin(false)
    await page.getByTestId('stop').click()
    await stopped()
  })

  it('ends at Esc', async () => {
    await begin(false)
    await page.getByTestId('waiting').or(page.getByTestId('streaming')).first().waitFor()
    await page.keyboard.press('Escape')
    await stopped()
  })

  it('ends at the button of its wait', async () => {
    await begin(true)
    await page.getByTestId('trying-again').getByRole('button', { name: 'Stop' }).click()
    await stopped()
  })

  it('takes what is sent meanwhile as what comes after it', async () => {
    await begin(false)
    await page.getByTestId('composer').fill('And then?')
    await page.getByTestId('queue').click()
    await page.waitForFunction(() => window.host.requests('queue').length === 1)
    assert.deepEqual(await page.evaluate(() => window.host.requests('send')), [])
  })
})
