import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import type { SceneName } from './harness/scenes.ts'
import type { ThemeName } from './harness/themes.ts'

type Sent = { content: { type: string; text?: string; name?: string; media?: { mediaType: string; data: string } }[] }
type Given = { name: string; type?: string; text?: string; bytes?: number[]; size?: number }

describe('files in the composer', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (scene: SceneName): Promise<void> => void (page = await rig.open(scene))
  const box = () => page.getByTestId('composer')
  const chips = () => page.getByTestId('attachment')
  const sent = (): Promise<Sent[]> => page.evaluate(() => window.host.requests('send')) as Promise<Sent[]>
  const problem = () => page.getByTestId('notice').innerText()

  /** Drops or pastes these files; what has only a size is filled with zeros. */
  const give = (how: 'drop' | 'paste', files: Given[], texts: Record<string, string> = {}) =>
    box().evaluate(
      (node, [way, given, words]) => {
        const data = new DataTransfer()
        for (const { name, type, text, bytes, size } of given) {
          const content = text ?? (bytes ? new Uint8Array(bytes) : new Uint8Array(size ?? 0))
          data.items.add(new File([content], name, { type: type ?? '' }))
        }
        for (const [type, value] of Object.entries(words)) data.setData(type, value)
        const options = { bubbles: true, cancelable: true }
        const event =
          way === 'drop'
            ? new DragEvent('drop', { ...options, dataTransfer: data })
            : new ClipboardEvent('paste', { ...options, clipboardData: data })
        node.dispatchEvent(event)
        return event.defaultPrevented
      },
      [how, files, texts] as const,
    )

  /** Drops a picture of noise, so that its PNG has about four bytes a pixel. */
  const dropPicture = (width: number, height: number, type = 'image/png') =>
    box().evaluate(
      async (node, [w, h, kind]) => {
        const canvas = new OffscreenCanvas(w, h)
        const context = canvas.getContext('2d')!
        const image = context.createImageData(w, h)
        const noise = new Uint32Array(image.data.buffer)
        for (let at = 0; at < noise.length; at++) noise[at] = 0xff000000 | (Math.random() * 0xffffff)
        context.putImageData(image, 0, 0)
        const blob = await canvas.convertToBlob({ type: kind, quality: 1 })
        const data = new DataTransfer()
        data.items.add(new File([blob], 'noise.png', { type: kind }))
        node.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
        return blob.size
      },
      [width, height, type] as const,
    )

  const choose = (model: { images?: boolean; pdfs?: boolean; name: string }, provider = 'anthropic') =>
    page.evaluate(
      ([info, id]) => {
        const { host } = window
        const label = { anthropic: 'Anthropic', google: 'Google' }[id] ?? id
        const before = host.scene.chosen!
        host.scene.chosen = { ...before, provider: id, providerLabel: label, info: { ...before.info!, ...info } }
        host.tell({ type: 'conversation', conversation: host.view(), needsKey: false })
      },
      [model, provider] as const,
    )

  const png = { name: 'shot.png', type: 'image/png', bytes: [137, 80, 78, 71] }
  const pdf = { name: 'paper.pdf', type: 'application/pdf', text: '%PDF-1.7 paper' }

  it('takes several at once, images and PDFs, and sends them in their order', async () => {
    await open('empty')
    await give('drop', [pdf, png, { ...png, name: 'second.png' }])
    await chips().nth(2).waitFor()
    assert.match(await chips().first().innerText(), /paper\.pdf\s+14 B/)
    await box().fill('Compare them')
    await page.keyboard.press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    const [{ content }] = (await sent()) as [Sent]
    assert.deepEqual(
      content.map(({ name, text }) => name ?? text),
      ['paper.pdf', 'shot.png', 'second.png', 'Compare them'],
    )
    assert.deepEqual(content[0]?.media, { mediaType: 'application/pdf', data: btoa('%PDF-1.7 paper') })
  })

  it('takes what the file dialog gives, of any kind', async () => {
    await open('empty')
    const chooser = page.waitForEvent('filechooser')
    await page.getByTestId('attach').click()
    const dialog = await chooser
    assert.ok(dialog.isMultiple())
    await dialog.setFiles([
      { name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') },
      { name: 'a.rs', mimeType: '', buffer: Buffer.from('fn main() {}') },
    ])
    await chips().nth(1).waitFor()
    assert.match(await chips().nth(1).innerText(), /a\.rs\s+3 tokens/)
  })

  it('takes what is dropped anywhere on the panel, and shows while it is dragged that it would', async () => {
    await open('rich')
    const drag = (kind: string, on: string) =>
      page.evaluate(
        ([type, target]) => {
          const data = new DataTransfer()
          data.items.add(new File([new Uint8Array([137, 80])], 'shot.png', { type: 'image/png' }))
          const event = new DragEvent(type!, { bubbles: true, cancelable: true, dataTransfer: data })
          document.querySelector(target!)!.dispatchEvent(event)
          return event.defaultPrevented
        },
        [kind, on],
      )
    assert.equal(await drag('dragover', 'article'), true)
    await page.locator('.composer.dragging').waitFor()
    assert.equal(await drag('drop', 'article'), true)
    await chips().getByText('shot.png').waitFor()
    assert.equal(await page.locator('.composer.dragging').count(), 0)
  })

  it('sends text files as text under their names, whatever their type says they are', async () => {
    await open('empty')
    await box().fill('Look at this')
    await give('drop', [{ name: 'ring.ts', type: 'video/mp2t', text: 'const fence = "```"\r\n' }])
    await chips().waitFor()
    assert.equal(await box().inputValue(), 'Look at this')
    await page.keyboard.press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    const [{ content }] = (await sent()) as [Sent]
    assert.deepEqual(content[0], {
      type: 'file',
      name: 'ring.ts',
      media: { mediaType: 'text/plain', data: btoa('const fence = "```"\n') },
    })
  })

  it('refuses in a sentence what is no image, no PDF and no text, what is empty, and what is too long or too large', async () => {
    await open('empty')
    await give('drop', [{ name: 'a.zip', type: 'application/zip', bytes: [80, 75, 3, 4, 0] }])
    await page.getByTestId('notice').waitFor()
    assert.match(await problem(), /a\.zip is of the type application\/zip, which Anthropic cannot read\./)
    await give('drop', [{ name: 'empty.txt', type: 'text/plain', text: '' }])
    await page.getByText('empty.txt is empty').waitFor()
    await give('drop', [{ name: 'app.log', type: '', text: 'line\n'.repeat(100_000) }])
    await page.getByText('app.log has 0.5 MB of text').waitFor()
    await give('drop', [{ name: 'huge.pdf', type: 'application/pdf', size: 51 * 1024 * 1024 }])
    await page.getByText('huge.pdf is larger than 50 MB').waitFor()
    assert.equal(await box().inputValue(), '')
    assert.equal(await chips().count(), 0)
  })

  it('takes folders that are dropped from outside, with their files and without what is secret', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-folder-'))
    mkdirSync(path.join(folder, 'project/deep/node_modules'), { recursive: true })
    for (const name of ['b.txt', '.env', 'deep/a.txt', 'deep/node_modules/x.txt'])
      writeFileSync(path.join(folder, 'project', name), `words of ${name}`)
    await open('empty')
    const session = await page.context().newCDPSession(page)
    const data = { items: [], files: [path.join(folder, 'project')], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 200, y: 400, data })
    await chips().waitFor()
    assert.match(await chips().innerText(), /project\/\s+2 of 3 files/)
    await chips().locator('.face').click()
    const text = await page.getByTestId('attachment-preview').locator('pre').innerText()
    assert.equal(
      text,
      'project/.env\nproject/b.txt\nproject/deep/a.txt\n\n' +
        '--- project/b.txt\nwords of b.txt\n\n--- project/deep/a.txt\nwords of deep/a.txt',
    )
    rmSync(folder, { recursive: true })
  })

  it('takes the good ones of many, and says what is wrong with the others', async () => {
    await open('empty')
    await give('drop', [{ name: 'a.zip', type: 'application/zip', bytes: [80, 75, 3, 4, 0] }, png])
    await chips().waitFor()
    assert.match(await problem(), /a\.zip/)
  })

  it('leaves pasted text to the box where a program drew a picture of it too', async () => {
    await open('empty')
    const picture = { name: 'image.png', type: 'image/png', bytes: [137] }
    assert.equal(await give('paste', [picture], { 'text/plain': 'A1\tB1' }), false)
    assert.equal(await give('paste', [picture]), true)
    await chips().waitFor()
  })

  it('asks the host for files that the editor names, and leaves web addresses to the box', async () => {
    await open('empty')
    assert.equal(await give('drop', [], { 'text/uri-list': 'https://example.com/a.png' }), false)
    const list = 'file:///project/a.md\r\nfile:///project/b.md'
    assert.equal(
      await give('drop', [], { 'application/vnd.code.uri-list': list, 'text/uri-list': 'file:///project/a.md' }),
      true,
    )
    await chips().nth(1).waitFor()
    assert.deepEqual(await page.evaluate(() => window.host.requests('attach')), [
      { uris: ['file:///project/a.md', 'file:///project/b.md'], draft: '' },
    ])
    await chips().first().locator('.face').click()
    assert.equal(await page.getByTestId('attachment-preview').locator('pre').innerText(), 'of file:///project/a.md')
  })

  it('marks what the chosen model cannot take, says why it does not send, and loses nothing when another is chosen', async () => {
    await open('empty')
    await choose({ name: 'Small Model', images: false })
    await give('drop', [png])
    await page.getByTestId('refusal').waitFor()
    assert.match(
      await page.getByTestId('refusal').innerText(),
      /^Small Model cannot see images\. Choose a model that can, or remove shot\.png\.$/,
    )
    await chips().getByRole('img', { name: 'Cannot be sent' }).waitFor()
    await box().fill('What is this?')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Not sent. Small Model cannot see images').waitFor()
    await page.getByTestId('send').click()
    assert.deepEqual(await sent(), [])
    assert.equal(await box().inputValue(), 'What is this?')
    await choose({ name: 'Large Model', images: true })
    await page.getByTestId('refusal').waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    assert.equal((await sent())[0]?.content.length, 2)
  })

  it('checks anew when the model is changed to one that cannot', async () => {
    await open('empty')
    await give('drop', [pdf])
    await chips().waitFor()
    assert.equal(await page.getByTestId('refusal').count(), 0)
    await choose({ name: 'Small Model', pdfs: false })
    await page.getByText('Small Model cannot read PDFs.').waitFor()
    await page.getByRole('button', { name: 'Remove paper.pdf' }).click()
    await page.getByTestId('refusal').waitFor({ state: 'detached' })
  })

  it('sends a smaller picture where the whole one is too large for the provider, and says so on it', async () => {
    await open('empty')
    const size = await dropPicture(2400, 1200)
    assert.ok(size > 7.5 * 1024 * 1024, String(size))
    await chips().getByText('Scaled to 2000 × 1000').waitFor({ timeout: 15_000 })
    assert.equal(await page.getByTestId('refusal').count(), 0)
    await choose({ name: 'Gemini' }, 'google')
    await chips().getByText('Scaled').waitFor({ state: 'detached' })
    await choose({ name: 'Claude' })
    await chips().getByText('Scaled to 2000 × 1000').waitFor()
    await page.getByTestId('send').click()
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    const [{ content }] = (await sent()) as [Sent]
    assert.equal(content[0]?.media?.mediaType, 'image/jpeg')
    assert.ok(content[0]!.media!.data.length < 7 * 1024 * 1024)
  })

  it('converts pictures of a kind that no provider takes', async () => {
    await open('empty')
    const bitmap = [66, 77, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0]
    await give('drop', [{ name: 'a.bmp', type: 'image/bmp', bytes: [...bitmap, ...new Array<number>(28).fill(0)] }])
    await chips().getByText('Converted to PNG').waitFor()
    await page.getByTestId('send').click()
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    assert.equal((await sent())[0]?.content[0]?.media?.mediaType, 'image/png')
  })

  it('are removed with the keyboard, one after the other, and give the focus back to the text', async () => {
    await open('empty')
    await give('drop', [png, { ...png, name: 'second.png' }, pdf])
    await chips().nth(2).waitFor()
    await page.getByRole('button', { name: 'Remove shot.png' }).focus()
    await page.keyboard.press('Delete')
    await page.locator('button:focus[aria-label="Remove second.png"]').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('button:focus[aria-label="Remove paper.pdf"]').waitFor()
    await page.keyboard.press('Backspace')
    await page.locator('[data-testid=composer]:focus').waitFor()
    assert.equal(await chips().count(), 0)
  })

  it('are there again after a reload of the page and in a chat that is shown again, and gone once they are sent', async () => {
    await open('empty')
    await give('drop', [png, pdf])
    await chips().nth(1).waitFor()
    await drawn(page)
    await page.reload()
    await chips().nth(1).waitFor()
    assert.match(await chips().first().innerText(), /shot\.png/)
    await page.locator('[data-testid=attachment] img').waitFor()
    await page.evaluate(() => window.host.tell({ type: 'stale' }))
    await page.waitForFunction(() => window.host.requests('ready').length === 2)
    await page.waitForTimeout(200)
    assert.equal(await chips().count(), 2)
    await box().fill('Compare')
    await page.keyboard.press('Enter')
    await page.locator('article[data-role=user]').waitFor()
    const [{ content }] = (await sent()) as [Sent]
    assert.equal(content[1]?.media?.data, btoa('%PDF-1.7 paper'))
    await drawn(page)
    await page.reload()
    await page.getByTestId('empty').waitFor()
    await page.waitForTimeout(200)
    assert.equal(await chips().count(), 0)
  })

  it('stay with the chat they were attached in', async () => {
    await open('rich')
    await give('drop', [png])
    await chips().waitFor()
    await page.waitForFunction(() => window.host.requests('keepFiles').length === 1)
    const go = (conversation: string) =>
      page.evaluate((id) => {
        window.host.conversation = id
        window.host.tell({ type: 'stale' })
      }, conversation)
    await go('c2')
    await chips().waitFor({ state: 'detached' })
    await go('c1')
    await chips().getByText('shot.png').waitFor()
  })

  it('stay out of a chat that was shown before the host had read them', async () => {
    await open('rich')
    await page.evaluate(() => {
      window.host.slow.push('attach')
      window.host.tell({ type: 'attach', uris: ['file:///project/a.md'] })
    })
    await page.waitForFunction(() => window.host.requests('attach').length === 1)
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await drawn(page)
    await page.evaluate(() => window.host.let('attach'))
    await drawn(page)
    assert.equal(await chips().count(), 0)
  })

  it('says what the model does not see of the chat, until the model or the images are others', async () => {
    await open('blind')
    await page.getByText('Small Model cannot see the image of this chat; it is left out.').waitFor()
    await choose({ name: 'Large Model', images: true })
    await page.getByTestId('unseen').waitFor({ state: 'detached' })
  })

  for (const theme of ['dark', 'light', 'contrast'] satisfies ThemeName[]) {
    it(`can be read and used by everyone, in a narrow panel too: ${theme}`, async () => {
      page = await rig.open('blind', { theme, width: 300, height: 700, still: true })
      await give('drop', [pdf, png])
      await chips().nth(1).waitFor()
      await box().fill('Compare them')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      const { violations } = await new AxeBuilder({ page }).analyze()
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
        [],
      )
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      assert.ok(over <= 0, `${over} px too wide`)
    })
  }

  it('stand in the transcript with name and size, and are saved at a click', async () => {
    await open('documents')
    assert.match(await page.getByTestId('file').innerText(), /Annual report.*\.pdf\s+2\.3 MB/)
    await page.getByTestId('file').click()
    await page.waitForFunction(() => window.host.requests('saveFile').length === 1)
    assert.deepEqual(await page.evaluate(() => window.host.requests('saveFile')), [{ message: 'u1', place: 0 }])
  })

  it('go along with an edited message, also those whose bytes only the host has', async () => {
    await open('documents')
    await box().click()
    await page.keyboard.press('ArrowUp')
    await chips().getByText('2.3 MB').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    const [{ content }] = (await sent()) as [Sent]
    assert.deepEqual(content[0]?.media, { mediaType: 'application/pdf', blob: 'aa' })
  })
})
