/** Resources that are attached to a draft: watched for changes, had again, and those that results link to. */
import assert from 'node:assert/strict'
import { rank } from '../../src/host/suggest/rank.ts'
import { resourceSource } from '../../src/host/suggest/mcp.ts'
import { Suggestions } from '../../src/host/suggest/suggestions.ts'
import type { Json } from '../../src/shared/json.ts'
import type { ReadFile } from '../../src/shared/protocol.ts'
import { context, misbehaving, until } from '../mcp/support.ts'
import { FakePage, FakeWindow } from './fakes.ts'
import { McpWindow } from './mcp-window.ts'

describe('a resource that is attached to a draft', function () {
  this.timeout(90_000)
  let mcp: McpWindow
  let window: FakeWindow
  let page: FakePage

  beforeEach(async () => {
    mcp = new McpWindow({ entries: { notes: { command: process.execPath, args: [misbehaving('notes')] } } })
    const toolSet = { all: () => mcp.hub.tools(), whyNone: undefined, approvals: noGrants }
    window = new FakeWindow({ mcp: mcp.page, toolSet: toolSet as never })
    window.services.suggestions = new Suggestions({
      log: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
      load: () => Promise.resolve({ sources: [resourceSource(() => mcp.page.offers)], rank }),
    })
    page = new FakePage(window)
    await page.ready()
    await mcp.hub.tools()
  })
  afterEach(async () => {
    page.session.dispose()
    window.close()
    await mcp.hub.dispose()
  })
  const noGrants = { list: () => [], revoke: () => undefined, forget: () => undefined }

  const ref = '@resource:["notes","note://one"]'
  const text = ({ data }: ReadFile): string => Buffer.from(data ?? '', 'base64').toString()
  const take = async (id = ref): Promise<ReadFile> => {
    const taken = await page.ask('take-suggestion', { id, draft: '' })
    assert.ok(taken.kind === 'files' && taken.files[0])
    return taken.files[0]
  }
  /** The page holds these files in its draft. */
  const keep = async (conversation: string, ...files: ReadFile[]): Promise<void> => {
    const kept = files.map((file, at) => ({ id: `${at}`, mediaType: 'text/plain', ...file }))
    await page.ask('keepFiles', { conversation, files: kept as never })
  }
  const stale = ({ context: facts }: ReadFile): Promise<string[]> =>
    page.ask('stale-context', { items: [{ ref: facts?.ref ?? '', digest: facts?.digest ?? '' }] })
  const asked = async (): Promise<string> => text(await take('@resource:["notes","note://asked"]'))
  const call = async (name: string, input: Json = {}): Promise<unknown> =>
    (await mcp.hub.tools()).find((each) => each.name === `mcp_notes_${name}`)?.run(input, context())

  it('is out of date once its server says that it changed, and is had again as it is now', async () => {
    const file = await take()
    assert.match(text(file), /first/)
    await keep('c1', file)
    await until(() => mcp.contextChanges === 1, 'it is watched')
    assert.deepEqual(await stale(file), [])
    await call('touch')
    await until(() => mcp.contextChanges === 2, 'told')
    assert.deepEqual(await stale(file), [], 'told of, but the same')
    await call('write', { to: 'second' })
    await until(() => mcp.contextChanges === 3, 'told')
    assert.deepEqual(await stale(file), [ref])
    const [fresh] = await page.ask('refresh-context', { ref, draft: '' })
    assert.ok(fresh)
    assert.match(text(fresh), /second/)
    await keep('c1', fresh)
    assert.deepEqual(await stale(fresh), [])
  })

  it('is watched once, as long as it is attached anywhere', async () => {
    const file = await take()
    await keep('c1', file)
    await keep('c2', file)
    await until(() => mcp.contextChanges === 1, 'it is watched')
    await keep('c1')
    assert.match(await asked(), /\+note:\/\/one$/)
    await keep('c2')
    for (let times = 0; !(await asked()).endsWith('-note://one') && times < 1_000; times++);
    assert.match(await asked(), /\+note:\/\/one -note:\/\/one$/)
    await call('write', { to: 'second' })
    assert.deepEqual(await stale(file), [], 'nobody watches it')
  })

  it('is never out of date where its server cannot tell', async () => {
    await mcp.hub.stop('notes')
    const file = { name: 'One', data: '', context: { label: 'One', icon: 'plug', ref, digest: 'x' } }
    await keep('c1', file)
    assert.deepEqual(await stale(file), [])
    assert.equal(mcp.contextChanges, 0)
  })

  it('is had from a link of a tool’s result, by the server that gave it and by no other name', async () => {
    const store = window.services.store()
    await page.say('Link me')
    const { id: conversation, leaf } = store.conversations.get(page.session.conversation)!
    const outcome = (await call('link')) as { output: { type: 'text'; text: string }[] }
    const result = {
      type: 'tool-result' as const,
      callId: 'c',
      name: 'mcp_notes_link',
      ranBy: 'host' as const,
      ...outcome,
    }
    const row = { conversation, parent: leaf ?? null, createdAt: 1, state: 'done' as const }
    store.messages.append({ ...row, id: 'results', message: { role: 'tool', content: [result] } })
    const attach = (uri: string, callId = 'c') => page.ask('attach-link', { message: 'results', callId, uri })
    const [file] = await attach('note://linked')
    assert.match(text(file!), /Only a link leads here/)
    const [again] = await page.ask('refresh-context', { ref: file?.context?.ref ?? '', draft: '' })
    assert.match(text(again!), /Only a link/)
    await assert.rejects(attach('note://one'), /does not run any more/)
    await assert.rejects(attach('https://host.example/page'), /does not run any more/)
    await assert.rejects(attach('note://linked', 'other'), /does not run any more/)
    await assert.rejects(
      page.ask('take-suggestion', { id: '@resource:["notes","note://never"]', draft: '' }),
      /no longer/,
    )
  })
})
