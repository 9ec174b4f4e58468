/** The live log in a real editor: what a chat asks of its provider, while it asks. */
import assert from 'node:assert/strict'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'

describe('The live log', () => {
  let open: OpenChat<'anthropic'>
  pictureFailures(() => open?.workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: { kind: 'anthropic', headers: { 'x-team': 'HEADER-CANARY' } } },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
  })
  after(() => open?.close())

  it('shows each request as it happens, with timings and names of headers, and no word of the chat', async () => {
    const { chat, workbench, fakes } = open
    const turn = await chat.ask(fakes.anthropic, 'PROMPT-CANARY')
    await workbench.runCommand('Panelist: Show Live Log')
    const lines = chat.frame.getByTestId('log-lines')
    await lines.getByText(/claude-haiku-4-5: asks 127\.0\.0\.1/).waitFor()
    await lines.getByText(/POST .*\/v1\/messages: sent with .*x-team/).waitFor()
    assert.equal(await lines.getByText(/: done, in/).count(), 0)
    await turn.answer('ANSWER-CANARY')
    await lines.getByText(/POST .*: 200, headers after \d+ ms: content-type/).waitFor()
    await lines.getByText(/POST .*: ended after \d+ ms, first byte after \d+ ms, \d+ bytes/).waitFor()
    await lines.getByText(/claude-haiku-4-5: done, in/).waitFor()
    const said = await lines.innerText()
    assert.doesNotMatch(said, /CANARY/)
    assert.equal(turn.request.headers['x-team'], 'HEADER-CANARY')
    await chat.frame.getByTestId('log-close').click()
    await chat.says('ANSWER-CANARY')
    await workbench.screenshot('live-log')
    assert.deepEqual(workbench.problems, [])
  })
})
