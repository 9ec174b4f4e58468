import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import type { LogEntry } from '../../src/shared/log-entry.ts'
import { Rig } from './harness/browser.ts'

const line = (seq: number, more: Partial<LogEntry> = {}): LogEntry => ({
  seq,
  at: Date.UTC(2026, 10, 20, 9, 0, 0, seq % 1000),
  level: 'info',
  source: 'request',
  text: `line ${seq}`,
  ...more,
})
const mixed = [
  line(1, { level: 'trace', source: 'host' }),
  line(2, { level: 'debug' }),
  line(3, { source: 'tool' }),
  line(4, { level: 'warn', source: 'mcp', text: 'looks \u202eodd' }),
  line(5, { level: 'error' }),
]

describe('the live log', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (entries: LogEntry[]): Promise<void> => {
    page = await rig.open('empty')
    await page.evaluate((entries) => void (window.host.log = entries), entries)
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'log' }))
    await page.getByTestId('log').waitFor()
    if (entries.length > 0) await page.locator('[data-seq]').first().waitFor()
  }
  const tell = (...entries: LogEntry[]): Promise<void> =>
    page.evaluate((entries) => {
      window.host.log.push(...entries)
      window.host.tell({ type: 'log', entries })
    }, entries)
  const shown = (): Promise<number[]> =>
    page.locator('[data-seq]').evaluateAll((lines) => lines.map((one) => Number((one as HTMLElement).dataset['seq'])))
  const shows = (seqs: number[]): Promise<unknown> =>
    page.waitForFunction(
      (seqs) =>
        [...document.querySelectorAll<HTMLElement>('[data-seq]')].map((one) => one.dataset['seq']).join() === seqs,
      seqs.join(),
    )
  const asked = (name: 'log' | 'log-close' | 'copy' | 'action') =>
    page.evaluate((name) => window.host.requests(name), name)
  /** Pixels between what is seen and the end. */
  const fromEnd = (): Promise<number> =>
    page.getByTestId('log-lines').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)

  it('shows what there is, then each new line once, and lets go of it all when it is closed', async () => {
    await open([line(1), line(2)])
    assert.match(await page.locator('[data-seq="2"]').innerText(), /\d\d:\d\d:\d\d\.002 info request\s+line 2/)
    await tell(line(2), line(3))
    await shows([1, 2, 3])
    await page.getByTestId('log-close').click()
    await page.getByTestId('log').waitFor({ state: 'detached' })
    await page.waitForFunction(() => window.host.requests('log-close').length === 1)
    assert.deepEqual(await asked('log'), [{ after: 0 }])
  })

  it('opens from the menu, says when nothing has happened, and leads to the output of the editor', async () => {
    page = await rig.open('empty')
    await page.getByTestId('more').click()
    await page.getByRole('menuitem', { name: 'Live log' }).click()
    await page.getByText('Nothing has happened yet.').waitFor()
    await page.getByTestId('log-output').click()
    await page.waitForFunction(() => window.host.requests('action').length === 1)
    assert.deepEqual(await asked('action'), [{ action: 'show-logs' }])
  })

  it('shows what fits the level and the sources, and says when nothing does', async () => {
    await open(mixed)
    assert.deepEqual(await shown(), [2, 3, 4, 5])
    await page.getByTestId('log-level').selectOption('trace')
    await shows([1, 2, 3, 4, 5])
    await page.getByTestId('log-level').selectOption('warn')
    await shows([4, 5])
    await page.locator('[data-source=mcp]').click()
    await shows([5])
    assert.equal(await page.locator('[data-source=mcp]').getAttribute('aria-pressed'), 'false')
    await page.locator('[data-source=request]').click()
    await page.getByText('No line fits the filter.').waitFor()
    await tell(line(6, { level: 'error', source: 'tool' }), line(7, { level: 'error' }))
    await shows([6])
  })

  it('follows the end until one scrolls up, and again when told to', async () => {
    await open(Array.from({ length: 100 }, (_, at) => line(at + 1)))
    const pressed = () => page.getByTestId('log-follow').getAttribute('aria-pressed')
    assert.ok((await fromEnd()) <= 1)
    await tell(line(101))
    await page.locator('[data-seq="101"]').waitFor()
    assert.ok((await fromEnd()) <= 1)
    await page.getByTestId('log-lines').hover()
    await page.mouse.wheel(0, -600)
    await page.waitForFunction(() => document.querySelector('[data-testid=log-follow][aria-pressed=false]'))
    await tell(line(102))
    await page.locator('[data-seq="102"]').waitFor({ state: 'attached' })
    assert.ok((await fromEnd()) > 300)
    await page.getByTestId('log-follow').click()
    await page.waitForFunction(() => document.querySelector('[data-testid=log-follow][aria-pressed=true]'))
    assert.ok((await fromEnd()) <= 1)
    assert.equal(await pressed(), 'true')
  })

  it('copies the lines that fit, and what was cleared does not come back', async () => {
    await open(mixed)
    await page.getByTestId('log-level').selectOption('error')
    await shows([5])
    await page.getByTestId('log-copy').click()
    await page.waitForFunction(() => window.host.requests('copy').length === 1)
    assert.deepEqual(await asked('copy'), [{ text: '2026-11-20T09:00:00.005Z error [request] line 5\n' }])
    await page.getByTestId('log-clear').click()
    await shows([])
    await page.getByTestId('log-close').click()
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'log' }))
    await tell(line(6, { level: 'error' }))
    await shows([6])
    assert.deepEqual(await asked('log'), [{ after: 0 }, { after: 5 }])
  })

  it('draws the last 500 lines and keeps no more than the host does', async () => {
    await open(Array.from({ length: 2_000 }, (_, at) => line(at + 1)))
    await tell(...Array.from({ length: 300 }, (_, at) => line(at + 2_001)))
    await page.locator('[data-seq="2300"]').waitFor()
    const seqs = await shown()
    assert.deepEqual([seqs.length, seqs[0]], [500, 1_801])
    await page.getByText('1500 older lines are not shown.').waitFor()
    await page.getByTestId('log-copy').click()
    await page.waitForFunction(() => window.host.requests('copy').length === 1)
    const [copied] = (await asked('copy')) as { text: string }[]
    assert.equal(copied?.text.split('\n').length, 2_001)
  })

  it('goes on after the page had to ask for everything anew', async () => {
    await open([line(1)])
    await page.evaluate(() => {
      window.host.log.push({ seq: 2, at: 0, level: 'info', source: 'mcp', text: 'told while nobody heard' })
      window.host.tell({ type: 'stale' })
    })
    await page.locator('[data-seq="2"]').waitFor()
    assert.deepEqual(await asked('log'), [{ after: 0 }, { after: 1 }])
  })

  it('shows letters that nobody sees, and can be read and used by everyone', async () => {
    await open(mixed)
    await page.getByText('looks ⟨U+202E⟩odd').waitFor()
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'log-close')
    const { violations } = await new AxeBuilder({ page }).analyze()
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    )
    await page.keyboard.press('Escape')
    await page.getByTestId('log').waitFor({ state: 'detached' })
  })
})
