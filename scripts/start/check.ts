/** The smoke test: opens what a person would open, sends one message, and reads the reply. */
import { addPage, launchBrowser } from '../../test/harness/browser.ts'
import type { Server } from '../../test/harness/server.ts'
import { describe, Window } from '../../test/harness/workbench.ts'
import { say, step } from '../cache.mjs'

const question = 'Hello! What is this?'

/** Gives the reply's text. Throws, with the path of a picture, where there is none. */
export async function check(server: Server, address: string): Promise<string> {
  const browser = await launchBrowser()
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
  const opened = await step('opening VS Code in a headless Chromium', () => addPage(context, server, { address }))
  const window = new Window(opened)
  try {
    const panel = await step('waiting for the panel', async () => {
      const frame = await window.panel({ timeout: 60_000 })
      await frame.getByTestId('empty').waitFor() // the host's first snapshot is there
      return frame
    })
    const reply = await step('asking and waiting for the reply', async () => {
      await panel.getByTestId('composer').fill(question)
      await panel.getByTestId('send').click()
      const answer = panel.getByTestId('transcript').locator('[data-role="assistant"]').last()
      await answer.getByText('demo provider').first().waitFor({ timeout: 30_000 })
      await panel.getByTestId('stop').waitFor({ state: 'hidden', timeout: 60_000 })
      return (await answer.innerText()).trim()
    })
    if (window.problems.length > 0) throw new Error(describe(window.problems))
    return reply
  } catch (error) {
    say(`the check failed; a picture is in ${await window.screenshot('check-failed')}`)
    throw error
  } finally {
    await browser.close()
  }
}
