/** What a person sees of budgets: a question where one is met, bars where one is nearly used up, and who paid. */
import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import { credits, day, month, question } from './harness/money-scenes.ts'
import type { ThemeName } from './harness/themes.ts'

describe('the panel and its budgets', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (): Promise<void> => {
    page = await rig.open('rich', { width: 600 })
    await page.getByTestId('context').waitFor()
  }
  const box = () => page.getByTestId('budget-question')
  const plain = (text: string): string => text.replace(/\s+/g, ' ').trim()
  const ask = (more: object = {}) => page.evaluate((asking) => window.host.pays({ asking }), { ...question, ...more })
  const decided = () => page.evaluate(() => window.host.requests('decide-budget'))

  it('ask in a sentence with figures, and take each answer', async () => {
    await open()
    await ask()
    await box().waitFor()
    assert.equal(
      plain(await box().locator('p').innerText()),
      "This request may cost $0.40; today's budget of $2.00 has $0.10 left. Send anyway?",
    )
    for (const name of ['Send anyway', 'Send all of this chat', 'Stop'])
      await box().getByRole('button', { name, exact: true }).click()
    await page.waitForFunction(() => window.host.requests('decide-budget').length === 3)
    assert.deepEqual(
      await decided(),
      ['send', 'send-all', 'stop'].map((decision) => ({ question: 'b1', decision })),
    )
    await page.evaluate(() => window.host.pays(undefined))
    await box().waitFor({ state: 'detached' })
  })

  it('are told of on every page that hides the chat, and a click leads to them', async () => {
    await open()
    await ask()
    for (const what of ['history', 'providers', 'benchmark'] as const) {
      await page.evaluate((overlay) => window.host.tell({ type: 'show', what: overlay }), what)
      const told = page.getByTestId('waiting-elsewhere')
      await told.getByText('Send for up to $0.40, past a budget?').waitFor()
      await told.click()
      await box().waitFor()
    }
    await page.evaluate(() => window.host.pays(undefined))
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'history' }))
    await page.getByTestId('waiting-elsewhere').waitFor({ state: 'detached' })
  })

  it('say where nobody knows the price, and when a budget begins anew', async () => {
    await open()
    await page.evaluate((asking) => window.host.pays({ asking }), {
      id: 'b2',
      model: 'House Model',
      budgets: [day, month],
    })
    await box().waitFor()
    assert.match(
      plain(await box().locator('p').innerText()),
      /^Nobody knows what House Model costs, so your budgets cannot count it: today's budget of \$2\.00 has \$0\.10 left, and this month's budget of \$40\.00 has \$27\.50 left\. Send anyway\?$/,
    )
    await ask({ budgets: [month] })
    await box().getByText('has $27.50 left until it begins anew on December 1.').waitFor()
  })

  it('tell a screen reader that something is asked', async () => {
    await open()
    await ask()
    await page
      .getByText('The request does not fit under a budget. You are asked what to do.')
      .waitFor({ state: 'attached' })
  })

  it('show a bar once a budget is nearly used up, and all of them at the meter', async () => {
    await open()
    assert.equal(await page.getByTestId('budget').count(), 0)
    await page.evaluate((one) => window.host.pays({ warning: [one] }), day)
    const line = page.getByTestId('budget-warning')
    await line.waitFor()
    assert.equal(plain(await line.innerText()), "Today's budget $1.70 of $2.00, $0.20 held")
    await line.getByRole('img', { name: '85% used' }).waitFor()
    await page.evaluate((all) => void (window.host.scene.budgets = all), [day, month, credits])
    await page.getByTestId('context').click()
    const all = page.getByTestId('budgets').getByTestId('budget')
    await all.nth(2).waitFor()
    assert.deepEqual((await all.allInnerTexts()).map(plain), [
      "Today's budget $1.70 of $2.00, $0.20 held",
      "This month's budget $12.50 of $40.00",
      'The shared credits of Gateway 310 of 1,000 credits',
    ])
  })

  it('stand beside each other where two connections are called the same', async () => {
    await open()
    const alike = [credits, { ...credits, used: 900, warns: true as const }]
    await page.evaluate((warning) => window.host.pays({ warning }), alike)
    const line = page.getByTestId('budget-warning').getByTestId('budget')
    await line.nth(1).waitFor()
    await page.evaluate((all) => void (window.host.scene.budgets = all), alike)
    await page.getByTestId('context').click()
    const all = page.getByTestId('budgets').getByTestId('budget')
    await all.nth(1).waitFor()
    await page.evaluate((warning) => window.host.pays({ warning }), [alike[1]!])
    await line.nth(1).waitFor({ state: 'detached' })
    assert.match(plain(await line.innerText()), /900 of 1,000 credits$/)
  })

  it('can be read where a name is long and nothing in it lets a line break', async () => {
    page = await rig.open('rich', { width: 300, still: true })
    await page.getByTestId('context').waitFor()
    const long = 'accounts_models_a_very_long_name_of_a_model_that_never_ends_2026_11_22'
    const overflow = (id: string) =>
      page.getByTestId(id).evaluate((node) => {
        const range = document.createRange()
        range.selectNodeContents(node)
        const { right } = node.getBoundingClientRect()
        return Math.max(...[...range.getClientRects()].map((rect) => Math.ceil(rect.right - right)))
      })
    await ask({ model: long, held: 0.8, budgets: [{ ...day, scope: 'agent', name: long }] })
    await box().waitFor()
    assert.ok((await overflow('budget-question')) <= 0)
    const named = [{ ...credits, name: long, warns: true as const }]
    await page.evaluate((warning) => window.host.pays({ warning }), named)
    await page.getByTestId('budget-warning').waitFor()
    assert.ok((await overflow('budget-warning')) <= 0)
    await page.evaluate((name) => {
      const last = window.host.scene.messages.at(-1)!
      const timing = { ...last.timing!, instead: `${name} was overloaded; answered by ${name}.` }
      const guidance = { agent: { id: 'user:long', name } }
      window.host.tell({ type: 'message', message: { ...last, timing, guidance } })
    }, long)
    await page.getByTestId('instead').waitFor()
    assert.ok((await overflow('instead')) <= 0)
    const fact = page.locator('.fact', { hasText: long })
    const cut = await fact.evaluate((node) => {
      const { left, right } = node.closest('.facts')!.getBoundingClientRect()
      const range = document.createRange()
      range.selectNodeContents(node)
      return [...range.getClientRects()].some((rect) => rect.left < left - 1 || rect.right > right + 1)
    })
    assert.equal(cut, false)
  })

  it('say of every answer who paid', async () => {
    await open()
    for (const [paidBy, words] of [
      ['credits', 'shared credits'],
      ['key', 'your key'],
    ] as const) {
      await page.evaluate((payer) => {
        const last = window.host.scene.messages.findLast(({ message }) => message.role === 'assistant')!
        window.host.tell({ type: 'message', message: { ...last, state: 'done', paidBy: payer } })
      }, paidBy)
      await page.getByTestId('footer').last().getByText(words, { exact: true }).waitFor()
    }
  })

  const views: Record<string, () => Promise<unknown>> = {
    question: () => ask(),
    warning: () => page.evaluate((warning) => window.host.pays({ warning }), [day, { ...month, warns: true as const }]),
    meter: async () => {
      await page.evaluate((all) => void (window.host.scene.budgets = all), [day, month, credits])
      await page.getByTestId('context').click()
      await page.getByTestId('budgets').waitFor()
    },
  }
  for (const [name, reach] of Object.entries(views)) {
    for (const theme of ['light', 'dark', 'contrast'] as ThemeName[]) {
      it(`are for everybody: ${name} in ${theme}`, async () => {
        for (const width of [300, 600]) {
          page = await rig.open('rich', { width, theme, still: true })
          await page.getByTestId('context').waitFor()
          await reach()
          await page.waitForTimeout(100)
          const shots = process.env['SHOTS']
          if (shots) await page.screenshot({ path: `${shots}/${name}-${theme}-${width}.png` })
          // The levels of the headings in an answer are its author's.
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
  }
})
