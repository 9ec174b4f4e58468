/** What a person sees of an answer that another model gave. */
import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'

describe('an answer of one that stood in', function () {
  this.timeout(60_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  for (const theme of ['light', 'dark', 'contrast'] as const) {
    it(`says why below it, also in a narrow panel (${theme})`, async () => {
      page = await rig.open('stoodIn', { width: 300, theme, still: true })
      const note = page.getByTestId('instead')
      assert.match(await note.innerText(), /Claude Sonnet 4\.5 was overloaded and .*; answered by Gemini 2\.5 Pro\./)
      const { violations } = await new AxeBuilder({ page }).analyze()
      assert.deepEqual(violations, [])
      const box = await note.boundingBox()
      assert.ok(box && box.x >= 0 && box.x + box.width <= 300)
    })
  }
})
