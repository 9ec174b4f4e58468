/** What a person sees where a chat is longer than the window of its model. */
import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import { counted, question, summary } from './harness/fit-scenes.ts'
import type { SceneName } from './harness/scenes.ts'
import type { ThemeName } from './harness/themes.ts'

describe('a chat that is longer than the window', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName, width = 600): Promise<void> => {
    page = await rig.open(scene, { width })
    await page.getByTestId('context').waitFor()
  }
  const asked = (name: 'summarise' | 'undo-summary' | 'decide-fit' | 'pin-message' | 'cancel-summary' | 'new') =>
    page.evaluate((one) => window.host.requests(one), name)
  const untilAsked = (name: string) =>
    page.waitForFunction((one) => window.host.requests(one as 'summarise').length > 0, name)
  const message = (id: string) => page.locator(`[data-message-id="${id}"]`)

  describe('says where it was cut', () => {
    it('above the first message that was sent, and what can be done', async () => {
      await open('cut')
      const mark = message('u3').getByTestId('left-out')
      await mark.scrollIntoViewIfNeeded()
      assert.match(
        await mark.innerText(),
        /6 earlier messages were not sent: the chat is longer than the model can read/,
      )
      assert.equal(await page.getByTestId('left-out').count(), 1)
      await mark.getByText('Summarise them').click()
      await untilAsked('summarise')
      assert.deepEqual(await asked('summarise'), [{}])
      await mark.getByText('Choose a larger model').click()
      await page.getByTestId('model-picker').waitFor()
    })

    it('and no more once an answer was given to all of it', async () => {
      await open('cut')
      await message('u3').getByTestId('left-out').waitFor({ state: 'attached' })
      await page.evaluate(() => {
        window.host.start()
        window.host.say('All of it.')
        window.host.end()
      })
      await page.getByTestId('left-out').waitFor({ state: 'detached' })
    })

    it('and why, where something went otherwise than it should', async () => {
      await open('rich')
      await page.evaluate(() => {
        const last = window.host.scene.messages.at(-1)!
        const fitted = { left: 2, from: 'u2', short: 'r2', note: 'Anthropic said that it was too long.' }
        window.host.tell({ type: 'message', message: { ...last, fitted } })
      })
      const notes = page.getByTestId('fit-note')
      await notes.nth(1).waitFor()
      assert.match(await notes.nth(0).innerText(), /Anthropic said/)
      assert.match(await notes.nth(1).innerText(), /first lines/)
      await message('u2').getByTestId('left-out').waitFor()
    })
  })

  describe('shows the summary that stands for its beginning', () => {
    beforeEach(() => open('summarised'))
    const block = () => message('a2').getByTestId('summary')

    it('folded where the cut is, with who wrote it and what it cost, and opens by the keyboard', async () => {
      await block().scrollIntoViewIfNeeded()
      const head = page.getByTestId('summary-head')
      assert.match(
        (await head.innerText()).replace(/\s+/g, ' '),
        /Summary of 6 earlier messages .*480 tokens · \$0\.0041/,
      )
      assert.equal(await block().getByText('ring buffer in TypeScript').count(), 0)
      await head.focus()
      await page.keyboard.press('Enter')
      await block().getByText('The person builds a ring buffer').waitFor()
      assert.equal(await head.getAttribute('aria-expanded'), 'true')
    })

    it('which can be undone, and written again', async () => {
      await page.getByTestId('summary-head').click()
      await block().getByRole('button', { name: 'Summarise again' }).click()
      await untilAsked('summarise')
      assert.deepEqual(await asked('summarise'), [{ instead: 's1' }])
      await block().getByRole('button', { name: 'Undo' }).click()
      await untilAsked('undo-summary')
      assert.deepEqual(await asked('undo-summary'), [{ summary: 's1' }])
      await page.evaluate(() => window.host.fits(undefined))
      await page.getByTestId('summary').waitFor({ state: 'detached' })
    })

    it('anew where another one counts', async () => {
      await page.evaluate((one) => window.host.fits({}, { ...one, id: 's2', through: 'a3', messages: 10 }), summary)
      await message('a3').getByTestId('summary').getByText('Summary of 10 earlier messages').waitFor()
      assert.equal(await page.getByTestId('summary').count(), 1)
    })
  })

  describe('asks what to do', () => {
    const ask = () => page.evaluate((one) => window.host.fits({ asking: one }), question)
    const box = () => page.getByTestId('fit-question')
    beforeEach(async () => {
      await open('rich')
      await ask()
      await box().waitFor()
    })

    it('in a sentence with numbers, and takes each answer', async () => {
      assert.match(
        (await box().innerText()).replace(/\s+/g, ' '),
        /longer than Claude Sonnet 4\.5 can read: 231k tokens, of at most 136k\. .* its 24 oldest messages\?/,
      )
      await box().getByRole('button', { name: 'Leave them out' }).click()
      await box().getByRole('button', { name: 'Summarise with Claude Haiku 4.5' }).click()
      await box().getByRole('button', { name: 'Do not send' }).click()
      assert.deepEqual(
        await asked('decide-fit'),
        ['slide', 'summarise', 'stop'].map((decision) => ({ question: 'q1', decision })),
      )
    })

    it('and goes on by itself once another model is chosen', async () => {
      await box().getByRole('button', { name: 'Choose a larger model' }).click()
      await page.getByTestId('model-picker').waitFor()
      await page.evaluate((one) => {
        window.host.scene.chosen = { ...window.host.scene.chosen!, model: 'claude-opus-4-6' }
        window.host.fits({ asking: one })
      }, question)
      await untilAsked('decide-fit')
      assert.deepEqual(await asked('decide-fit'), [{ question: 'q1', decision: 'again' }])
    })

    it('and is answered by a new chat', async () => {
      await box().getByRole('button', { name: 'New chat' }).click()
      await untilAsked('new')
      assert.deepEqual(await asked('decide-fit'), [{ question: 'q1', decision: 'stop' }])
    })
  })

  it('says that a summary is being written, and can end that', async () => {
    await open('rich')
    await page.evaluate(() => window.host.fits({ summarising: { messages: 24 } }))
    const line = page.getByTestId('summarising')
    await line.getByText('Writing a summary of 24 earlier messages').waitFor()
    await line.getByText('Cancel').click()
    await untilAsked('cancel-summary')
  })

  it('says while it is typed that a message is the one too many', async () => {
    await open('rich')
    await page.evaluate((one) => void (window.host.counted = { ...one, leaves: 4 }), counted)
    await page.getByTestId('composer').fill('And one more question')
    await page
      .getByTestId('will-leave')
      .getByText(
        'Claude Sonnet 4.5 cannot read all of this chat: with this message 4 earlier messages will have to go.',
      )
      .waitFor()
    await page.getByTestId('composer').fill('')
    await page.getByTestId('will-leave').waitFor({ state: 'detached' })
  })

  it('marks a message that is always sent, and lets it go', async () => {
    await open('rich')
    await page.evaluate(() => {
      window.host.scene.messages[0] = { ...window.host.scene.messages[0]!, pinned: true }
      window.host.tell({ type: 'message', message: window.host.scene.messages[0] })
    })
    await message('u1').getByTestId('pinned').getByText('Always sent').click()
    await page.getByTestId('pinned').waitFor({ state: 'detached' })
    assert.deepEqual(await asked('pin-message'), [{ message: 'u1', pinned: false }])
  })

  describe('tells at the meter what its window is filled with', () => {
    const details = () => page.getByTestId('context-details')
    const show = async (): Promise<void> => {
      await open('cut')
      await page.evaluate((one) => void (window.host.counted = one), counted)
      await page.getByTestId('context').click()
      await details().getByRole('table').waitFor()
    }

    it('by parts that come to the whole', async () => {
      await show()
      const rows = await details().locator('tbody tr').allInnerTexts()
      assert.deepEqual(
        rows.map((row) => row.replace(/\s+/g, ' ').trim()),
        [
          'System prompt 1,200 <1%',
          'Tools 9,400 5%',
          'Files 21,000 11%',
          'Messages 52,600 26%',
          'Kept for the answer 64,000 32%',
          'Free 51,800 26%',
        ],
      )
      assert.equal(await details().locator('rect').count(), 6)
      await details().getByText('The last request left out 6 earlier messages.').waitFor()
    })

    it('as it was told last, and never as another chat’s', async () => {
      await show()
      await page.evaluate(() => void window.host.slow.push('context'))
      const asked = await page.evaluate(() => window.host.requests('context').length)
      for (const time of [1, 2]) {
        await page.keyboard.press('Escape')
        await page.getByTestId('context').click()
        await page.waitForFunction((count) => window.host.requests('context').length === count, asked + time)
      }
      await page.evaluate((one) => {
        window.host.let('context', { ...one, tooLong: true }, 1)
        window.host.let('context', one)
      }, counted)
      await drawn(page)
      assert.equal(await details().getByText('Not even the last message fits').count(), 1)
      await page.evaluate(() => {
        window.host.conversation = 'c2'
        window.host.tell({ type: 'stale' })
      })
      await page.waitForFunction((count) => window.host.requests('context').length > count, asked + 2)
      await drawn(page)
      assert.equal(await details().getByRole('table').count(), 0)
    })

    it('and warns where it is nearly full, where more has to go, and where nothing fits', async () => {
      await show()
      const again = async (more: object): Promise<void> => {
        await page.keyboard.press('Escape')
        await page.evaluate((one) => void (window.host.counted = one as never), { ...counted, ...more })
        await page.getByTestId('context').click()
      }
      await again({ tokens: 130_000 })
      await details().getByText('Nearly full').waitFor()
      await again({ leaves: 5 })
      await details().getByText('5 more messages will have to go').waitFor()
      await again({ tooLong: true })
      await details().getByText('Not even the last message fits').waitFor()
    })

    it('by its colour where a request nears what the answer leaves of it', async () => {
      await open('rich')
      for (const [tokens, level] of [
        [100_000, 'low'],
        [120_000, 'high'],
        [135_000, 'full'],
      ] as const) {
        await page.evaluate(
          (one) => {
            window.host.scene.chosen = { ...window.host.scene.chosen!, outputLimit: 64_000 }
            window.host.fits({})
            window.host.counted = one
          },
          { ...counted, tokens },
        )
        await page.getByTestId('composer').fill(`${tokens} and more`)
        await page.locator(`[data-testid=context].${level}`).waitFor()
      }
    })

    it('by the keyboard, and gives it back', async () => {
      await show()
      await page.keyboard.press('Escape')
      await details().waitFor({ state: 'detached' })
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'context')
      await page.keyboard.press('Enter')
      await details().waitFor()
      await page.getByTestId('summarise-now').click()
      await untilAsked('summarise')
    })
  })

  const views: Record<string, [SceneName, () => Promise<unknown>]> = {
    cut: ['cut', () => message('u3').getByTestId('left-out').scrollIntoViewIfNeeded()],
    summary: [
      'summarised',
      async () => {
        await page.getByTestId('summary-head').click()
        await message('a2').getByTestId('summary').scrollIntoViewIfNeeded()
      },
    ],
    question: ['rich', () => page.evaluate((one) => window.host.fits({ asking: one }), question)],
    meter: [
      'cut',
      async () => {
        await page.evaluate((one) => void (window.host.counted = one), { ...counted, leaves: 5 })
        await page.getByTestId('context').click()
        await page.getByTestId('context-details').getByRole('table').waitFor()
      },
    ],
    pinned: [
      'rich',
      async () => {
        await page.evaluate(() => {
          for (const at of [0, 1]) {
            const pinned = { ...window.host.scene.messages[at]!, pinned: true as const }
            window.host.tell({ type: 'message', message: pinned })
          }
        })
        // As a person does it: what the page scrolls by itself is no reason to look what is in sight.
        await page.getByTestId('transcript').hover()
        await page.mouse.wheel(0, -20_000)
        await page.getByTestId('pinned').nth(1).waitFor()
      },
    ],
  }
  for (const [name, [scene, reach]] of Object.entries(views)) {
    for (const theme of ['light', 'dark', 'contrast'] as ThemeName[]) {
      it(`is for everybody: ${name} in ${theme}`, async () => {
        for (const width of [300, 600]) {
          page = await rig.open(scene, { width, theme, still: true })
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
