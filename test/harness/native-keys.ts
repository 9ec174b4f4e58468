/** Keys as a person gives them: typed into the editor's own boxes. */
import type { Page } from 'playwright-core'
import type { Workbench } from './workbench.ts'

/** What VS Code keeps of its secrets in a browser, encrypted anew each time: it says that one is kept a moment before. */
const kept = (): string | null => localStorage.getItem('secrets.provider')

/** Waits until VS Code keeps other secrets than `before`. */
export async function secretsKept(page: Page, before: string | null): Promise<void> {
  await page.waitForFunction((was) => localStorage.getItem('secrets.provider') !== was, before)
}

/** Sets the key of a provider, or with `profile` adds one of that name. Waits until it is kept. */
export async function enterKey(workbench: Workbench, provider: string, key: string, profile?: string): Promise<void> {
  const { page, helper } = workbench
  const before = await page.evaluate(kept)
  const box = page.locator('.quick-input-widget input[type=password]')
  const command = helper.execute(profile === undefined ? 'panelist.setApiKey' : 'panelist.addApiKey', provider)
  if (profile !== undefined) {
    const name = page.locator('.quick-input-widget input[type=text][placeholder^="personal"]')
    await name.fill(profile)
    await name.press('Enter')
  }
  await box.fill(key)
  await box.press('Enter')
  await box.waitFor({ state: 'hidden' })
  await command
  await secretsKept(page, before)
}
