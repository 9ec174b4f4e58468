import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { codeBlock, rendered } from '../../../src/host/transfer/rendered.ts'
import { pagePieces } from '../../../src/host/transfer/page.ts'
import { walled } from '../../../src/host/transfer/wall.ts'
import { MARKUP_TAGS } from '../../../src/shared/markup.ts'
import type { StoredMessage } from '../../../src/shared/conversation.ts'
import { ensureChromium } from '../../harness/environment.ts'
import { ANSWER, HOSTILE } from '../../webview/harness/texts.ts'
import { PICTURE, branch, say } from './branch.ts'

const pageOf = (title: string, messages: readonly StoredMessage[]): string =>
  [...pagePieces({ title, branch: messages, bytes: () => PICTURE, now: Date.UTC(2026, 10, 21) })].join('')

describe('a conversation as a page of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'panelist-page-'))
  let browser: Browser
  before(async function () {
    this.timeout(60_000)
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox', '--disable-gpu'] })
  })
  after(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens the page as a file, and fails on whatever it complains of or asks for. */
  async function open(html: string, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const file = join(folder, 'page.html')
    writeFileSync(file, html)
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width: 1000, height: 1200 } })
    const troubles: string[] = []
    page.on('console', (message) => troubles.push(message.text()))
    page.on('pageerror', (error) => troubles.push(String(error)))
    page.on('request', (request) => !/^(file|data):/.test(request.url()) && troubles.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    await page.waitForTimeout(100)
    assert.deepEqual(troubles, [])
    return page
  }

  it('shows questions, answers with model, time and cost, pictures, code in colours and folded calls', async () => {
    const page = await open(pageOf('A title <b>', branch()))
    assert.equal(await page.title(), 'A title <b>')
    assert.equal(await page.locator('h1').innerText(), 'A title <b>')
    const [first] = await page.locator('.answer').all()
    assert.match(await first!.locator('h2').innerText(), /claude-opus/)
    assert.match(await first!.locator('footer').last().innerText(), /4\.2 s.*1,500 tokens in.*200 out.*\$0\.0123/)
    assert.ok((await page.locator('.hljs-keyword').count()) > 0)
    assert.ok(await page.locator('.you img').evaluate((image: HTMLImageElement) => image.naturalWidth > 0))
    assert.equal(await page.locator('details.tool').count(), 1)
    assert.ok(!(await page.locator('details.tool pre').first().isVisible()))
    await page.locator('details.tool summary').click()
    assert.ok(await page.locator('details.tool pre').first().isVisible())
    await page.close()
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`is readable on a ${scheme} screen`, async () => {
      const page = await open(pageOf('Sorting a list', branch()), scheme)
      const colours = await page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.body)
        return [color, backgroundColor].map((value) => Number(/\d+/.exec(value)?.[0]))
      })
      assert.ok(scheme === 'light' ? colours[0]! < 80 && colours[1]! > 200 : colours[0]! > 200 && colours[1]! < 80)
      if (process.env['PICTURES'])
        await page.screenshot({ path: join(process.env['PICTURES'], `page-${scheme}.png`), fullPage: true })
      await page.close()
    })
  }

  it('runs nothing and loads nothing of what a model writes', async () => {
    const thinking = { type: 'thinking', text: HOSTILE } as const
    const call = { type: 'tool-call', id: 'x', name: HOSTILE, ranBy: 'host', json: HOSTILE } as const
    const page = await open(pageOf(HOSTILE, [say('user', HOSTILE), say('assistant', HOSTILE, [thinking, call])]))
    assert.equal(await page.evaluate('window.hacked'), undefined)
    const names = await page.evaluate(() => [...document.querySelectorAll('main *')].map((one) => one.localName))
    const own = ['section', 'footer', 'details', 'summary', 'h2', 'small', 'b', 'i', 'img', 'main']
    assert.deepEqual(
      [...new Set(names)].filter((name) => !MARKUP_TAGS.includes(name) && !own.includes(name)),
      [],
    )
    const attributes = await page.evaluate(() =>
      [...document.querySelectorAll('main *')].flatMap((one) => one.getAttributeNames()),
    )
    const known = ['aria-label', 'class', 'href', 'rel', 'title', 'src', 'alt', 'start']
    assert.deepEqual(
      [...new Set(attributes)].filter((name) => !known.includes(name)),
      [],
    )
    const links = await page.evaluate(() => [...document.querySelectorAll('a')].map((one) => one.protocol))
    assert.deepEqual(
      [...new Set(links)].filter((protocol) => !['https:', 'http:', 'mailto:', ':'].includes(protocol)),
      [],
    )
    await page.close()
  })

  it('has a policy without which nothing of it would be any less harmless', () => {
    assert.match(pageOf('T', []), /default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'/)
    assert.ok(!pageOf('T', branch()).includes('<script'))
  })

  it('leaves Markdown as markdown-it draws it, and makes text of every other tag', () => {
    assert.equal(walled(rendered(ANSWER)), rendered(ANSWER))
    assert.equal(walled(codeBlock('const a = "<b>"', 'ts')), codeBlock('const a = "<b>"', 'ts'))
    assert.equal(walled('<p>a<img src=x onerror=y></p>'), '<p>a&lt;img src=x onerror=y></p>')
    assert.equal(walled('<script>x</script>'), '&lt;script&gt;x&lt;/script&gt;')
    assert.equal(walled('<a href="javascript:x" class="k" onclick="y">'), '<a class="k">')
    assert.equal(walled('<a href="&#106;avascript:x">'), '<a>')
    assert.equal(walled('<p title="a" "b">'), '&lt;p title="a" "b">')
  })
})
