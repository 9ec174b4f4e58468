import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import { outDir } from './harness/build.ts'

describe('the page as it loads', function () {
  this.timeout(30_000)
  let rig: Rig
  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())

  it('takes a message before the code that comes later is there, and draws the transcript when it has', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const page: Page = await rig.open('rich', {
      held: true,
      early: true,
      before: (fresh) => fresh.route('**/webview-{markdown,later}.js', async (route) => (await held, route.continue())),
    })
    await page.evaluate(() => window.host.release())
    await page.getByTestId('composer').fill('typed early')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('send').length === 1)
    assert.equal(await page.locator('article').count(), 0)
    release()
    await page.locator('article .markdown strong').first().waitFor()
    await rig.close(page)
  })

  it('leaves out what Svelte says to developers', async () => {
    const shared = await readFile(path.join(outDir, 'webview-chunk.js'), 'utf8')
    assert.match(shared, /svelte\.dev\/e\//, 'Svelte is there')
    assert.doesNotMatch(shared, /component initialisation/)
  })

  it('is in few small files: what is needed first under 160 kB and 30 kB of styles, only the icons in use', async () => {
    const files = await readdir(outDir)
    const size = async (name: string): Promise<number> => (await stat(path.join(outDir, name))).size
    assert.deepEqual(files.filter((name) => /^webview.*\.(css|js)$/.test(name)).sort(), [
      'webview-chunk.js',
      'webview-later.css',
      'webview-later.js',
      'webview-markdown.js',
      'webview-usage.css',
      'webview-usage.js',
      'webview.css',
      'webview.js',
    ])
    const first = (await size('webview.js')) + (await size('webview-chunk.js'))
    assert.ok(first < 160_000, `${first} bytes`)
    assert.ok((await size('webview.css')) < 30_000, `${await size('webview.css')} bytes of styles`)
    assert.ok((await size('codicon.css')) < 7000, `${await size('codicon.css')} bytes`)
    assert.match(await readFile(path.join(outDir, 'codicon.css'), 'utf8'), /\.codicon-arrow-up:before/)
  })
})
