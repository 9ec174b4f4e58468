import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Locator, Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import type { Look } from './harness/browser.ts'
import type { SceneName } from './harness/scenes.ts'
import type { ThemeName } from './harness/themes.ts'

describe('single messages', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName, look?: Look): Promise<void> => {
    page = await rig.open(scene, look)
    page.setDefaultTimeout(8000)
    await page.getByTestId('message-menu-button').first().waitFor({ state: 'attached' })
  }
  const article = (id: string): Locator => page.locator(`article[data-message-id=${id}]`)
  const asked = (name: string) => page.evaluate((one) => window.host.requests(one as never), name)
  const choose = async (id: string, item: string): Promise<void> => {
    await article(id).hover()
    await article(id).getByTestId('message-menu-button').click()
    await page.getByRole('menuitem', { name: item, exact: true }).click()
  }
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName ?? '')

  describe('that stand in one place', () => {
    it('are walked by arrows that say where they are, and the message keeps its place on the screen', async () => {
      await open('branched', { height: 500 })
      const walker = article('u2b').getByTestId('siblings')
      assert.equal(await walker.getAttribute('aria-label'), 'Version 2 of 2')
      assert.match(await walker.innerText(), /2 \/ 2/)
      await walker.scrollIntoViewIfNeeded()
      const before = (await article('u2b').boundingBox())!.y
      await walker.getByRole('button', { name: 'Previous version' }).click()
      await article('u2').waitFor()
      await article('a3').waitFor({ state: 'detached' })
      await drawn(page)
      const after = (await article('u2').boundingBox())!.y
      const atEnd = await page
        .getByTestId('transcript')
        .evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight)
      assert.ok(Math.abs(after - before) <= 2 || atEnd <= 1, `${before} became ${after}`)
      assert.deepEqual(await asked('walk'), [{ message: 'u2' }])
    })

    it('are walked with the keyboard, which stays on the arrows', async () => {
      await open('branched')
      const walker = article('a2c').getByTestId('siblings')
      await walker.getByRole('button', { name: 'Previous version' }).focus()
      await page.keyboard.press('Enter')
      await article('a2b').waitFor()
      await page.waitForFunction(() => document.activeElement?.closest('[data-message-id=a2b]'))
      assert.equal(await focused(), 'Next version')
      await page.keyboard.press('ArrowRight')
      await article('a2c').waitFor()
      await article('a3').waitFor()
      await page.waitForFunction(() => document.activeElement?.closest('[data-message-id=a2c]'))
    })

    it('show no arrows where a message stands alone', async () => {
      await open('rich')
      assert.equal(await page.getByTestId('siblings').count(), 0)
    })
  })

  describe('that go on from each other', () => {
    it('are one text in which a fence goes on across the seam, and one to copy', async () => {
      await open('continued')
      await page.locator('article .markdown strong').waitFor()
      assert.equal(await page.locator('article .code').count(), 1)
      const code = await page.locator('article .code code').innerText()
      assert.match(code, /#items: string\[\] = \[\]\n\s+push\(item: string\): void \{\}\n\}/)
      assert.equal(await page.getByTestId('footer').count(), 1)
      assert.equal(await page.getByTestId('interrupted').count(), 0)
      await page.getByRole('button', { name: 'Copy answer' }).click()
      const [copied] = (await asked('copy')) as { text: string }[]
      assert.match(copied!.text, /= \[\]\n {2}push\(item: string\): void \{\}\n\}\n```\n\nThat is \*\*all\*\*\.$/)
    })

    for (const way of ['piece by piece', 'at once'])
      it(`grow as one in a fence that was cut off, ${way}`, async () => {
        page = await rig.open('streaming')
        await page.evaluate(() => window.host.start())
        for (const piece of ['Here:\n\n```ts\nexport class Ring {\n', '  #items: string[] = []\n', '  pu']) {
          await page.evaluate((words) => window.host.say(words), piece)
          await drawn(page)
        }
        await page.evaluate(() => window.host.end({ kind: 'aborted' }))
        await page.getByTestId('interrupted').waitFor()
        await page.locator('article [data-lit]').waitFor({ state: 'attached' })
        const rest = ['sh(item: string): void {', '}\n}\n```\n\nThat is all.']
        if (way === 'piece by piece') {
          await page.evaluate((words) => {
            window.host.start('more', 'prefilled')
            window.host.say(words)
          }, rest.shift()!)
          await page.locator('article .code').getByText('push(item').waitFor()
        } else await page.evaluate(() => window.host.start('more', 'prefilled'))
        await page.evaluate((words) => {
          window.host.say(words)
          window.host.end()
        }, rest.join(''))
        await page.getByTestId('transcript').getByText('That is all.').waitFor()
        assert.equal(await page.locator('article .code').count(), 1)
        const code = await page.locator('article .code code').innerText()
        assert.equal(code, 'export class Ring {\n  #items: string[] = []\n  push(item: string): void {}\n}')
      })

    it('grow as one, and show nothing twice on the way', async () => {
      await open('interrupted')
      await page.evaluate(() => {
        const before = window.host.scene.messages.at(-1)!
        ;(before.message.content[0] as { text: string }).text = 'It begins with the words that were cut o'
        window.host.tell({ type: 'message', message: before })
        window.host.start('more', 'asked')
      })
      const words = 'with the words that were cut off, and so on.'
      const seen = new Set<string>()
      for (let at = 0; at < words.length; at += 4) {
        await page.evaluate((piece) => window.host.say(piece), words.slice(at, at + 4))
        await drawn(page)
        seen.add((await page.locator('article[data-role=assistant] .markdown').allInnerTexts()).join('|').trim())
      }
      await page.evaluate(() => window.host.end())
      await page.getByText('It begins with the words that were cut off, and so on.').waitFor()
      for (const text of seen)
        assert.ok('It begins with the words that were cut off, and so on.'.startsWith(text), text)
      assert.ok(seen.size > 2)
    })
  })

  describe('in the menu of a message', () => {
    it('have all that can be done with them, by keyboard alone', async () => {
      await open('branched')
      await article('a2c').getByTestId('message-menu-button').focus()
      await page.keyboard.press('Enter')
      const menu = page.getByTestId('message-menu')
      await menu.waitFor()
      const labels = (await menu.getByRole('menuitem').allInnerTexts()).map((label) => label.trim())
      for (const label of [
        'Copy',
        'Copy as Markdown',
        'Try again',
        'Try again with…',
        'Branch from here',
        'Delete answer',
      ])
        assert.ok(labels.includes(label), label)
      await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'menuitem')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await menu.waitFor({ state: 'detached' })
      assert.deepEqual(await asked('copy-markdown'), [{ messages: ['a2c'] }])
      assert.equal(await focused(), 'More for this answer')
      await page.keyboard.press('Enter')
      await menu.waitFor()
      await page.keyboard.press('Escape')
      await menu.waitFor({ state: 'detached' })
      assert.equal(await focused(), 'More for this answer')
    })

    it('answer an older question anew, also with a model of the picker, which does not become that of the chat', async () => {
      await open('branched')
      await choose('a1b', 'Try again')
      await page.waitForFunction(() => window.host.requests('retry').length === 1)
      assert.deepEqual(await asked('retry'), [{ message: 'a1b' }])
      await choose('a1b', 'Try again with…')
      await page.getByRole('dialog', { name: 'Try again with' }).waitFor()
      await page.getByTestId('model-search').fill('haiku')
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => window.host.requests('retry-with').length === 1)
      const [again] = (await asked('retry-with')) as { message: string; model: { model: string } }[]
      assert.equal(again!.message, 'a1b')
      assert.match(again!.model.model, /haiku/)
      assert.deepEqual(await asked('choose'), [])
      await page.getByTestId('model-button').click()
      await page.getByRole('dialog', { name: 'Choose a model' }).waitFor()
    })

    it('try the whole of an answer again, not the last piece that was joined to it', async () => {
      await open('continued')
      await page.getByRole('button', { name: 'Try again' }).click()
      assert.deepEqual(await asked('retry'), [{ message: 'a1' }])
    })

    it('go on from a message in a branch of its own', async () => {
      await open('branched')
      await choose('a1b', 'Branch from here')
      await article('u2b').waitFor({ state: 'detached' })
      await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'composer')
      assert.deepEqual(await asked('branch'), [{ message: 'a1b' }])
    })

    it('that have no answer get one where the person asks, and nobody is told so while it is on its way', async () => {
      await open('branched')
      await page.getByTestId('composer').fill('And now?')
      await page.keyboard.press('Enter')
      await page.getByText('And now?').waitFor()
      assert.equal(await page.getByTestId('unanswered').count(), 0)
      await page.getByTestId('unanswered').getByRole('button').click()
      await page.waitForFunction(() => window.host.requests('continue').length === 1)
    })

    it('come back to the top of a chat where nothing has to be scrolled', async () => {
      await open('branched', { height: 2400 })
      await choose('u1', 'Delete message')
      await article('u1').waitFor({ state: 'detached' })
      await page.getByTestId('undo').click()
      await article('u1').waitFor()
    })

    it('are deleted alone or with what follows, and come back', async () => {
      await open('branched')
      await choose('u2b', 'Delete message')
      await article('u2b').waitFor({ state: 'detached' })
      await article('a2c').waitFor()
      await page.getByTestId('undo').click()
      await article('u2b').waitFor()
      assert.deepEqual(await asked('remove-messages'), [{ messages: ['u2b'], what: 'message' }])
      await choose('u2b', 'Delete with all that follows')
      await article('a3').waitFor({ state: 'detached' })
      await page.getByTestId('deleted').waitFor()
      await page.getByTestId('transcript').focus()
      await page.keyboard.press('Control+z')
      await article('a3').waitFor()
      await page.getByTestId('deleted').waitFor({ state: 'detached' })
    })
  })

  describe('on the map', () => {
    it('are all there, the shown branch marked, others folded, and are gone to by keyboard', async () => {
      await open('branched')
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'map' }))
      const map = page.getByTestId('map')
      await map.locator('[data-node=a3]').waitFor()
      assert.match(await map.innerText(), /9 messages, 3 other branches|10 messages/)
      assert.equal(await map.locator('[data-node=a2c]').getAttribute('aria-selected'), 'true')
      assert.equal(await map.locator('[data-node=u2]').getAttribute('aria-expanded'), 'false')
      assert.equal(await map.locator('[data-node=a2]').count(), 0)
      await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'tree')
      for (let times = 0; times < 12; times++) await page.keyboard.press('ArrowUp')
      for (let times = 0; (await active()) !== 'u2'; times++) {
        assert.ok(times < 12)
        await page.keyboard.press('ArrowDown')
      }
      await page.keyboard.press('ArrowRight')
      await map.locator('[data-node=a2]').waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await article('a2').waitFor()
      await map.waitFor({ state: 'detached' })
      await page.waitForFunction(() => document.activeElement?.closest('[data-message-id=a2]'))
    })

    it('of a chat of 2,000 messages draw few rows and are there at once', async () => {
      await open('turns200')
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'map' }))
      const map = page.getByTestId('map')
      await map.locator('[data-node=a200]').waitFor()
      assert.ok((await map.getByRole('treeitem').count()) < 60)
      await page.keyboard.press('Home')
      await map.locator('[data-node=u1]').waitFor()
      await page.keyboard.press('Enter')
      await article('u1').waitFor()
      assert.ok(await isInSight('u1'))
    })

    const active = (): Promise<string | null> =>
      page.evaluate(() => {
        const tree = document.querySelector('[role=tree]')
        return document.getElementById(tree?.getAttribute('aria-activedescendant') ?? '')?.dataset['node'] ?? null
      })
  })

  describe('with words that are looked for', () => {
    const count = () => page.getByTestId('find-count')
    const marked = (): Promise<{ all: number; now: string }> =>
      page.evaluate(() => ({
        all: CSS.highlights.get('panelist-found')?.size ?? 0,
        now: [...(CSS.highlights.get('panelist-found-now') ?? [])].map(String).join('|'),
      }))

    it('are found, marked and gone through by keyboard, also where a page has not loaded them yet', async () => {
      await open('turns200')
      await page.getByTestId('composer').focus()
      await page.keyboard.press('Control+f')
      await page.locator('[data-testid=find-field]:focus').waitFor()
      await page.keyboard.type('question 17:')
      await count().getByText('1 of 1').waitFor()
      await article('u17').waitFor()
      await page.waitForFunction(() => [...(CSS.highlights.get('panelist-found-now') ?? [])].length === 1)
      assert.equal((await marked()).now, 'Question 17:')
      assert.ok(await isInSight('u17'))
      assert.equal(await focused(), 'Find in this chat')
      await page.getByTestId('find-field').fill('Question 1')
      await count()
        .getByText(/of 111$/)
        .waitFor()
      const first = await count().innerText()
      await page.keyboard.press('Enter')
      await page.keyboard.press('Shift+Enter')
      await count().getByText(first).waitFor()
      await page.keyboard.press('Escape')
      await page.getByTestId('find').waitFor({ state: 'detached' })
      assert.equal((await marked()).all, 0)
      await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'composer')
    })

    it('are those that are typed when Enter is pressed, not those before them', async () => {
      await open('turns200')
      await page.keyboard.press('Control+f')
      await page.getByTestId('find-field').fill('Question 17:')
      await count().getByText('1 of 1').waitFor()
      await page.getByTestId('find-field').evaluate((field: HTMLInputElement) => {
        field.value = 'Question 18:'
        field.dispatchEvent(new Event('input', { bubbles: true }))
        field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
      })
      await page.waitForFunction(
        () => String([...(CSS.highlights.get('panelist-found-now') ?? [])][0]) === 'Question 18:',
      )
      assert.ok(await isInSight('u18'))
    })

    it('are told by case where that is wanted, and said not to be there', async () => {
      await open('branched')
      await page.keyboard.press('Control+f')
      await page.getByTestId('find-field').fill('HEAD INDEX')
      await count().getByText('No results').waitFor()
      await page.getByTestId('find-field').fill('SHARE')
      await page.waitForFunction(() =>
        /of|No/.test(document.querySelector('[data-testid=find-count]')?.textContent ?? ''),
      )
      await page.keyboard.press('Alt+c')
      await count().getByText('No results').waitFor()
      assert.equal(await page.getByRole('button', { name: /Match case/ }).getAttribute('aria-pressed'), 'true')
    })

    it('are found across the marks of Markdown and the seam of an answer', async () => {
      await open('continued')
      await page.keyboard.press('Control+f')
      await page.getByTestId('find-field').fill('push(item')
      await count().getByText('1 of 1').waitFor()
      await page.waitForFunction(() => [...(CSS.highlights.get('panelist-found-now') ?? [])].length === 1)
      await page.getByTestId('find-field').fill('That is all.')
      await count().getByText('1 of 1').waitFor()
      await page.waitForFunction(
        () => String([...(CSS.highlights.get('panelist-found-now') ?? [])][0]) === 'That is all.',
      )
    })
  })

  /** What lies over the transcript, and how it is opened. */
  const over: Record<string, () => Promise<unknown>> = {
    'their menu': async () => {
      await article('a2c').hover()
      await article('a2c').getByTestId('message-menu-button').click()
      await page.getByTestId('message-menu').waitFor()
    },
    'the map': async () => {
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'map' }))
      await page.locator('[data-node=u2]').click({ position: { x: 26, y: 12 } })
      await page.locator('[data-node=a2]').waitFor()
    },
    'the words that are looked for, and what was deleted': async () => {
      await choose('u3', 'Delete message')
      await page.getByTestId('deleted').waitFor()
      await page.keyboard.press('Control+f')
      await page.getByTestId('find-field').fill('writer')
      await page.getByTestId('find-count').getByText(/of/).waitFor()
    },
  }
  for (const [name, reach] of Object.entries(over)) {
    for (const theme of ['dark', 'light', 'contrast'] satisfies ThemeName[]) {
      it(`can be read and used by everyone, with ${name}, ${theme}`, async () => {
        await open('branched', { theme, width: 320, height: 700, still: true })
        await reach()
        // Whether links in answers are underlined is a setting of the editor.
        await page.evaluate(() => document.documentElement.style.setProperty('--text-link-decoration', 'underline'))
        const { violations } = await new AxeBuilder({ page }).disableRules(['heading-order']).analyze()
        const found = violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
        )
        assert.deepEqual(found, [])
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        assert.ok(wide <= 0, `${wide} px too wide`)
      })
    }
  }

  const isInSight = (id: string): Promise<boolean> =>
    page.evaluate((one) => {
      const box = document.querySelector(`article[data-message-id=${one}]`)?.getBoundingClientRect()
      return box !== undefined && box.bottom > 0 && box.top < window.innerHeight
    }, id)
})
