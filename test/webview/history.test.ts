import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'

/** A list of this many chats, one an hour. */
async function fill(page: Page, count: number): Promise<void> {
  await page.evaluate((count) => {
    const { chats } = window.host
    chats.all = Array.from({ length: count }, (_, at) => ({
      id: `n${at}`,
      title: `Chat number ${at}`,
      createdAt: 0,
      updatedAt: Date.now() - at * 3600_000,
      messages: 2,
      models: [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }],
    }))
  }, count)
}

type Search = { search?: string }

const row = (page: Page, id: string) => page.locator(`[data-conversation=${id}]`)
const show = (page: Page): Promise<unknown> =>
  page
    .evaluate(() => window.host.tell({ type: 'show', what: 'history' }))
    .then(() => page.getByTestId('history').waitFor())

describe('the history of chats', function () {
  this.timeout(60_000)
  let rig: Rig

  before(async () => (rig = await Rig.start()))
  after(() => rig.stop())

  it('groups by day, what is pinned first, and says who answered where', async () => {
    const page = await rig.open('empty')
    await page.evaluate(() => {
      const chats = window.host.chats
      chats.change(['h3'], { pinned: true })
      chats.all = chats.all.map((one) => (one.id === 'h1' ? { ...one, workspace: 'file:///code/other%20place' } : one))
    })
    await show(page)
    await row(page, 'h3').waitFor()
    const first = await page.getByTestId('history').locator('.group, .title').first().innerText()
    assert.equal(first, 'Pinned')
    assert.match(
      await row(page, 'h1').getByTestId('about').innerText(),
      /Claude Sonnet 4\.5 · other place · 5 messages/,
    )
    await rig.close(page)
  })

  it('searches what was said, and marks it', async () => {
    const page = await rig.open('empty')
    await page.evaluate(() => (window.host.chats.texts = { h2: 'and then a <b>window</b> function over the weeks' }))
    await show(page)
    await page.getByTestId('history-search').fill('<b>Window')
    await row(page, 'h0').waitFor({ state: 'detached' })
    const about = row(page, 'h2').getByTestId('about')
    await about.getByText('function over the weeks').waitFor()
    assert.equal((await about.innerText()).trim(), 'and then a <b>window</b> function over the weeks')
    assert.equal(await about.locator('mark').innerText(), '<b>window')
    await page.getByTestId('history-search').fill('nothing has this')
    await page.getByRole('button', { name: 'Clear search and filters' }).click()
    await row(page, 'h0').waitFor()
    await rig.close(page)
  })

  it('opens what was found, although what is typed is being looked for when Enter is pressed', async () => {
    const page = await rig.open('empty')
    await page.evaluate(() => (window.host.chats.texts = { h2: 'a window function over the weeks' }))
    await show(page)
    await row(page, 'h0').waitFor()
    await page.evaluate(() => void window.host.slow.push('history'))
    await page.getByTestId('history-search').fill('window')
    await page.waitForFunction(() => window.host.requests('history').some((one) => (one as Search).search === 'window'))
    await page.getByTestId('history-search').press('Enter')
    await page.evaluate(() => window.host.let('history'))
    await page.waitForFunction(() => window.host.requests('open').length > 0)
    assert.deepEqual(await page.evaluate(() => window.host.requests('open')), [{ conversation: 'h2' }])
    await rig.close(page)
  })

  it('says why something could not be done, also when it has the list again', async () => {
    const page = await rig.open('empty')
    await show(page)
    await row(page, 'h0').hover()
    const before = await page.evaluate(() => {
      window.host.failing.push('pin-chats')
      return window.host.requests('history').length
    })
    await row(page, 'h0').getByRole('button', { name: 'Pin' }).click()
    await page.waitForFunction((count) => window.host.requests('history').length > count, before)
    await drawn(page)
    assert.equal(await page.getByText('The pin-chats request failed.').count(), 1)
    await rig.close(page)
  })

  it('filters by place, model and time, and shows what was put away apart', async () => {
    const page = await rig.open('empty')
    await page.evaluate(() => {
      const { chats } = window.host
      chats.facets = {
        workspaces: ['file:///code/rings'],
        models: [
          { provider: 'anthropic', model: 'claude-sonnet-4-5' },
          { provider: 'openai', model: 'gpt-5' },
        ],
        agents: ['reviewer'],
        here: 'file:///code/rings',
      }
      chats.change(['h2'], { archived: true })
    })
    await show(page)
    await page.getByTestId('history-filter').click()
    await page.getByLabel('Workspace').selectOption({ label: 'rings (open)' })
    await page.getByLabel('Model', { exact: true }).selectOption('["openai","gpt-5"]')
    await page.getByLabel('Agent').selectOption('reviewer')
    await page.getByLabel('When').selectOption({ label: 'Last 7 days' })
    await page.getByText('No chat matches.').waitFor()
    const asked = (await page.evaluate(() => window.host.requests('history'))) as Record<string, unknown>[]
    const { since, ...last } = asked.at(-1)!
    assert.deepEqual(last, {
      workspace: 'file:///code/rings',
      provider: 'openai',
      model: 'gpt-5',
      agent: 'reviewer',
      limit: 100,
    })
    assert.ok(Date.now() - Number(since) < 7.1 * 24 * 3600_000, 'the first of seven days begins at midnight')
    await page.getByRole('button', { name: 'Clear search and filters' }).click()
    assert.equal(await row(page, 'h2').count(), 0)
    await page.getByRole('button', { name: 'Archived' }).click()
    await row(page, 'h2').waitFor()
    await row(page, 'h2').hover()
    await row(page, 'h2').getByRole('button', { name: 'Take out of the archive' }).click()
    await row(page, 'h2').waitFor({ state: 'detached' })
    await rig.close(page)
  })

  it('deletes many at once, and takes it back', async () => {
    const page = await rig.open('empty')
    await show(page)
    await row(page, 'h0')
      .locator('.open')
      .click({ modifiers: ['Control'] })
    await row(page, 'h2')
      .locator('.open')
      .click({ modifiers: ['Shift'] })
    await page.getByText('3 chats selected').waitFor()
    await page.getByTestId('history-many').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('3 chats deleted').waitFor()
    assert.deepEqual(
      await page.locator('[data-conversation]').evaluateAll((all) => all.map((one) => one.dataset.conversation)),
      ['h3'],
    )
    await page.getByTestId('undo-bar').getByRole('button', { name: 'Undo' }).click()
    await row(page, 'h0').waitFor()
    assert.equal(await page.locator('[data-conversation]').count(), 4)
    await rig.close(page)
  })

  it('is all there by the keyboard alone', async () => {
    const page = await rig.open('empty')
    await show(page)
    await row(page, 'h0').waitFor()
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-conversation]')?.dataset.conversation)
    await page.keyboard.press('ArrowDown')
    assert.equal(await focused(), 'h0')
    await page.keyboard.press('End')
    assert.equal(await focused(), 'h3')
    await page.keyboard.press('F2')
    await page.keyboard.type('What is new')
    await page.keyboard.press('Enter')
    await row(page, 'h3').getByText('What is new').waitFor()
    await page.waitForFunction(() => document.activeElement?.className.includes('open'))
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    await page.getByText('2 chats selected').waitFor()
    await page.keyboard.press('Delete')
    await page.getByText('2 chats deleted').waitFor()
    assert.equal(await focused(), 'h1')
    await page.keyboard.press('Control+z')
    await row(page, 'h3').waitFor()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowUp')
    assert.equal(await page.getByTestId('history-search').evaluate((field) => field === document.activeElement), true)
    await page.keyboard.type('stall')
    await page.keyboard.press('Enter')
    await page.getByTestId('history').waitFor({ state: 'detached' })
    assert.deepEqual(await page.evaluate(() => window.host.requests('open')), [{ conversation: 'h1' }])
    await rig.close(page)
  })

  it('draws the rows in sight of thousands, and asks for more before the end is reached', async () => {
    const page = await rig.open('empty')
    await fill(page, 5_000)
    await show(page)
    await row(page, 'n0').waitFor()
    const list = page.getByTestId('history').locator('.list')
    for (let times = 0; times < 40 && (await row(page, 'n450').count()) === 0; times++) {
      await list.evaluate((node) => node.scrollBy(0, 1_000))
      await page.waitForTimeout(20)
    }
    await row(page, 'n450').waitFor()
    assert.ok((await page.locator('[data-conversation]').count()) < 60, 'only those near the viewport are in the page')
    await rig.close(page)
  })

  it('shows what another window did', async () => {
    const page = await rig.open('empty')
    await show(page)
    await row(page, 'h0').waitFor()
    await page.evaluate(() => {
      window.host.chats.change(['h0'], { title: 'Named elsewhere' })
      window.host.tell({ type: 'chats-changed' })
    })
    await row(page, 'h0').getByText('Named elsewhere').waitFor()
    await rig.close(page)
  })
})
