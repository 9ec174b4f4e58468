import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'

describe('a result that links to resources of its server', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  it('offers to attach those that only the server can read, and puts what it gives into the draft', async () => {
    page = await rig.open('tools')
    await page.evaluate(() => {
      const { host } = window
      host.start()
      host.call({ id: 't1', name: 'github_tool_1', input: {} })
      host.end({ kind: 'tools' })
      host.results('r1', {
        type: 'tool-result',
        callId: 't1',
        name: 'github_tool_1',
        ranBy: 'host',
        output: [
          { type: 'text', text: 'Resource link note://linked (A linked note, text/plain)' },
          { type: 'text', text: 'Resource link https://host.example/page (A page)' },
          { type: 'text', text: 'Not a Resource link note://other' },
        ],
      })
      host.state('t1', { kind: 'done', summary: 'Linked', durationMs: 5 })
    })
    await page.locator('[data-call=t1] .head').click()
    const links = page.getByTestId('attach-link')
    await links.first().waitFor()
    assert.deepEqual(await links.allInnerTexts(), ['Attach A linked note, text/plain'])
    await links.click()
    await page.getByTestId('attachment').getByText('A linked note').waitFor()
    assert.deepEqual(await page.evaluate(() => window.host.requests('attach-link')), [
      { message: 'r1', callId: 't1', uri: 'note://linked' },
    ])
  })
})
