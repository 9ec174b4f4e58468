/**
 * Takes pictures of every scene into out/screenshots.
 *
 *   node test/webview/harness/pictures.ts [scene...]
 */
import { mkdir } from 'node:fs/promises'
import { Rig } from './browser.ts'
import type { SceneName } from './scenes.ts'
import type { ThemeName } from './themes.ts'

const folder = 'out/screenshots'
const wanted = process.argv.slice(2) as SceneName[]
const all: SceneName[] = ['empty', 'noKey', 'rich', 'failed', 'interrupted']
const themes: ThemeName[] = ['dark', 'light', 'contrast']

await mkdir(folder, { recursive: true })
const rig = await Rig.start()
try {
  for (const scene of wanted.length > 0 ? wanted : all) {
    for (const theme of themes) {
      for (const width of [300, 600]) {
        const page = await rig.open(scene, { theme, width, height: 900 })
        await page.waitForTimeout(400)
        await page.screenshot({ path: `${folder}/${scene}-${theme}-${width}.png` })
        await rig.close(page)
      }
    }
  }
} finally {
  await rig.stop()
}
