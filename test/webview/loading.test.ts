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

  it('takes a message before the code that draws answers has come, and draws the transcript when it has', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const page: Page = await rig.open('rich', {
      held: true,
      before: (fresh) => fresh.route('**/webview-*.js', async (route) => (await held, route.continue())),
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

  it('is in few small files: the first script under 160 kB, one style sheet, only the icons in use', async () => {
    const files = await readdir(outDir)
    const size = async (name: string): Promise<number> => (await stat(path.join(outDir, name))).size
    assert.deepEqual(files.filter((name) => /^webview.*\.(css|js)$/.test(name)).sort(), [
      'webview-markdown.js',
      'webview.css',
      'webview.js',
    ])
    assert.ok((await size('webview.js')) < 160_000, `${await size('webview.js')} bytes`)
    assert.ok((await size('codicon.css')) < 6000, `${await size('codicon.css')} bytes`)
    assert.match(await readFile(path.join(outDir, 'codicon.css'), 'utf8'), /\.codicon-arrow-up:before/)
  })
})
