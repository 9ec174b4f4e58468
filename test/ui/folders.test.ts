/** A workspace of several folders: each may say whom nothing is sent to. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'

describe('A workspace of several folders', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'folders-'))
  let open: OpenChat<'anthropic' | 'litellm'>
  pictureFailures(() => open?.workbench)

  before(async () => {
    const workspace = path.join(folder, 'both.code-workspace')
    for (const [name, neverSendTo] of [
      ['one', []],
      ['other', ['anthropic']],
    ] as const) {
      mkdirSync(path.join(folder, name, '.vscode'), { recursive: true })
      writeFileSync(
        path.join(folder, name, '.vscode', 'settings.json'),
        JSON.stringify({ 'panelist.neverSendTo': neverSendTo }),
      )
    }
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: 'one' }, { path: 'other' }] }))
    open = await openChat({
      workspace,
      providers: { anthropic: 'anthropic', litellm: 'litellm' },
      choice: { provider: 'anthropic', model: 'claude-test' },
    })
  })
  after(() => open?.close())

  it('sends nothing to whom one of its folders forbids', async () => {
    const { chat, fakes } = open
    await chat.send('Hello?')
    await chat.failure.getByText(/“anthropic” stands in panelist\.neverSendTo of this workspace/).waitFor()
    assert.equal(fakes.anthropic.server.requests.filter(({ method }) => method === 'POST').length, 0)
  })
})
