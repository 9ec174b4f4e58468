/** Resources and prompts of MCP servers on their way into a message. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expand, variablesOf } from '../../src/host/mcp/uri-template.ts'
import { misbehaving, packaged } from '../mcp/support.ts'
import { FakePage, FakeWindow } from './fakes.ts'
import { McpWindow } from './mcp-window.ts'

const everything = { command: process.execPath, args: [packaged('everything')] }

describe('what MCP servers offer beside tools', function () {
  this.timeout(90_000)
  let mcp: McpWindow
  let window: FakeWindow
  let page: FakePage
  beforeEach(() => {
    mcp = new McpWindow({ entries: { everything } })
    window = new FakeWindow({ mcp: mcp.page })
    page = new FakePage(window)
  })
  afterEach(async () => {
    page.session.dispose()
    window.close()
    await mcp.hub.dispose()
  })

  const text = ({ data }: { data?: string }): string => Buffer.from(data ?? '', 'base64').toString()

  it('are resources, which the page gets as files once the person picked them', async () => {
    mcp.boxes.answers = ['architecture.md']
    const name = await mcp.page.offers.pickResource()
    assert.ok(name)
    const [file] = await page.ask('attach', { uris: [name] })
    assert.equal(file?.context?.label, 'architecture.md')
    assert.match(file.name, /^architecture\.md \(demo:.*, from the MCP server everything\)$/)
    assert.match(text(file ?? {}), /Everything Server/)
  })

  it('are templates of resources, whose variables are asked for in boxes', async () => {
    mcp.boxes.answers = ['Dynamic Text Resource…', '7']
    const name = await mcp.page.offers.pickResource()
    assert.ok(name)
    const [file] = await page.ask('attach', { uris: [name] })
    assert.match(text(file ?? {}), /Resource demo:\/\/resource\/dynamic\/text\/7/)
  })

  it('are read for no page that names what nobody picked', async () => {
    await mcp.hub.tools()
    const [file] = await page.ask('attach', {
      uris: ['panelist-mcp:everything/demo%3A%2F%2Fresource%2F1', 'file:///x'],
    })
    assert.match(file?.why ?? '', /was not picked/)
  })

  it('are prompts, with their arguments asked for', async () => {
    mcp.boxes.answers = ['Arguments Prompt', 'Rome', '']
    const picked = await mcp.page.offers.pickPrompt()
    assert.match(picked?.text ?? '', /Rome/)
    assert.deepEqual(picked?.files, [])
    assert.equal(mcp.boxes.texts[0]?.check(''), 'The server wants a value.')
    assert.equal(mcp.boxes.texts[1]?.check(''), undefined)
  })

  it('are prompts whose pictures, sounds and other files go into the message as files', async () => {
    mcp.entries = { rich: { command: process.execPath, args: [misbehaving('rich')] } }
    await mcp.hub.configure()
    mcp.boxes.answers = ['Everything at once']
    const picked = await mcp.page.offers.pickPrompt()
    assert.equal(picked?.text, 'Look at these.\n\nResource demo://notes.txt:\nWords of a resource.')
    const files = await page.ask('attach', { uris: picked.files })
    assert.deepEqual(
      files.map(({ name, data }) => [name, data]),
      [
        ['Everything at once 1.png', Buffer.from('picture').toString('base64')],
        ['Everything at once 2.mp3', Buffer.from('sound').toString('base64')],
        ['report.pdf', Buffer.from('paper').toString('base64')],
      ],
    )
  })

  it('are proposals for the arguments of a prompt, which may depend on the arguments given before', async () => {
    await mcp.hub.tools()
    const propose = (argument: string, value: string, known?: Record<string, string>) =>
      mcp.page.offers.completeArgument('everything', 'completable-prompt', argument, value, known)
    assert.deepEqual(await propose('department', 'S'), ['Sales', 'Support'])
    assert.deepEqual(await propose('name', '', { department: 'Sales' }), ['David', 'Eve', 'Frank'])
    assert.deepEqual(await propose('name', '', { department: 'Support' }), ['John', 'Kim', 'Lee'])
    assert.deepEqual(await propose('nothing-like-it', ''), [])
    assert.deepEqual(await mcp.page.offers.completeArgument('gone', 'completable-prompt', 'name', ''), [])
  })

  it('are nothing where no server runs, and that is said', async () => {
    mcp.entries = {}
    await assert.rejects(mcp.page.offers.pickResource(), /No MCP server that runs has resources/)
    await assert.rejects(mcp.page.offers.pickPrompt(), /No MCP server that runs has prompts/)
  })
})

describe('a URI template', () => {
  it('takes values as RFC 6570 wants them', () => {
    const expanded = (template: string, values: Record<string, string>) => expand(template, values)
    assert.equal(expanded('demo://{id}', { id: 'a b/c' }), 'demo://a%20b%2Fc')
    assert.equal(expanded('file:///{+path}', { path: 'a/b c' }), 'file:///a/b%20c')
    assert.equal(expanded('x://s{?q,page}', { q: 'ä', page: '2' }), 'x://s?q=%C3%A4&page=2')
    assert.equal(expanded('x://s{?q}{&more}', { more: '1' }), 'x://s&more=1')
    assert.deepEqual(variablesOf('x://{a}/{+b}{?c,a*,d:3}'), ['a', 'b', 'c', 'd'])
  })

  it('lets no plain value leave its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        const place = expand('x://host/{id}/end', { id: value })
        assert.equal(place.split('/').length, 5)
        assert.equal(decodeURIComponent(place.split('/')[3] ?? ''), value)
      }),
    )
  })
})
