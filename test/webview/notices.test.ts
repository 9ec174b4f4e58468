/** What the panel tells above the message box. */
import assert from 'node:assert/strict'
import { counts } from '../../webview/usage/words.ts'
import { Rig } from './harness/browser.ts'

describe('a notice with something to press', function () {
  this.timeout(30_000)
  let rig: Rig
  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())

  for (const [width, below] of [
    [300, true],
    [600, false],
  ] as const)
    it(`has it ${below ? 'below' : 'beside'} its sentence, which is no column of words (${width} px)`, async () => {
      const page = await rig.open('empty', { width })
      await page.evaluate(() => {
        const { host } = window
        const text = '“gpt-4.1” in panelist.failover is no model: write provider/model, such as openai/gpt-5.'
        host.tell({ type: 'notice', notice: { id: 'n1', level: 'warning', text, action: 'open-settings' } })
      })
      const notice = page.getByTestId('notice')
      const text = await notice.locator('.text').boundingBox()
      const button = await notice.getByRole('button', { name: 'Open settings' }).boundingBox()
      assert.ok(text && button && text.width >= 200, `${text?.width} px of the sentence`)
      assert.equal(button.y >= text.y + text.height, below)
      await rig.close(page)
    })
})

describe('the side of a chart of counts', () => {
  it('names no half of a request', () => assert.deepEqual([0, 0.5, 1, 1500].map(counts), ['0', '', '1', '1.5K']))
})
