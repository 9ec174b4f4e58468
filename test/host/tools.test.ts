/** What a page is told of tools and of what was allowed to them, over the real set of tools and the real store. */
import assert from 'node:assert/strict'
import { ToolSet } from '../../src/host/tool-set.ts'
import type { BuiltIn } from '../../src/host/built-in-tools.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { tool } from '../harness/turn.ts'
import { FakePage, FakeWindow, end, memory, noSettings, text } from './fakes.ts'

const MCP = { kind: 'mcp' as const, server: 'files', label: 'Files' }

describe('the tools of a conversation', () => {
  let trusted: boolean
  let built: Tool[]
  let others: Tool[]
  let window: FakeWindow
  let page: FakePage
  let set: ToolSet

  beforeEach(async () => {
    trusted = true
    built = [tool({ name: 'read', title: 'Read' }), tool({ name: 'write', effect: 'write' })]
    others = [tool({ name: 'files_list', source: MCP, effect: 'send', description: 'x'.repeat(1000) })]
    const opened = {
      tools: () => built,
      paths: () => ({
        roots: ['/w'],
        windows: false,
        realPath: (path: string) => Promise.resolve({ kind: 'found', path }),
      }),
      shell: () => 'posix',
      dispose: () => undefined,
    }
    set = new ToolSet({
      memory: memory(),
      settings: () => noSettings,
      trusted: () => trusted,
      redact: (text) => text,
      workspace: () => 'file:///project',
      load: () => Promise.resolve(opened as unknown as BuiltIn),
      others: () => Promise.resolve(others),
    })
    const { approvals } = set
    window = new FakeWindow({ toolSet: set, approvals, tools: (conversation) => set.toolbox(conversation) })
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  const offered = async (): Promise<string[] | undefined> => {
    const { length } = page.batches
    await page.say('Hello')
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await page.until(() =>
      page.batches.slice(length).some(({ events }) => events.some(({ type }) => type === 'settled')),
    )
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    return window.provider.requests.at(-1)?.tools?.map(({ name }) => name)
  }

  it('are listed by where they come from, each with what it costs and whether it is on', async () => {
    const { groups, whyNone } = await page.ask('tools', {})
    assert.equal(whyNone, undefined)
    assert.deepEqual(
      groups.map(({ label, source, tools }) => [label, source.kind, tools.map(({ name, on }) => [name, on])]),
      [
        [
          'Panelist',
          'built-in',
          [
            ['read', true],
            ['write', true],
          ],
        ],
        ['Files', 'mcp', [['files_list', true]]],
      ],
    )
    const [read, list] = [groups[0]!.tools[0]!, groups[1]!.tools[0]!]
    assert.ok(read.tokens > 10 && list.tokens > read.tokens + 200, 'a longer description costs more')
    assert.ok(list.description.length < 500, 'what is meant for the model is not sent whole')
    assert.deepEqual([read.title, read.effect], ['Read', 'read'])
  })

  it('are off for its models, and only for its, once they are switched off', async () => {
    assert.deepEqual(await offered(), ['read', 'write', 'files_list'])
    await page.ask('switch-tools', { off: ['write', 'files_list', 'write'] })
    assert.deepEqual(await offered(), ['read'])
    const { groups } = await page.ask('tools', {})
    assert.deepEqual(
      groups
        .flatMap(({ tools }) => tools)
        .filter(({ on }) => on)
        .map(({ name }) => name),
      ['read'],
    )
    const other = new FakePage(window)
    await other.ready()
    assert.ok((await other.ask('tools', {})).groups.every(({ tools }) => tools.every(({ on }) => on)))
    other.session.dispose()
    await page.ask('switch-tools', { off: [] })
    assert.deepEqual(await offered(), ['read', 'write', 'files_list'])
  })

  it('stay as they are when another model or option is chosen', async () => {
    await page.ask('switch-tools', { off: ['write'] })
    await page.ask('options', { maxOutputTokens: 900 })
    await page.ask('choose', { provider: 'anthropic', model: 'other' })
    const choice = window.services.store().conversations.get(page.session.conversation)?.choice
    assert.deepEqual(choice, { provider: 'anthropic', model: 'other', maxOutputTokens: 900, toolsOff: ['write'] })
  })

  it('are none where the workspace is not trusted, and it is said why', async () => {
    trusted = false
    assert.deepEqual(await page.ask('tools', {}), { groups: [], whyNone: 'untrusted' })
  })

  it('have what was allowed to them listed, until it is revoked or its chat is deleted', async () => {
    const asked = async (callId: string, input: { city: string }) => {
      const conversation = page.session.conversation
      const call = {
        callId,
        tool: built[1]!,
        input,
        preview: { kind: 'arguments' as const },
        summary: '',
        conversation,
      }
      return { conversation, call, verdict: await set.approvals.judge(call) }
    }
    await page.say('Hello')
    for (const [kind, city] of [
      ['always', 'Rome'],
      ['conversation', 'Oslo'],
    ] as const) {
      const { conversation, verdict } = await asked(kind, { city })
      assert.equal(verdict.kind, 'ask')
      if (verdict.kind === 'ask') set.approvals.settle(verdict, { kind }, conversation)
    }
    const grants = await page.ask('grants', {})
    assert.deepEqual(
      grants.map(({ title, conversation, workspace, here }) => [title, conversation, workspace, here]),
      [
        ['write', true, 'file:///project', true],
        ['write', undefined, 'file:///project', true],
      ],
    )
    assert.match(grants[0]!.sentence, /in this conversation/)
    assert.equal(grants[0]!.exactly, undefined)
    await page.ask('revoke', { id: grants[1]!.id })
    assert.deepEqual(
      (await page.ask('grants', {})).map(({ id }) => id),
      [grants[0]!.id],
    )
    const { conversation } = page.session
    await page.ask('delete-chats', { conversations: [conversation] })
    assert.deepEqual(set.approvals.list(conversation), [])
  })

  it('have the command itself listed where the sentence does not say it', async () => {
    const { conversation } = page.session
    await page.ask('tools', {})
    const preview = { kind: 'command' as const, command: "npm test -- 'a ring' --only", cwd: '/w' }
    const command = tool({ name: 'run', effect: 'run' })
    const verdict = await set.approvals.judge({
      callId: '1',
      tool: command,
      input: {},
      preview,
      summary: '',
      conversation,
    })
    assert.equal(verdict.kind, 'ask')
    if (verdict.kind === 'ask') set.approvals.settle(verdict, { kind: 'always' }, conversation)
    const [grant] = await page.ask('grants', {})
    assert.deepEqual([grant?.sentence, grant?.exactly], ['Exactly this command in /w', 'npm test -- "a ring" --only'])
  })
})
