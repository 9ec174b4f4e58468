/** The line below an answer: what it took, in words that hold, and in a place that does not move. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { costText, exactCost, lasting, seconds } from '../../webview/format.ts'
import { Rig } from './harness/browser.ts'

describe('the footer of an answer', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const footer = () => page.getByTestId('footer').first()
  const heightOf = async (): Promise<number> => (await footer().boundingBox())?.height ?? 0

  it('says of an answer that was gone on with in how many parts it came: nobody made steps', async () => {
    page = await rig.open('continued', { width: 600 })
    await page.getByTestId('steps').getByText('2 parts', { exact: true }).waitFor()
    assert.match((await footer().locator('.facts').getAttribute('title')) ?? '', /^This answer: 2 parts$/m)
  })

  it('says of a turn with tools how many steps it took', async () => {
    page = await rig.open('turn', { width: 600 })
    await page.getByTestId('steps').getByText('3 steps', { exact: true }).waitFor()
  })

  for (const width of [300, 600])
    it(`keeps its lines where its buttons appear, and begins none with a dot (${width} px)`, async () => {
      page = await rig.open('rich', { width, still: true })
      await footer().locator('..').getByTestId('message-menu-button').waitFor({ state: 'attached' })
      await footer().scrollIntoViewIfNeeded()
      await page.mouse.move(1, 1)
      const before = await heightOf()
      await footer().hover()
      assert.equal(await heightOf(), before)
      const dots = await footer().evaluate((node) => {
        const clip = node.querySelector('.facts')!.getBoundingClientRect()
        const facts = [...node.querySelectorAll('.fact')].map((fact) => fact.getBoundingClientRect())
        const first = facts.filter((fact, at) => fact.top !== facts[at - 1]?.top)
        return first.map((fact) => Math.round(fact.left + 13 - clip.left))
      })
      assert.deepEqual(
        dots,
        dots.map(() => 0),
        'the dot before the first of a line is cut off',
      )
    })

  it('leaves the model more of its name than of what stands beside it, in a narrow panel', async () => {
    page = await rig.open('tools', { width: 300 })
    await page.evaluate(() => {
      const { host } = window
      host.scene.chosen = { ...host.scene.chosen!, demo: true }
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    })
    await page.getByTestId('tools-button').waitFor()
    await page.locator('[data-testid=model-button][title$="(demo)"]').waitFor()
    const name = await page.getByTestId('model-button').locator('.name').boundingBox()
    assert.ok(name && name.width >= 48, `${name?.width} px of the name`)
  })

  /** The last answer of the scene, changed. */
  const change = (more: object): Promise<void> =>
    page.evaluate((changed) => {
      const last = window.host.scene.messages.findLast(({ message }) => message.role === 'assistant')!
      window.host.tell({ type: 'message', message: { ...last, ...changed } as typeof last })
    }, more)
  const facts = () => page.locator('[data-testid=footer] .facts').last()
  const guidance = { agent: { id: 'user:work', name: 'work' } }

  it('is drawn where an agent and a key are called the same', async () => {
    page = await rig.open('agents', { width: 600 })
    await change({ guidance, keyProfile: 'work', paidBy: 'key' })
    await facts().getByText('key work', { exact: true }).waitFor()
    await facts().getByText('agent work', { exact: true }).waitFor()
  })

  it('names both who paid where steps of one turn were paid for by different ones', async () => {
    page = await rig.open('turn', { width: 600 })
    await page.evaluate(() => {
      const { host } = window
      const answers = host.scene.messages.filter(({ message }) => message.role === 'assistant')
      for (const [at, one] of answers.entries())
        host.tell({ type: 'message', message: { ...one, paidBy: at === 0 ? 'credits' : 'key' } })
    })
    await facts().getByText('shared credits and your key', { exact: true }).waitFor()
    assert.match((await facts().getAttribute('title'))!, /^Paid by: shared credits and your key$/m)
  })

  it('says what attempts cost that came to nothing', async () => {
    page = await rig.open('agents', { width: 600 })
    const { message } = await page.evaluate(() => window.host.scene.messages.at(-1)!)
    const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
    await change({ message: { ...message, content: [], usage }, cost: 0.0456, paidBy: 'key' })
    await facts().getByText('$0.0456', { exact: true }).waitFor()
    assert.match((await facts().getAttribute('title'))!, /^Cost: \$0\.045600$/m)
  })

  it('marks a cost as estimated where its tokens are', async () => {
    page = await rig.open('agents', { width: 600 })
    const { message } = await page.evaluate(() => window.host.scene.messages.at(-1)!)
    const usage = { input: 1200, output: 30, cacheRead: 0, cacheWrite: 0, estimated: true }
    await change({ message: { ...message, usage } })
    await facts().getByText('≈$0.0123', { exact: true }).waitFor()
  })

  it('underlines the links of an answer', async () => {
    page = await rig.open('rich')
    const link = page.getByRole('link', { name: 'the article on MDN' })
    assert.equal(await link.evaluate((node) => getComputedStyle(node).textDecorationLine), 'underline')
  })
})

describe('a cost as people read it', () => {
  it('is no zero where something was paid, and not “at least” of what is nearly nothing', () => {
    assert.deepEqual(
      [0, 0.00000002, 0.0000123, 0.5].map((cost) => exactCost({ cost })),
      ['$0.000000', 'less than $0.000001', '$0.000012', '$0.500000'],
    )
    assert.deepEqual(
      [0, 0.00000002, 0.00002, 0.5].map((cost) => costText({ cost, costUnknown: true })),
      ['cost unknown', 'cost unknown', 'cost unknown', 'at least $0.5000'],
    )
    assert.equal(exactCost({ cost: 0.00000002, costUnknown: true }), 'unknown')
  })
})

describe('the rest of a wait as people read it', () => {
  it('is of seconds, minutes and hours', () => {
    assert.deepEqual([1, 59, 60, 605, 3600, 86_000].map(lasting), [
      '1 s',
      '59 s',
      '1 min 0 s',
      '10 min 5 s',
      '1 h 0 min',
      '23 h 53 min',
    ])
  })
})

describe('a time as people read it', () => {
  it('is no zero, and never 60 of what is a whole of the next unit', () => {
    assert.deepEqual([0, 12, 50, 640, 9_940, 9_960, 59_400, 59_600, 119_700, 754_000].map(seconds), [
      '<0.1 s',
      '<0.1 s',
      '0.1 s',
      '0.6 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min 0 s',
      '2 min 0 s',
      '12 min 34 s',
    ])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (milliseconds) => {
        assert.doesNotMatch(seconds(milliseconds), /\b60 s|^0\.0/)
      }),
    )
  })
})
