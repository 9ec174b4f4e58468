/** The page that compares models: what is chosen, what it costs, how it goes, and what came of it. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { BenchmarkView } from '../../src/shared/protocol.ts'
import { benchmarkView, noComparisons } from './harness/benchmark-scenes.ts'
import { drawn, Rig } from './harness/browser.ts'
import type { Look } from './harness/browser.ts'
import type { ThemeName } from './harness/themes.ts'

describe('the page that compares models', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (view: BenchmarkView = benchmarkView(), look: Look = {}): Promise<void> => {
    page = await rig.open('empty', { width: 400, ...look })
    await page.evaluate((view) => void (window.host.scene.benchmark = view), view)
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'benchmark' }))
    await page.getByTestId('benchmark-run').waitFor()
  }
  const model = (key: string) => page.locator(`[data-model="${key}"] input`)
  const prompt = (name: string) => page.locator(`[data-prompt="${name}"] input`)
  const cost = (words: string | RegExp) => page.getByTestId('benchmark-cost').getByText(words).waitFor()
  const run = () => page.getByTestId('benchmark-run')
  const change = (changes: Partial<BenchmarkView>) =>
    page.evaluate((changes) => {
      window.host.scene.benchmark = { ...window.host.scene.benchmark!, ...changes }
      window.host.tell({ type: 'benchmark-changed' })
    }, changes)
  const cells = (row: string) => page.locator(`[data-row="${row}"] td`).allInnerTexts()

  it('is reached from the menu, and begins with the model of the chat and every prompt', async () => {
    page = await rig.open('empty')
    await page.evaluate((view) => void (window.host.scene.benchmark = view), noComparisons())
    await page.getByTestId('more').click()
    await page.getByRole('menuitem', { name: 'Benchmark models' }).click()
    await cost('3 requests, at most $0.0300.')
    assert.equal(await model('anthropic/claude-sonnet-4-5').isChecked(), true)
    await page.getByTestId('benchmark-none').waitFor()
    await page.getByTestId('benchmark-close').click()
    await page.getByTestId('composer').waitFor()
  })

  it('says what a run costs as it is put together, and runs just that', async () => {
    await open(noComparisons())
    await model('openai/gpt-5-mini').focus()
    await page.keyboard.press('Space')
    await prompt('JSON').uncheck()
    await page.getByTestId('benchmark-repeats').fill('3')
    await page.getByTestId('benchmark-repeats').press('Tab')
    await cost('12 requests, at most $0.1200. What fails and is tried again adds to that.')
    await model('ollama/qwen3:8b').check()
    await cost(/18 requests, at most \$0\.1200 for what has a price\. No price is known for qwen3:8b\./)
    await page.getByTestId('benchmark-judge').selectOption({ index: 1 })
    await cost(/18 requests and 9 judgements/)
    await run().click()
    const [started] = await page.evaluate(() => window.host.requests('benchmark-start'))
    const sonnet = { provider: 'anthropic', model: 'claude-sonnet-4-5' }
    assert.deepEqual(started, {
      models: [sonnet, { provider: 'openai', model: 'gpt-5-mini' }, { provider: 'ollama', model: 'qwen3:8b' }],
      prompts: ['Fact', 'Long answer'],
      repeats: 3,
      judge: sonnet,
    })
  })

  for (const theme of ['light', 'dark', 'contrast'] as ThemeName[])
    it(`asks whether a command may run, exactly as every tool does: ${theme}`, async () => {
      for (const width of [300, 600]) {
        const request = {
          callId: 'k1',
          tool: {
            name: 'check_answers',
            title: 'Check answers with a command',
            source: { kind: 'built-in' as const },
            effect: 'run' as const,
          },
          summary: 'Run node check.js',
          preview: { kind: 'command' as const, command: 'node check.js --strict', cwd: '/tmp' },
          warnings: [],
          offers: { always: 'Exactly this command in /tmp, in this workspace and until you revoke it.' },
        }
        await open({ ...noComparisons(), asking: request }, { width, theme, still: true })
        const card = page.getByTestId('approval')
        await card.getByText('node check.js --strict').waitFor()
        await card.getByText('in /tmp', { exact: true }).waitFor()
        assert.equal(await card.getByTestId('allow-conversation').count(), 0)
        assert.equal(await card.getByTestId('deny-reason').count(), 0, 'no model reads it')
        assert.equal(await run().innerText(), 'Stop')
        const shots = process.env['SHOTS']
        if (shots) await page.screenshot({ path: `${shots}/benchmark-asking-${theme}-${width}.png` })
        await card.getByTestId('allow-always').click()
        await page.waitForFunction(() => window.host.requests('benchmark-decide').length > 0)
        assert.deepEqual(await page.evaluate(() => window.host.requests('benchmark-decide')), [
          { callId: 'k1', decision: { kind: 'always' } },
        ])
        if (width === 300) await rig.close(page)
      }
    })

  it('starts nothing before its cost is known, nor without a model', async () => {
    await open(noComparisons())
    await cost(/3 requests/)
    await page.evaluate(() => void (window.host.held = true))
    await model('openai/gpt-5-mini').check()
    assert.equal(await run().isDisabled(), true)
    await page.evaluate(() => window.host.release())
    await cost(/6 requests/)
    assert.equal(await run().isDisabled(), false)
    await model('openai/gpt-5-mini').uncheck()
    await model('anthropic/claude-sonnet-4-5').uncheck()
    await cost('Choose the models to compare.')
    assert.equal(await run().isDisabled(), true)
  })

  it('starts once, however often it is told to', async () => {
    await open(noComparisons())
    await cost(/at most/)
    await run().evaluate((button) => [1, 2, 3].forEach(() => (button as HTMLButtonElement).click()))
    await page.waitForFunction(() => window.host.requests('benchmark-start').length > 0)
    assert.equal((await page.evaluate(() => window.host.requests('benchmark-start'))).length, 1)
  })

  it('finds models by their words, and none of providers that cannot answer', async () => {
    await open()
    await page.getByTestId('benchmark-search').fill('opus anthropic')
    const offered = page.getByRole('list', { name: 'Models to compare' }).locator('label')
    await offered.filter({ hasText: 'Opus' }).waitFor()
    assert.equal(await offered.count(), 4, 'the three that are chosen, and the one that fits')
    await page.getByTestId('benchmark-search').fill('openrouter')
    await offered.filter({ hasText: 'Opus' }).waitFor({ state: 'detached' })
    assert.equal(await offered.count(), 3)
  })

  it('shows how a run goes on, and says its end to a screen reader', async () => {
    await open()
    const running = { run: 'new', doing: 'asking' as const, done: 3, of: 12 }
    await change({ running })
    await page.getByTestId('benchmark-progress').getByText('Asked 3 of 12').waitFor()
    assert.equal(await page.getByTestId('benchmark-remove').count(), 0, 'what runs cannot be removed')
    await run().focus()
    await change({ running: { ...running, doing: 'checking', done: 1 } })
    await page.getByTestId('benchmark-progress').getByText('Checked 1 of 12').waitFor()
    assert.equal(await run().innerText(), 'Stop')
    assert.equal(await run().evaluate((node) => node === document.activeElement), true, 'the focus was lost')
    await change({ running: { ...running, doing: 'checking', done: 12 } })
    await page.getByTestId('benchmark-progress').getByText('Checked 12 of 12').waitFor()
    await page.evaluate(() => delete window.host.scene.benchmark!.running)
    await change({})
    const said = page.getByTestId('benchmark').getByRole('status')
    await said.getByText('Finished.').waitFor({ state: 'attached' })
    assert.equal(await run().innerText(), 'Compare')
  })

  it('does not say that a run was removed where it was not', async () => {
    await open()
    await page.evaluate(() => void window.host.failing.push('benchmark-remove'))
    await page.getByTestId('benchmark-remove').click()
    await page.getByText('The benchmark-remove request failed.').waitFor()
    await drawn(page)
    assert.equal(await page.getByTestId('benchmark').getByRole('status').getByText('Removed.').count(), 0)
  })

  for (const already of [false, true])
    it(`says of a run that is stopped only that, ${already ? 'where it has ended already' : 'and not its end once more'}`, async () => {
      await open()
      await change({ running: { run: 'new', doing: 'asking', done: 3, of: 12 } })
      await page.getByTestId('benchmark-progress').getByText('Asked 3 of 12').waitFor()
      await page.evaluate(() => {
        const status = document.querySelector('[data-testid=benchmark] [role=status]')!
        const heard: string[] = []
        Object.assign(window, { heard })
        const look = { subtree: true, childList: true, characterData: true }
        new MutationObserver(() => heard.push(status.textContent!.trim())).observe(status, look)
      })
      const end = () =>
        page.evaluate(() => {
          const { runs, running: _, ...rest } = window.host.scene.benchmark!
          window.host.scene.benchmark = {
            ...rest,
            runs: runs.map((run) => (run.id === 'new' ? { ...run, stopped: true } : run)),
          }
        })
      if (already) await end()
      await run().click()
      const said = page.getByTestId('benchmark').getByRole('status')
      await said.getByText('Stopped.').waitFor({ state: 'attached' })
      if (!already) await end()
      await change({})
      await run().getByText('Compare').waitFor()
      const heard = await page.evaluate(() => (window as never as { heard: string[] }).heard)
      assert.deepEqual(heard.filter(Boolean), ['Stopped.'])
    })

  it('shows what came of a run in a table and in charts, and says who judged', async () => {
    await open()
    assert.deepEqual(await cells('openai/gpt-5-mini'), [
      '1.3 s',
      '151 tok/s',
      '$0.0021',
      '8 of 8',
      '–',
      '0 of 10, 1 tried again',
    ])
    await page
      .getByTestId('benchmark-facts')
      .getByText('Judged by the model Claude Opus 4.5, which cost $0.0314.')
      .waitFor()
    const widths = (chart: string) =>
      page.locator(`[data-chart=${chart}] .bar`).evaluateAll((bars) =>
        bars.map((bar) => {
          const whole = bar.parentElement!.getBoundingClientRect().width
          return Math.round((bar.getBoundingClientRect().width / whole) * 100)
        }),
      )
    assert.deepEqual(await widths('rate'), [56, 100, 21])
    assert.deepEqual(await widths('score'), [84, 0, 0], 'a mark is not out of ten')
    assert.deepEqual(await widths('failed'), [0, 0, 30])
  })

  it('puts an earlier run beside it, and shows another one', async () => {
    await open()
    await page.getByTestId('benchmark-before').selectOption('old')
    await page.locator('[data-chart=first] .thin').first().waitFor()
    assert.equal((await cells('anthropic/claude-sonnet-4-5'))[0], '640 ms (900 ms)')
    assert.equal((await cells('ollama/qwen3:8b'))[0], '210 ms', 'it was not there then')
    await page.getByTestId('benchmark-shown').selectOption('old')
    await page.locator('[data-run=old]').waitFor()
    await page.getByTestId('benchmark-remove').click()
    assert.deepEqual(await page.evaluate(() => window.host.requests('benchmark-remove')), [{ run: 'old' }])
  })

  it('says where the run beside it asked something else, or was judged by somebody else', async () => {
    const facts = () => page.getByTestId('benchmark-facts').innerText()
    const { runs, ...view } = benchmarkView()
    const [now, old] = runs
    const other = { ...old!, id: 'other', prompts: ['Fact'], repeats: 1, judgedBy: 'GPT-5' }
    await open({ ...view, runs: [now!, old!, other] })
    await page.getByTestId('benchmark-before').selectOption('old')
    await page.locator('[data-chart=first] .thin').first().waitFor()
    assert.doesNotMatch(await facts(), /It asked|Its judge/)
    await page.getByTestId('benchmark-before').selectOption('other')
    await page.getByTestId('benchmark-facts').getByText('It asked 1 prompt (Fact), once each').waitFor()
    assert.match(
      await facts(),
      /It asked 1 prompt \(Fact\), once each: its sums are of other answers\. Its judge was GPT-5\.$/,
    )
  })

  it('shows every answer with what failed and why', async () => {
    await open()
    await page.getByTestId('benchmark-answers').locator('summary').click()
    for (const words of [
      'contains: passed',
      'It is no JSON.',
      'judged 8 of 10: passed. Clear.',
      'Ollama is overloaded',
    ]) {
      await page.getByTestId('benchmark-answers').getByText(words).waitFor()
    }
  })

  it('says what is wrong with the file of prompts, and opens it', async () => {
    await open({ ...benchmarkView(), problems: ['Prompt 2 is left out: it needs a “name”.'] })
    await page.getByTestId('benchmark-trouble').getByText('it needs a “name”').waitFor()
    await page.getByTestId('benchmark-edit').click()
    assert.equal(await page.evaluate(() => window.host.requests('benchmark-edit').length), 1)
  })

  it('says why a run cannot begin', async () => {
    await open()
    await cost(/18 requests/)
    await page.evaluate(() => void (window.host.failing = ['benchmark-start']))
    await run().click()
    await page.getByTestId('benchmark-problem').getByText('The benchmark-start request failed.').waitFor()
  })
})
