/** A workspace that is not trusted: no model is told of tools, the panel says why, and leads to where that is changed. */
import assert from 'node:assert/strict'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'

describe('Restricted Mode', () => {
  let open: OpenChat<'anthropic'>
  pictureFailures(() => open?.workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      trust: false,
    })
  })
  after(() => open?.close())

  it('answers without tools, says why, and has them once the workspace is trusted', async () => {
    const { chat, workbench, fakes } = open
    const turn = await chat.ask(fakes.anthropic, 'Look after my files')
    assert.equal((turn.request.json() as { tools?: unknown }).tools, undefined)
    await turn.answer('I cannot see them.')
    await chat.settled()
    await chat.frame.getByTestId('tools-button').click()
    await chat.frame.getByTestId('tools-none').getByText('Restricted Mode').waitFor()
    await chat.frame.getByRole('button', { name: 'Manage workspace trust' }).click()
    const trust = workbench.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true })
    await trust.waitFor()
    // Its page is drawn several times over at first: a press in between is lost.
    for (const deadline = Date.now() + 20_000; await trust.isVisible(); await workbench.page.waitForTimeout(250)) {
      assert.ok(Date.now() < deadline, 'it takes no press')
      await trust.click({ timeout: 1_000 }).catch(() => undefined)
    }
    await chat.again()
    await chat.frame.locator('[data-testid=tools-button]:not(.none)').waitFor()
    const trusted = await chat.ask(fakes.anthropic, 'And now?')
    assert.ok(((trusted.request.json() as { tools?: unknown[] }).tools ?? []).length > 5)
    await trusted.answer('Now I do.')
    await chat.settled()
    assert.deepEqual(workbench.problems, [])
  })
})
