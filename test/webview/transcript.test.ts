import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import type { MessageView } from '../../src/shared/view.ts'
import { Rig } from './harness/browser.ts'
import { answer, ask, type SceneName } from './harness/scenes.ts'

describe('the transcript', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName): Promise<void> => void (page = await rig.open(scene))
  const log = () => page.getByTestId('transcript')
  const toGo = () => log().evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight)
  /** Until nothing is drawn or moved any more. */
  const settled = () =>
    log().evaluate(async (node) => {
      let [place, still] = ['', 0]
      while (still < 8) {
        await new Promise(requestAnimationFrame)
        const next = `${node.scrollTop} ${node.scrollHeight}`
        still = next === place && window.host.answering === 0 ? still + 1 : 0
        place = next
      }
    })
  const say = (text: string) => page.evaluate((words) => window.host.say(words), text)
  const wheel = async (by: number): Promise<void> => {
    await log().hover()
    await page.mouse.wheel(0, by)
    await settled()
  }

  it('draws a snapshot, then the answer as it grows, and its footer at the end', async () => {
    await open('streaming')
    await page.evaluate(() => window.host.start())
    await page.getByTestId('waiting').waitFor()
    await say('Hello **wor')
    await say('ld**.')
    await page.locator('article[data-role=assistant] strong').waitFor()
    assert.equal(await page.getByTestId('streaming').count(), 1)
    assert.equal(await page.getByTestId('waiting').count(), 0)
    await page.evaluate(() => window.host.end())
    await page.getByTestId('footer').waitFor()
    assert.match(await page.getByTestId('footer').innerText(), /2\.1k in\s*340 out\s*900 cached\s*\$0\.0123/)
    assert.equal(await page.getByTestId('streaming').count(), 0)
  })

  it('draws the first words in the very task that brings them, though an empty block came just before', async () => {
    await open('streaming')
    await page.evaluate(() => window.host.start())
    await page.getByTestId('waiting').waitFor()
    await settled()
    const drawn = await page.evaluate(async () => {
      window.host.say('Hello')
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      return document.querySelector('article[data-role=assistant] .markdown')?.textContent
    })
    assert.equal(drawn?.trim(), 'Hello')
  })

  it('asks for a snapshot again where a batch is missing or its epoch is not known', async () => {
    await open('streaming')
    const readies = () => page.evaluate(() => window.host.requests('ready').length)
    assert.equal(await readies(), 1)
    await page.evaluate(() => {
      window.host.start()
      window.host.seq++
      window.host.say('after the gap')
    })
    await page.getByText('after the gap').waitFor()
    assert.equal(await readies(), 2)
    await page.evaluate(() => window.host.post({ type: 'batch', epoch: 'other', seq: 1, events: [] }))
    await page.waitForFunction(() => window.host.requests('ready').length === 3)
    await say(', and on it goes')
    await page.getByText('after the gap, and on it goes').waitFor()
    assert.equal(await readies(), 3)
  })

  it('asks again until the snapshot comes, or at once where the person asks', async () => {
    await open('streaming')
    const lose = () =>
      page.evaluate(() => {
        window.host.failing = ['ready']
        window.host.start()
        window.host.say('after the loss')
        window.host.tell({ type: 'stale' })
      })
    await lose()
    await page.getByTestId('notice').getByText('The ready request failed.').waitFor()
    await page.evaluate(() => void (window.host.failing = []))
    await page.getByText('after the loss').waitFor({ timeout: 3000 })
    await page.getByTestId('notice').waitFor({ state: 'detached' })
    await say(' it goes on')
    await page.getByText('after the loss it goes on').waitFor()
    await page.evaluate(() => window.host.end())
    await lose()
    await page.getByTestId('notice').waitFor()
    await page.evaluate(() => void (window.host.failing = []))
    const again = page.getByRole('button', { name: 'Try again' }).last()
    const asks = await again.evaluate((button: HTMLElement) => {
      const before = window.host.requests('ready').length
      button.click()
      return window.host.requests('ready').length - before
    })
    assert.equal(asks, 1, 'it is asked at once')
    await page.getByTestId('notice').waitFor({ state: 'detached' })
  })

  for (const stuck of [true, false])
    it(`shows what comes as a high answer becomes low, ${stuck ? 'at the end' : 'scrolled up'}`, async () => {
      await open('streaming')
      const said = (id: string, text: string) => answer(id, [{ type: 'text', text }], { stop: { kind: 'done' } })
      const tell = (...messages: MessageView[]) =>
        page.evaluate(
          (words) => window.host.tell(...(JSON.parse(words) as PanelEvent[])),
          JSON.stringify(messages.map((message): PanelEvent => ({ type: 'message', message }))),
        )
      await tell(ask('q1', 'Tall?'), said('a1', 'One line.\n\n'.repeat(120)))
      await page.getByText('One line.').last().waitFor()
      await settled()
      if (!stuck) await wheel(-600)
      await tell(said('a1', 'Low.'), said('a2', 'The next answer.'))
      await page.getByText('Low.').waitFor()
      await page.getByText('The next answer.').waitFor({ timeout: 2_000 })
      await page.getByTestId('jump').waitFor({ state: 'detached' })
      assert.ok((await toGo()) <= 0)
    })

  it('offers to try again at the last answer only', async () => {
    await open('rich')
    await page.locator('.markdown').last().waitFor()
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 1)
    assert.equal(await page.locator('article').last().getByRole('button', { name: 'Try again' }).count(), 1)
  })

  it('turns Stop into Send when the answer has settled, whatever else is told', async () => {
    await open('streaming')
    const id = await page.evaluate(() => window.host.start())
    await page.getByTestId('stop').waitFor()
    await page.evaluate((answer) => window.host.tell({ type: 'settled', id: answer, state: 'done' }), id)
    await page.getByTestId('send').waitFor()
  })

  it('goes on with an answer that was half written when the page loaded', async () => {
    await open('streaming')
    await page.evaluate(() => {
      window.host.start()
      window.host.say('The first half')
      window.host.tell({ type: 'stale' })
    })
    await page.getByText('The first half').waitFor()
    await say(' and the second.')
    await page.getByText('The first half and the second.').waitFor()
  })

  it('stays at the end while an answer grows', async () => {
    await open('long')
    await settled()
    assert.ok((await toGo()) <= 1)
    await page.evaluate(() => window.host.start())
    for (let line = 0; line < 40; line++) await say(`Line ${line} of the answer.\n\n`)
    await settled()
    assert.ok((await toGo()) <= 1)
    assert.equal(await page.getByTestId('jump').count(), 0)
  })

  it('goes to what is sent from further up, also where its answer has begun by then', async () => {
    await open('long')
    await settled()
    await wheel(-900)
    await page.getByTestId('jump').waitFor()
    const told = [ask('sent', 'And now?'), { ...answer('begun', []), state: 'streaming' as const }]
    await page.evaluate(
      (words) => window.host.tell(...(JSON.parse(words) as PanelEvent[])),
      JSON.stringify(told.map((message): PanelEvent => ({ type: 'message', message }))),
    )
    await page.getByTestId('jump').waitFor({ state: 'detached' })
    await settled()
    assert.ok((await toGo()) <= 1)
  })

  it('stays where it is scrolled to while others write', async () => {
    await open('long')
    await settled()
    await wheel(-900)
    await page.evaluate(() => window.host.start())
    await say('Somebody asked before.')
    await page.evaluate(() => window.host.end())
    await settled()
    assert.equal(await page.getByTestId('jump').count(), 1)
    assert.ok((await toGo()) > 500)
  })

  it('lets go when the person scrolls up, offers the way back, and sticks again at the end', async () => {
    await open('long')
    await page.evaluate(() => window.host.start())
    for (let line = 0; line < 30; line++) await say(`Line ${line} of the answer.\n\n`)
    await settled()
    await wheel(-300)
    await page.getByTestId('jump').waitFor()
    const before = await log().evaluate((node) => node.scrollTop)
    for (let line = 0; line < 30; line++) await say(`More ${line} of the answer.\n\n`)
    await settled()
    assert.equal(await log().evaluate((node) => node.scrollTop), before)
    await page.getByTestId('jump').click()
    await settled()
    assert.ok((await toGo()) <= 1)
    await say('And on.\n\n'.repeat(30))
    await settled()
    assert.ok((await toGo()) <= 1)
  })

  it('lets go when the person scrolls up by keyboard', async () => {
    await open('long')
    await log().focus()
    await page.keyboard.press('PageUp')
    await page.getByTestId('jump').waitFor()
  })

  it('holds only the messages near the viewport', async () => {
    await open('wholePage')
    const mounted = () => page.locator('article').count()
    assert.ok((await mounted()) < 30, `${await mounted()} messages are mounted`)
    await log().evaluate((node) => (node.scrollTop = node.scrollHeight / 2))
    await settled()
    assert.ok((await mounted()) > 2 && (await mounted()) < 30)
    await log().evaluate((node) => (node.scrollTop = 0))
    await page.getByText('Question 1:', { exact: false }).first().waitFor()
  })

  it('brings older messages at the top and keeps the place', async () => {
    await open('long')
    await settled()
    for (let step = 0; step < 12; step++) {
      const place = () =>
        log().evaluate((node) => {
          const top = node.getBoundingClientRect().top
          const article = [...node.querySelectorAll('article')].find(
            (one) => one.getBoundingClientRect().bottom > top + 40,
          )
          return { id: article?.dataset['messageId'], top: article?.getBoundingClientRect().top ?? 0 }
        })
      await wheel(-700)
      const before = await place()
      await settled()
      const after = await place()
      assert.equal(after.id, before.id)
      assert.ok(Math.abs(after.top - before.top) < 2, `moved by ${after.top - before.top} px`)
    }
    assert.ok((await page.evaluate(() => window.host.requests('older').length)) >= 1)
  })

  it('leaves no gap where a snapshot comes before the older messages that were asked for', async () => {
    await open('long')
    await settled()
    await page.evaluate(() => void window.host.slow.push('older'))
    await log().evaluate((node) => (node.scrollTop = 0))
    await page.waitForFunction(() => window.host.requests('older').length === 1)
    const ids = await page.evaluate(() => {
      const { host } = window
      host.scene.pageSize = 20
      host.tell({ type: 'stale' })
      return host.scene.messages.slice(-20).map(({ id }) => id)
    })
    await page.waitForFunction(() => window.host.requests('ready').length === 2)
    await settled()
    await page.evaluate(() => {
      window.host.slow = []
      window.host.let('older')
    })
    await settled()
    await log().evaluate((node) => (node.scrollTop = 200))
    await settled()
    await log().evaluate((node) => (node.scrollTop = 0))
    await page.waitForFunction(() => window.host.requests('older').length > 1)
    const [, second] = (await page.evaluate(() => window.host.requests('older'))) as { before: string }[]
    assert.equal(second?.before, ids[0], 'older ones are asked for from what the snapshot shows')
  })

  it('shows where a link leads before it opens', async () => {
    await open('rich')
    await page.getByRole('link', { name: 'the article on MDN' }).click()
    await page.getByTestId('link-popover').waitFor()
    assert.match(await page.getByTestId('link-address').innerText(), /^https:\/\/developer\.mozilla\.org\//)
    assert.equal((await page.evaluate(() => window.host.requests('link'))).length, 0)
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await page.waitForFunction(() => window.host.requests('link').length === 1)
  })

  it('copies and inserts a code block as the model wrote it', async () => {
    await open('rich')
    const code = page.locator('.code').first()
    await code.getByRole('button', { name: 'Copy code' }).click()
    await code.getByRole('button', { name: 'Insert at cursor' }).click()
    await page.waitForFunction(() => window.host.requests('insert').length === 1)
    const [copied, inserted] = await page.evaluate(() => [
      window.host.requests('copy')[0],
      window.host.requests('insert')[0],
    ])
    assert.deepEqual(copied, inserted)
    assert.match((copied as { text: string }).text, /^export class Ring<T> \{\n {2}readonly #items/)
  })

  it('keeps a hostile message inert', async () => {
    await open('hostile')
    await settled()
    assert.equal(await page.evaluate(() => 'hacked' in window), false)
    assert.equal(await page.locator('article img, article script, article iframe, article svg').count(), 0)
  })

  it('offers what helps after a failure, and Continue where there is a part to go on from', async () => {
    await open('failed')
    const last = page.getByTestId('failure').last()
    await last.getByRole('button', { name: 'Choose another model' }).click()
    await page.getByTestId('model-picker').waitFor()
    await page.keyboard.press('Escape')
    await last.getByRole('button', { name: 'Try again' }).click()
    await page.waitForFunction(() => window.host.requests('retry').length === 1)
    await rig.close(page)
    await open('interrupted')
    await page.getByTestId('interrupted').getByRole('button', { name: 'Continue' }).click()
    await page.waitForFunction(() => window.host.requests('continue').length === 1)
    assert.deepEqual(await page.evaluate(() => window.host.requests('continue')), [{ message: 'a1' }])
  })

  it('tells a screen reader whole sentences and how the answer ended', async () => {
    await open('streaming')
    await page.evaluate(() => {
      const heard: string[] = []
      Object.assign(window, { heard })
      const region = document.querySelector('[data-testid=announcer]')!
      new MutationObserver(() => heard.push(region.textContent)).observe(region, {
        childList: true,
        characterData: true,
        subtree: true,
      })
      window.host.start()
    })
    for (const piece of ['The fir', 'st sen', 'tence. The sec', 'ond']) await say(piece)
    await page.waitForFunction(() => (window as unknown as { heard: string[] }).heard.length === 1)
    await say(' one.')
    await page.evaluate(() => window.host.end())
    await page.waitForFunction(() => (window as unknown as { heard: string[] }).heard.length === 2)
    assert.deepEqual(await page.evaluate(() => (window as unknown as { heard: string[] }).heard), [
      'The first sentence.',
      'The second one. Answer finished.',
    ])
  })

  it('tells a screen reader sentences of other scripts, and a long text without any end in parts', async () => {
    await open('streaming')
    const said = () => page.getByTestId('announcer').innerText()
    await page.evaluate(() => window.host.start())
    await say('これは最初の文です。そして')
    await page.waitForFunction(() => document.querySelector('[data-testid=announcer]')!.textContent !== '')
    assert.equal(await said(), 'これは最初の文です。')
    await say(`${'word '.repeat(80)}wo`)
    await page.waitForFunction(() => document.querySelector('[data-testid=announcer]')!.textContent.includes('word'))
    assert.match(await said(), /^そして(word ?)+$/)
  })
})
