/** Keys as a person gives them: typed into the editor's own boxes. */
import type { Workbench } from './workbench.ts'

/** Sets the key of a provider, or with `profile` adds one of that name. Waits until it is kept. */
export async function enterKey(workbench: Workbench, provider: string, key: string, profile?: string): Promise<void> {
  const { page, helper } = workbench
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
}
