import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import { cpuOf } from './harness/cpu.ts'
import type { SceneName } from './harness/scenes.ts'

describe('the composer', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName): Promise<void> => void (page = await rig.open(scene))
  const box = () => page.getByTestId('composer')
  const sent = () => page.evaluate(() => window.host.requests('send'))

  const paste = () =>
    box().evaluate((node) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array([137, 80, 78, 71])], 'shot.png', { type: 'image/png' }))
      node.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })

  /** What survives a reload is written a moment after it was typed. */
  const saved = (text: string) =>
    page.waitForFunction((words) => sessionStorage.getItem('panelist.state')?.includes(words), text)

  it('sends on Enter, breaks the line on Shift+Enter, and is empty afterwards', async () => {
    await open('empty')
    await box().click()
    await page.keyboard.type('first')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('second')
    assert.deepEqual(await sent(), [])
    await page.keyboard.press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    assert.deepEqual(await sent(), [{ content: [{ type: 'text', text: 'first\nsecond' }] }])
    assert.equal(await box().inputValue(), '')
  })

  it('has what is sent in the same moment wait for its turn, instead of asking twice at once', async () => {
    await open('empty')
    await box().click()
    await page.evaluate(() => void (window.host.held = true))
    for (const words of ['one', 'two', 'three']) {
      await page.keyboard.type(words)
      await page.keyboard.press('Enter')
    }
    await page.evaluate(() => window.host.release())
    await page.waitForFunction(() => window.host.requests('queue').length === 2)
    const texts = (name: 'send' | 'queue') => page.evaluate((one) => window.host.requests(one), name)
    assert.deepEqual(await texts('send'), [{ content: [{ type: 'text', text: 'one' }] }])
    assert.deepEqual(await texts('queue'), [
      { content: [{ type: 'text', text: 'two' }] },
      { content: [{ type: 'text', text: 'three' }] },
    ])
  })

  it('keeps what is sent before the host has answered, and sends it then', async () => {
    page = await rig.open('empty', { held: true })
    await box().click()
    await page.keyboard.type('early bird')
    await page.keyboard.press('Enter')
    assert.equal(await box().inputValue(), 'early bird')
    await page.evaluate(() => window.host.release())
    await page.locator('article[data-role=user]').waitFor()
    assert.deepEqual(await sent(), [{ content: [{ type: 'text', text: 'early bird' }] }])
    assert.equal(await box().inputValue(), '')
  })

  it('puts a saved draft in front of what is typed before the host has answered, and does not send both', async () => {
    await open('empty')
    await box().fill('the draft')
    await saved('the draft')
    await page.goto(`${page.url()}&held`)
    await box().fill('typed early')
    await page.keyboard.press('Enter')
    await page.evaluate(() => window.host.release())
    await page.waitForFunction(() => document.querySelector('textarea')!.value.includes('the draft'))
    assert.equal(await box().inputValue(), 'the draft\n\ntyped early')
    assert.deepEqual(await sent(), [])
  })

  it('comes to the front with the keyboard where a page covers it, also before a new chat has come', async () => {
    await open('rich')
    for (const what of ['history', 'providers', 'log'] as const) {
      await page.evaluate((one) => window.host.tell({ type: 'show', what: one }), what)
      await page.locator('[data-testid=composer]:not(:focus)').or(page.locator('main > section')).first().waitFor()
      await page.evaluate((chat) => {
        window.host.held = true
        window.host.conversation = chat
        window.host.tell({ type: 'stale' }, { type: 'focus' })
      }, `new-${what}`)
      await page.waitForFunction(() => window.host.held && window.host.requests('ready').length > 1)
      await page.evaluate(() => window.host.release())
      await page.locator('[data-testid=composer]:focus').waitFor()
      assert.equal(await page.locator('main > section').count(), 0)
    }
  })

  it('does not remember an Enter in an empty box', async () => {
    page = await rig.open('empty', { held: true })
    await box().focus()
    await page.keyboard.press('Enter')
    await box().fill('still thinking')
    await page.evaluate(() => window.host.release())
    await page.getByTestId('empty').waitFor()
    await page.waitForTimeout(100)
    assert.deepEqual(await sent(), [])
  })

  it('takes what is typed in an empty chat along to the new chat that takes its place', async () => {
    await open('empty')
    await box().click()
    await box().fill('typed while New Chat was under way')
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await page.waitForFunction(() => window.host.requests('ready').length === 2)
    await page.keyboard.press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    assert.deepEqual(await sent(), [{ content: [{ type: 'text', text: 'typed while New Chat was under way' }] }])
  })

  it('gives what is typed while another chat is on its way to that chat, and the rest to the one before', async () => {
    await open('rich')
    await box().fill('for this one. ')
    const messages = await page.evaluate(() => {
      window.host.held = true
      window.host.conversation = 'c2'
      const before = window.host.scene.messages
      window.host.scene.messages = []
      window.host.tell({ type: 'stale' })
      return before
    })
    await page.waitForFunction(() => window.host.requests('ready').length === 2)
    await box().press('End')
    await page.keyboard.type('for the new one')
    await page.evaluate(() => window.host.release())
    await page.getByTestId('empty').waitFor()
    assert.equal(await box().inputValue(), 'for the new one')
    await page.evaluate((before) => {
      window.host.conversation = 'c1'
      window.host.scene.messages = before
      window.host.tell({ type: 'stale' })
    }, messages as never)
    await page.locator('article').first().waitFor()
    assert.equal(await box().inputValue(), 'for this one. ')
  })

  it('tells the host whether it has the keyboard', async () => {
    await open('empty')
    const told = () => page.evaluate(() => window.host.requests('focused') as { focused: boolean }[])
    await page.evaluate(() => window.dispatchEvent(new FocusEvent('blur')))
    assert.deepEqual((await told()).at(-1), { focused: false })
    await page.evaluate(() => window.dispatchEvent(new FocusEvent('focus')))
    assert.deepEqual((await told()).at(-1), { focused: true })
  })

  it('does not send the Enter that ends a composition of an input method', async () => {
    await open('empty')
    await box().fill('にほん')
    await box().dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })
    assert.deepEqual(await sent(), [])
  })

  it('edits the last message on Up in an empty box, and sends it in the place of the old one', async () => {
    await open('rich')
    await box().click()
    await page.keyboard.press('ArrowUp')
    await page.getByTestId('editing').waitFor()
    assert.equal(await box().inputValue(), 'Now read my file and check it.')
    await page.keyboard.press('Enter')
    await page.getByTestId('editing').waitFor({ state: 'detached' })
    assert.deepEqual(await sent(), [
      { content: [{ type: 'text', text: 'Now read my file and check it.' }], parent: 'a1' },
    ])
  })

  it('keeps the images of an edited message, and brings the draft back when the edit is sent', async () => {
    await open('images')
    await box().fill('half a thought')
    await page.locator('article[data-role=user]').last().hover()
    await page.getByRole('button', { name: 'Edit message' }).last().click()
    await page.getByTestId('attachment').waitFor()
    assert.equal(await box().inputValue(), 'What is this?')
    await box().fill('What is in this?')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    const [request] = (await sent()) as { content: unknown[] }[]
    assert.deepEqual(request?.content, [
      { type: 'file', name: 'shot.png', media: { mediaType: 'image/png', data: 'iVBORw==' } },
      { type: 'text', text: 'What is in this?' },
    ])
    assert.equal(await box().inputValue(), 'half a thought')
    assert.equal(await page.getByTestId('attachment').count(), 0)
    await saved('half a thought')
    await page.reload()
    await page.locator('article').first().waitFor()
    assert.equal(await box().inputValue(), 'half a thought')
  })

  it('puts an edit back that could not be sent, and still has the draft after it', async () => {
    await open('images')
    await box().fill('half a thought')
    await page.evaluate(() => void (window.host.failing = ['send']))
    await page.locator('article[data-role=user]').last().hover()
    await page.getByRole('button', { name: 'Edit message' }).last().click()
    await box().fill('What is in this?')
    await page.keyboard.press('Enter')
    await page.getByTestId('notice').waitFor()
    assert.equal(await box().inputValue(), 'What is in this?')
    assert.equal(await page.getByTestId('attachment').count(), 1)
    await page.keyboard.press('Escape')
    assert.equal(await box().inputValue(), 'half a thought')
    assert.equal(await page.getByTestId('attachment').count(), 0)
  })

  it('puts an edit that could not be sent into another chat as a message that takes no place', async () => {
    await open('images')
    await page.evaluate(() => {
      window.host.failing = ['send']
      window.host.slow = ['send']
    })
    await page.locator('article[data-role=user]').last().hover()
    await page.getByRole('button', { name: 'Edit message' }).last().click()
    await box().fill('What is in this?')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await drawn(page)
    await page.evaluate(() => window.host.let('send'))
    await page.getByTestId('notice').waitFor()
    assert.equal(await box().inputValue(), 'What is in this?')
    await page.evaluate(() => {
      window.host.failing = []
      window.host.slow = []
    })
    await box().press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 2)
    assert.deepEqual(Object.keys((await sent())[1] as object), ['content'])
  })

  it('sends nothing of another chat that is shown before the file in front was read', async () => {
    page = await rig.open('empty')
    await page.evaluate(() => {
      const { host } = window
      host.slow = ['take-current']
      host.tell({ type: 'current-file', current: { label: 'ring.ts', detail: 'lines 3-9', on: true } })
    })
    await page.getByText('ring.ts').first().waitFor()
    await box().fill('Of the first')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('take-current').length === 1)
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await drawn(page)
    await box().fill('Of the second')
    await page.evaluate(() => window.host.let('take-current'))
    await drawn(page)
    assert.equal(await box().inputValue(), 'Of the second')
    assert.deepEqual(await sent(), [])
  })

  it('lets go of the thumbnails of what was sent', async () => {
    await open('empty')
    await page.evaluate(() => {
      const revoke = URL.revokeObjectURL.bind(URL)
      const revoked: string[] = []
      URL.revokeObjectURL = (address) => (revoked.push(address), revoke(address))
      Object.assign(window, { revoked })
    })
    await paste()
    await page.getByTestId('attachment').waitFor()
    await page.getByTestId('send').click()
    await page.waitForFunction(() => (window as unknown as { revoked: string[] }).revoked.length === 1)
  })

  it('leaves the editing on Esc and brings back what was typed', async () => {
    await open('rich')
    await box().click()
    await page.keyboard.press('ArrowUp')
    await page.getByTestId('editing').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('editing').waitFor({ state: 'detached' })
    assert.equal(await box().inputValue(), '')
  })

  it('keeps what is typed while an answer is written, and turns Send into Stop beside a way to queue it', async () => {
    await open('streaming')
    await page.evaluate(() => window.host.start())
    await page.getByTestId('stop').waitFor()
    assert.equal(await page.getByTestId('queue').count(), 0)
    await box().fill('typed meanwhile')
    await page.getByTestId('queue').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('send').waitFor()
    assert.deepEqual(await sent(), [])
    assert.equal(await box().inputValue(), 'typed meanwhile')
    assert.equal((await page.evaluate(() => window.host.requests('stop'))).length, 1)
  })

  it('closes what is on top with the first Esc and stops with the second', async () => {
    await open('streaming')
    await page.evaluate(() => window.host.start())
    await page.getByTestId('stop').waitFor()
    await page.getByTestId('model-button').click()
    await page.getByTestId('model-picker').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('model-picker').waitFor({ state: 'detached' })
    assert.equal((await page.evaluate(() => window.host.requests('stop'))).length, 0)
    await page.keyboard.press('Escape')
    await page.getByTestId('send').waitFor()
  })

  it('has the draft again after a reload of the page', async () => {
    await open('rich')
    await box().fill('half a thought')
    await page.reload()
    await page.locator('article').first().waitFor()
    assert.equal(await box().inputValue(), 'half a thought')
  })

  it('puts the text back and says why where it could not be sent', async () => {
    await open('empty')
    await page.evaluate(() => void (window.host.failing = ['send']))
    await box().fill('hello')
    await page.keyboard.press('Enter')
    await page.getByTestId('notice').waitFor()
    assert.equal(await box().inputValue(), 'hello')
  })

  it('takes pasted images, shows them, and lets go of one', async () => {
    await open('empty')
    await paste()
    await page.getByTestId('attachment').waitFor()
    await page.getByRole('button', { name: 'Remove shot.png' }).click()
    assert.equal(await page.getByTestId('attachment').count(), 0)
    await paste()
    await page.getByTestId('attachment').waitFor()
    await page.getByTestId('send').click()
    await page.waitForFunction(() => window.host.requests('send').length > 0)
    assert.deepEqual(await sent(), [
      { content: [{ type: 'file', name: 'shot.png', media: { mediaType: 'image/png', data: 'iVBORw==' } }] },
    ])
  })

  it('grows with its text up to a part of the panel, and counts its tokens', async () => {
    await open('empty')
    const height = async () => (await box().boundingBox())?.height ?? 0
    const small = await height()
    await box().fill('line\n'.repeat(100))
    assert.ok((await height()) > small * 4)
    assert.ok((await height()) <= 800 * 0.41)
    assert.match(await page.getByTestId('estimate').innerText(), /≈125/)
  })

  it('takes a very long paste, and takes it into the box by undo, without a long pause', async () => {
    await open('empty')
    await box().click()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(() => navigator.clipboard.writeText('a long line of text that goes on\n'.repeat(15_000)))
    const inserted = (): Promise<unknown> =>
      page.waitForFunction(() => document.querySelector('textarea')!.value.length > 400_000)
    const drawn = (): Promise<unknown> => page.evaluate(() => new Promise(requestAnimationFrame))
    const took = await cpuOf(page, async () => {
      await page.keyboard.press('Control+V')
      await page.getByTestId('attachment').waitFor()
      await page.keyboard.press('Control+Z')
      await inserted()
      await drawn()
    })
    // The least that any page pays for so much text in a box: most of it is the editor's own.
    await page.evaluate(() => {
      const bare = document.createElement('textarea')
      bare.rows = 12
      document.body.replaceChildren(bare)
      bare.focus()
    })
    const least = await cpuOf(page, async () => {
      await page.keyboard.press('Control+V')
      await inserted()
      await drawn()
    })
    assert.ok(took < 2 * least, `${took} ms of the processor, where a bare box takes ${least} ms`)
  })
})
