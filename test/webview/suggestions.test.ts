import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import { counted } from './harness/fit-scenes.ts'
import type { SceneName } from './harness/scenes.ts'
import type { ThemeName } from './harness/themes.ts'

type Sent = { content: { type: string; text?: string; name?: string; media?: { data: string } }[] }

describe('suggestions in the composer', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  /** Opens the panel; what it loads behind the rest comes once the function that is given is called. */
  const openEarly = async (): Promise<() => void> => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const before = (fresh: Page) => fresh.route('**/webview-later.js', async (route) => (await held, route.continue()))
    page = await rig.open('empty', { early: true, before })
    return release
  }
  const open = async (scene: SceneName = 'empty', theme: ThemeName = 'dark', width = 400): Promise<void> => {
    page = await rig.open(scene, { theme, width, still: true })
  }
  const box = () => page.getByTestId('composer')
  const list = () => page.getByTestId('suggestions')
  const rows = () => page.getByTestId('suggestion')
  const labels = () => rows().locator('.label').allInnerTexts()
  const chips = () => page.getByTestId('attachment')
  /** A file is attached. */
  const attached = async (): Promise<void> => {
    await type('@ring')
    await list().waitFor()
    await press('Enter')
    await chips().waitFor()
  }
  /** A file was picked, and the host has not given it yet. It gives nothing more before it is told to. */
  const picked = async (): Promise<void> => {
    await type('@ring')
    await list().waitFor()
    await page.evaluate(() => (window.host.held = true))
    await press('Enter')
    await page.getByTestId('pending').waitFor()
  }
  /** It changes after it was attached. */
  const changes = (): Promise<void> =>
    page.evaluate(() => {
      window.host.suggestions.stale = ['@file:ring']
      window.host.tell({ type: 'context-changed' })
    })
  const sent = (): Promise<Sent[]> => page.evaluate(() => window.host.requests('send')) as Promise<Sent[]>
  const press = (key: string) => page.keyboard.press(key)
  const type = async (text: string): Promise<void> => {
    await box().focus()
    await page.keyboard.type(text)
  }
  const active = () => page.locator('[role=option][aria-selected=true]')
  const paste = (text: string) =>
    box().evaluate((node, words) => {
      const data = new DataTransfer()
      data.setData('text/plain', words)
      const event = new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data })
      node.dispatchEvent(event)
      return event.defaultPrevented
    }, text)

  it('are there after “/” at the start, fewer with each letter, with those letters marked', async () => {
    await open()
    await type('/')
    await list().waitFor()
    assert.deepEqual(await labels(), ['/new', '/model', '/history', '/review', '/greet'])
    await page.keyboard.type('mod')
    await rows().locator('mark').getByText('mod', { exact: true }).waitFor()
    assert.deepEqual(await labels(), ['/model'])
  })

  it('are there after “@” at the start and after white space, and nowhere else', async () => {
    await open()
    await type('@')
    await list().waitFor()
    await box().fill('')
    await type('mail me@')
    await page.waitForTimeout(150)
    assert.equal(await list().count(), 0)
    await box().fill('')
    await type('words / @ri')
    await rows().locator('mark').getByText('ri', { exact: true }).waitFor()
    assert.deepEqual(await labels(), ['ring.ts'])
    const asked = (await page.evaluate(() => window.host.requests('suggest'))) as { trigger: string }[]
    assert.deepEqual([...new Set(asked.map(({ trigger }) => trigger))], ['@'])
  })

  it('are there for what was typed before the code for them was', async () => {
    const release = await openEarly()
    await type('/mod')
    release()
    await list().waitFor()
    assert.deepEqual(await labels(), ['/model'])
  })

  it('are walked through by the arrows, and the box says which one is meant', async () => {
    await open()
    await type('/')
    await list().waitFor()
    const meant = () =>
      box().evaluate((node) => document.getElementById(node.getAttribute('aria-activedescendant') ?? '')?.innerText)
    assert.equal(await box().getAttribute('aria-controls'), await list().getAttribute('id'))
    assert.match((await meant()) ?? '', /^\/new/)
    await press('ArrowDown')
    assert.match((await meant()) ?? '', /^\/model/)
    await press('ArrowUp')
    await press('ArrowUp')
    assert.match((await meant()) ?? '', /^\/greet/)
    assert.ok(await box().evaluate((node) => node === document.activeElement))
  })

  it('go away by Escape and stay away for this word, while the next one asks again', async () => {
    await open()
    await type('@r')
    await list().waitFor()
    await press('Escape')
    await list().waitFor({ state: 'detached' })
    await page.keyboard.type('ing')
    await page.waitForTimeout(150)
    assert.equal(await list().count(), 0)
    assert.equal(await box().getAttribute('aria-activedescendant'), null)
    await page.keyboard.type(' @r')
    await list().waitFor()
  })

  it('are there for the next message also where they were sent away for this one', async () => {
    await open()
    await type('/mod')
    await list().waitFor()
    await press('Escape')
    await press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    await page.keyboard.type('/mod')
    await list().waitFor()
  })

  it('attach a file by Enter and by Tab, which send nothing and leave its name in the sentence', async () => {
    await open()
    await attached()
    assert.equal(await box().inputValue(), '')
    await page.keyboard.type('Compare it to @big')
    await list().waitFor()
    await press('Tab')
    await chips().nth(1).waitFor()
    assert.equal(await box().inputValue(), 'Compare it to big.ts ')
    assert.deepEqual(await sent(), [])
    await page.keyboard.type('now')
    await press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    const [{ content }] = (await sent()) as [Sent]
    assert.deepEqual(
      content.map(({ name, text }) => name ?? text),
      ['src/ring', 'src/big.ts (lines 1-200 of 5,000)', 'Compare it to big.ts now'],
    )
    assert.equal(atob(content[0]?.media?.data ?? ''), 'words of @file:ring')
  })

  it('are picked by the mouse, without taking the keyboard from the box', async () => {
    await open()
    await type('/m')
    await rows().first().click()
    await page.getByTestId('model-picker').waitFor()
    assert.equal(await box().inputValue(), '')
  })

  it('run a command that was typed faster than it could be offered', async () => {
    await open('rich')
    await page.evaluate(() => (window.host.held = true))
    await type('/new')
    await press('Enter')
    await page.evaluate(() => window.host.release())
    await page.waitForFunction(() => window.host.requests('new').length === 1)
    assert.deepEqual(await sent(), [])
  })

  it('run a command that was typed before the code for commands was there', async () => {
    const release = await openEarly()
    await type('/new')
    await press('Enter')
    release()
    await page.waitForFunction(() => window.host.requests('new').length === 1)
    assert.deepEqual(await sent(), [])
  })

  it('pick what the last letters mean, also where Enter comes before what they bring', async () => {
    await open()
    await type('/')
    await list().waitFor()
    await page.evaluate(() => (window.host.held = true))
    await page.keyboard.type('gr')
    await press('Enter')
    await page.evaluate(() => window.host.release())
    await page.waitForFunction(() => document.querySelector('textarea')!.value === 'Hello from the server')
  })

  it('let a path be sent that is no command', async () => {
    await open()
    await type('/usr/bin')
    await press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    assert.equal((await sent())[0]?.content[0]?.text, '/usr/bin')
  })

  it('go on from a topic to what is in it', async () => {
    await open()
    await type('look at @sym')
    await list().waitFor()
    await press('Enter')
    await page.waitForFunction(() => document.querySelector('textarea')!.value === 'look at @symbol:')
    await page.getByText('ring.ts:12').waitFor()
    await press('Enter')
    await chips().waitFor()
    assert.equal(await box().inputValue(), 'look at push ')
  })

  it('are asked for again while the host is still looking', async () => {
    await open()
    await page.evaluate(() => void (window.host.suggestions.more = 2))
    await type('@')
    await page.waitForFunction(() => window.host.requests('suggest').length >= 3)
    assert.ok((await labels()).length > 3)
  })

  it('write the messages of a prompt into the draft', async () => {
    await open()
    await type('/gr')
    await list().waitFor()
    await press('Enter')
    await page.waitForFunction(() => document.querySelector('textarea')!.value === 'Hello from the server')
    assert.ok(await box().evaluate((node) => node === document.activeElement))
  })

  it('ask for the arguments of a prompt with what the server proposes, by the keyboard alone', async () => {
    await open()
    await type('/rev')
    await list().waitFor()
    await press('Enter')
    const form = page.getByTestId('argument-form')
    await form.waitFor()
    await page.waitForFunction(() => document.activeElement?.id === 'argument-0')
    await press('Enter')
    await form.getByText('branch needs a value.').waitFor()
    await page.keyboard.type('ma')
    await form.getByRole('option', { name: 'main', exact: true }).waitFor()
    await press('ArrowDown')
    await press('ArrowDown')
    assert.equal(await active().innerText(), 'maintenance')
    await press('Enter')
    assert.equal(await form.locator('input').first().inputValue(), 'maintenance')
    await press('Enter')
    await page.waitForFunction(() => document.querySelector('textarea')!.value === 'Review maintenance')
    await chips().waitFor()
    assert.match(await chips().innerText(), /notes\.md/)
    assert.equal(await form.count(), 0)
  })

  it('put what a form gives into no other chat that is shown before the server has answered', async () => {
    await open()
    await type('/rev')
    await list().waitFor()
    await press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'argument-0')
    await page.keyboard.type('maintenance')
    await page.evaluate(() => void window.host.slow.push('take-suggestion'))
    await page.getByRole('button', { name: 'Use', exact: true }).click()
    await page.waitForFunction(() => window.host.requests('take-suggestion').length === 2)
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await drawn(page)
    await page.evaluate(() => window.host.let('take-suggestion'))
    await page.getByTestId('argument-form').waitFor({ state: 'detached' })
    await drawn(page)
    assert.equal(await box().inputValue(), '')
  })

  it('leave the form by Escape, and the draft as it was', async () => {
    await open()
    await type('/rev')
    await list().waitFor()
    await press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'argument-0')
    await page.getByTestId('argument-form').getByRole('option').first().waitFor()
    await press('Escape')
    await press('Escape')
    await page.getByTestId('argument-form').waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement === document.querySelector('textarea'))
  })

  it('say on the chip which part goes along and what it costs by the measure of the model', async () => {
    await open()
    await type('@big')
    await list().waitFor()
    await press('Enter')
    await chips().waitFor()
    assert.match(await chips().innerText(), /big\.ts\s+lines 1-200 of 5,000 · 250 tokens/)
    await page.evaluate(() => {
      const { host } = window
      host.suggestions.factor = 2
      host.scene.chosen = { ...host.scene.chosen!, model: 'another' }
      host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
    })
    await page.getByText('500 tokens').waitFor()
  })

  it('say on the chip what it costs by the measure that the host has learned from a count since', async () => {
    await open()
    await type('@big')
    await list().waitFor()
    await press('Enter')
    await chips().getByText('250 tokens').waitFor()
    await page.evaluate((count) => {
      window.host.suggestions.factor = 2
      window.host.counted = count
    }, counted)
    await page.keyboard.type('and more')
    await chips().getByText('500 tokens').waitFor()
  })

  it('mark what the last look found, in whichever order the answers come', async () => {
    await open()
    await attached()
    await page.evaluate(() => void window.host.slow.push('stale-context'))
    const looked = await page.evaluate(() => window.host.requests('stale-context').length)
    await changes()
    await changes()
    await page.waitForFunction((count) => window.host.requests('stale-context').length === count + 2, looked)
    await page.evaluate(() => {
      window.host.let('stale-context', ['@file:ring'], 1)
      window.host.let('stale-context', [])
    })
    await drawn(page)
    assert.equal(await page.getByTestId('stale').count(), 1)
  })

  it('mark what changed since it was attached, and read it anew', async () => {
    await open()
    await attached()
    assert.equal(await page.getByTestId('stale').count(), 0)
    await changes()
    await page.getByTestId('stale').waitFor()
    await drawn(page)
    await page.evaluate(() => void (window.host.suggestions.stale = []))
    await chips().getByRole('button', { name: 'Refresh ring' }).click()
    await page.getByTestId('stale').waitFor({ state: 'detached' })
    await box().fill('now')
    await press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    assert.equal(atob((await sent())[0]?.content[0]?.media?.data ?? ''), 'fresh words')
  })

  it('have the message that is sent at once wait for what was picked for it, and go once', async () => {
    await open()
    await picked()
    await page.keyboard.type('look')
    await press('Enter')
    await press('Enter')
    await page.getByRole('button', { name: 'Goes once everything is attached' }).waitFor()
    assert.equal(await box().inputValue(), 'look')
    await page.evaluate(() => window.host.release())
    await page.locator('article[data-role=user]').waitFor()
    const [message, ...more] = await sent()
    assert.deepEqual(
      message?.content.map(({ type, text }) => text ?? type),
      ['file', 'look'],
    )
    assert.deepEqual(more, [])
    assert.deepEqual(await page.evaluate(() => window.host.requests('queue')), [])
    await page.getByTestId('send').waitFor({ state: 'attached' })
  })

  it('have the message that is sent at once wait for what is read anew', async () => {
    await open()
    await attached()
    await changes()
    const refresh = chips().getByRole('button', { name: 'Refresh ring' })
    await refresh.waitFor()
    await page.evaluate(() => (window.host.held = true))
    await refresh.click()
    await box().fill('now')
    await press('Enter')
    await page.evaluate(() => window.host.release())
    await page.locator('article[data-role=user]').waitFor()
    assert.equal(atob((await sent())[0]?.content[0]?.media?.data ?? ''), 'fresh words')
  })

  it('leave the message in the box where what was picked for it cannot be had', async () => {
    await open()
    await picked()
    await page.evaluate(() => void (window.host.failing = ['take-suggestion']))
    await page.keyboard.type('look')
    await press('Enter')
    await page.evaluate(() => window.host.release())
    await page.getByText('The take-suggestion request failed.').waitFor()
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
    assert.deepEqual(await sent(), [])
    assert.equal(await box().inputValue(), 'look')
    await press('Enter')
    await page.locator('article[data-role=user]').waitFor()
  })

  it('leave what was picked in one chat out of another that is shown by the time it comes', async () => {
    await open()
    await picked()
    await page.evaluate(() => {
      const { host } = window
      host.held = false
      host.conversation = 'c2'
      host.tell({ type: 'stale' })
    })
    await drawn(page)
    await page.evaluate(() => window.host.release())
    await page.getByTestId('pending').waitFor({ state: 'detached' })
    await drawn(page)
    assert.equal(await chips().count(), 0)
  })

  it('take the place of what is attached of the same already', async () => {
    await open()
    for (let time = 0; time < 2; time++) {
      await type('@ring')
      await list().waitFor()
      await press('Enter')
      await page.waitForFunction((asked) => window.host.requests('take-suggestion').length === asked, time + 1)
    }
    await page.waitForFunction(() => window.host.requests('keepFiles').length >= 2)
    assert.equal(await chips().count(), 1)
  })

  it('show what goes along, and put it into the message instead', async () => {
    await open()
    await type('@ring')
    await list().waitFor()
    await press('Enter')
    await chips().locator('.face').click()
    const preview = page.getByTestId('attachment-preview')
    assert.equal(await preview.locator('pre').innerText(), 'words of @file:ring')
    await press('Escape')
    await preview.waitFor({ state: 'detached' })
    await chips().locator('.face').press('Enter')
    await page.getByTestId('inline').click()
    assert.equal(await box().inputValue(), 'words of @file:ring')
    assert.equal(await chips().count(), 0)
  })

  it('keep chips over a reload of the page', async () => {
    await open()
    await type('@big')
    await list().waitFor()
    await press('Enter')
    await chips().waitFor()
    await page.waitForFunction(() => window.host.requests('keepFiles').length > 0)
    await drawn(page)
    await page.reload()
    await chips().waitFor()
    assert.match(await chips().innerText(), /big\.ts\s+lines 1-200 of 5,000/)
  })

  it('make an attachment of long text that is pasted, and undo puts it into the draft', async () => {
    await open()
    assert.equal(await paste('short\n'.repeat(20)), false)
    assert.equal(await paste('row\n'.repeat(61)), true)
    await chips().waitFor()
    assert.match(await chips().innerText(), /Pasted text\s+61 lines/)
    assert.equal(await box().inputValue(), '')
    await box().focus()
    await press('Control+z')
    await chips().waitFor({ state: 'detached' })
    assert.equal(await box().inputValue(), 'row\n'.repeat(61))
    await box().fill('')
    assert.equal(await paste('x'.repeat(4001)), true)
    await chips().waitFor()
  })

  it('make an attachment of long text that is pasted before the code for it is there, once', async () => {
    const release = await openEarly()
    assert.equal(await paste('row\n'.repeat(61)), true)
    await type('look')
    release()
    await chips().waitFor()
    assert.equal(await chips().count(), 1)
    assert.equal(await box().inputValue(), 'look')
  })

  it('put long text that is pasted into the draft where the code for attachments cannot be had', async () => {
    const broken = { contentType: 'text/javascript', body: 'throw new Error("Cut off")' }
    const cut = (fresh: Page) => fresh.route('**/webview-later.js', (route) => route.fulfill(broken))
    page = await rig.open('empty', { early: true, before: cut })
    assert.equal(await paste('row\n'.repeat(61)), true)
    await page.waitForFunction(() => document.querySelector('textarea')?.value.startsWith('row'))
    assert.equal(await box().inputValue(), 'row\n'.repeat(61))
  })

  it('offer the file in front, dimmed, and send it only once it is switched on', async () => {
    await open()
    const current = { label: 'ring.ts', detail: 'lines 3-9, selected', on: false }
    // The host says the same to a page that asks later: what draws it may not be loaded yet.
    await page.evaluate((file) => {
      window.host.suggestions.current = file
      window.host.tell({ type: 'current-file', current: file })
    }, current)
    const chip = page.getByTestId('current-file')
    await chip.waitFor()
    await box().fill('first')
    await press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    assert.deepEqual(
      (await sent())[0]?.content.map(({ name, text }) => name ?? text),
      ['first'],
    )
    await chip.getByRole('button').click()
    assert.equal(await chip.getByRole('button').getAttribute('aria-pressed'), 'true')
    await box().fill('second')
    await press('Enter')
    await page.locator('article[data-role=user]').nth(1).waitFor()
    assert.deepEqual(
      (await sent())[1]?.content.map(({ name, text }) => name ?? text),
      ['src/ring.ts (lines 3-9, selected)', 'second'],
    )
    await page.evaluate(() => window.host.tell({ type: 'current-file', current: null }))
    await chip.waitFor({ state: 'detached' })
  })

  for (const theme of ['dark', 'light', 'contrast'] as ThemeName[]) {
    it(`have no problem that axe finds, in ${theme}`, async () => {
      await open('empty', theme, 300)
      await page.evaluate(() => {
        window.host.suggestions.stale = ['@file:ring']
        const current = { label: 'ring.ts', detail: 'lines 3-9', on: false }
        window.host.suggestions.current = current
        window.host.tell({ type: 'current-file', current })
      })
      await type('@ring')
      await list().waitFor()
      await press('Enter')
      await page.getByTestId('stale').waitFor()
      await chips().locator('.face').click()
      await type('@')
      await list().waitFor()
      await press('ArrowDown')
      const look = () => new AxeBuilder({ page }).disableRules(['page-has-heading-one', 'region']).analyze()
      const told = ({ violations }: Awaited<ReturnType<typeof look>>) =>
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)
      assert.deepEqual(told(await look()), [])
      await box().fill('')
      await type('/rev')
      await rows().first().click()
      await page.getByTestId('argument-form').getByRole('option').first().waitFor()
      await press('ArrowDown')
      assert.deepEqual(told(await look()), [])
    })
  }
})
