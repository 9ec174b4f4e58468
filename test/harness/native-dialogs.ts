/** What VS Code itself asks and says, in a browser: its dialog for files, and its notifications. */
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import type { Workbench } from './workbench.ts'

/** How long VS Code may take, in milliseconds: a busy machine is slow, and mocha's own limit is a minute. */
const PATIENCE = 20_000
/** For what may go meanwhile. */
const BRIEFLY = { timeout: 500 }

/** Gives this file to the dialog of that title, and waits until the dialog is gone. */
export async function chooseFile(page: Page, title: string, file: string): Promise<void> {
  const dialog = page.locator('.quick-input-widget', { hasText: title })
  await dialog.locator('.quick-input-title', { hasText: title }).waitFor()
  const input = dialog.locator('input[type=text]').first()
  // It looks for a folder of its own first, and writes that into the box when it lists what is there.
  await dialog.locator('.monaco-list-row').first().waitFor()
  // It follows what is typed a moment later, and until then its button does nothing. Enter could reach what comes after it.
  const button = dialog.locator('.quick-input-action').getByRole('button').first()
  for (const deadline = Date.now() + PATIENCE; await dialog.isVisible(); await page.waitForTimeout(250)) {
    assert.ok(Date.now() < deadline, `“${title}” stays open`)
    const value = await input.inputValue(BRIEFLY).catch(() => file)
    await (value === file ? button.click(BRIEFLY) : input.fill(file, BRIEFLY)).catch(() => undefined)
  }
}

/** What VS Code says, in the list of its notifications: nobody is in front of this window, so it shows no others. */
export async function notified({ page, helper }: Workbench, text: string): Promise<Locator> {
  const item = page.locator('.notifications-center .notification-list-item', { hasText: text })
  for (const deadline = Date.now() + PATIENCE; !(await item.isVisible()); await page.waitForTimeout(250)) {
    assert.ok(Date.now() < deadline, `it does not say “${text}”`)
    await helper.execute('notifications.showList')
  }
  return item
}
