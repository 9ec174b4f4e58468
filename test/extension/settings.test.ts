import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import type { TestApi } from '../../src/host/extension.ts'
import { api, until, withSettings } from './window.ts'

const { Workspace } = vscode.ConfigurationTarget

/** A setting of the editor's own that counts in every workspace: once it is in force, the others of its file are decided. */
const MARK = 'editor.tabSize'
let marks = 100

async function withWorkspace(settings: Record<string, unknown>, run: () => Promise<void>): Promise<void> {
  const file = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, '.vscode', 'settings.json')
  const marked = (): unknown => vscode.workspace.getConfiguration().inspect(MARK)?.workspaceValue
  const mark = marks++
  await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify({ ...settings, [MARK]: mark })))
  try {
    await until(() => marked() === mark)
    await run()
  } finally {
    await vscode.workspace.fs.delete(file)
    await until(() => marked() === undefined)
  }
}

describe('settings', () => {
  let window: TestApi
  const next = () => window.services.chooser.choose(undefined, false)
  before(async () => {
    window = await api()
  })

  it('of the user choose provider, model and limit, at once', async () => {
    await withSettings({ provider: 'openai', model: 'gpt-mine', maxOutputTokens: 77 }, async () => {
      const chosen = await next()
      assert.deepEqual([chosen?.provider, chosen?.model, chosen?.outputLimit], ['openai', 'gpt-mine', 77])
      assert.equal(chosen?.origin, 'user')
    })
    assert.notEqual((await next())?.model, 'gpt-mine')
  })

  it('of a workspace win for provider and model where it is trusted, and count for nothing where it is not', async () => {
    await withSettings({ provider: 'openai', model: 'gpt-mine' }, () =>
      withWorkspace({ 'panelist.provider': 'anthropic', 'panelist.model': 'claude-theirs' }, async () => {
        const chosen = await next()
        if (vscode.workspace.isTrusted)
          assert.deepEqual([chosen?.model, chosen?.origin], ['claude-theirs', 'workspace'])
        else assert.deepEqual([chosen?.model, chosen?.origin], ['gpt-mine', 'user'])
      }),
    )
  })

  it('of a workspace can lower the limit of an answer and not raise it', async () => {
    const limit = async (): Promise<number | undefined> => (await next())?.outputLimit
    await withSettings({ provider: 'openai', model: 'gpt-mine', maxOutputTokens: 100 }, async () => {
      await withWorkspace({ 'panelist.maxOutputTokens': 5000 }, async () => assert.equal(await limit(), 100))
      await withWorkspace({ 'panelist.maxOutputTokens': 50 }, async () =>
        assert.equal(await limit(), vscode.workspace.isTrusted ? 50 : 100),
      )
    })
  })

  it('of a workspace can lower budgets where it is trusted, and raise none', async () => {
    const limits = (): [string, number][] =>
      window.services.money.views({ conversation: 'c' }).map(({ scope, limit }) => [scope, limit])
    await withSettings({ budgets: { day: 2, month: { limit: 20, then: 'stop' } } }, async () => {
      assert.deepEqual(limits(), [
        ['day', 2],
        ['month', 20],
      ])
      await withWorkspace({ 'panelist.budgets': { day: 50, month: 5, unknownPrice: 'allow' } }, async () =>
        assert.deepEqual(limits(), [
          ['day', 2],
          ['month', vscode.workspace.isTrusted ? 5 : 20],
        ]),
      )
    })
    assert.deepEqual(limits(), [])
  })

  it('of a workspace never say where requests go', async () => {
    const { workspaceValue, ...rest } = vscode.workspace.getConfiguration('panelist').inspect('providers') ?? {}
    assert.equal(workspaceValue, undefined)
    assert.ok('defaultValue' in rest)
    await assert.rejects(
      Promise.resolve(
        vscode.workspace
          .getConfiguration('panelist')
          .update('providers', { anthropic: { baseUrl: 'https://evil.example' } }, Workspace),
      ),
    )
    await withWorkspace({ 'panelist.providers': { anthropic: { baseUrl: 'https://evil.example' } } }, async () => {
      const groups = await window.services.models.groups(false)
      assert.ok(groups.some(({ provider, models }) => provider === 'anthropic' && models.length > 0))
    })
  })

  it('that cannot be used are told in a sentence', async () => {
    await withSettings({ providers: { anthropic: { baseUrl: 'not an address' } } }, async () => {
      await next()
      const texts = window.services.notices.all.map(({ text }) => text)
      assert.ok(
        texts.some((text) => /panelist\.providers\.anthropic\.baseUrl is not an http or https address/.test(text)),
      )
    })
  })
})
