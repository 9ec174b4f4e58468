/** A model that uses the tools of MCP servers, and servers that ask the person or the model, over the real store. */
import assert from 'node:assert/strict'
import { ToolSet } from '../../src/host/tool-set.ts'
import type { Json } from '../../src/shared/json.ts'
import type { StreamEvent } from '../../src/shared/message.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import { context, packaged } from '../mcp/support.ts'
import { FakeMemento } from './fake-editor.ts'
import { chosen, end, FakePage, FakeWindow, noSettings, askOnce, text } from './fakes.ts'
import { McpWindow } from './mcp-window.ts'

const everything = { command: process.execPath, args: [packaged('everything')] }
const answer = (words: string): StreamEvent[] => [...text(words), ...end(words)]
const call = (id: string, name: string, input: Record<string, string>): StreamEvent[] => {
  const json = JSON.stringify(input)
  return [
    { type: 'block-start', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json: '' } },
    { type: 'block-end', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json, input } },
    { type: 'end', stop: { kind: 'tools' } },
  ]
}

describe('a turn with the tools of MCP servers', function () {
  this.timeout(90_000)
  let mcp: McpWindow
  let window: FakeWindow
  let page: FakePage

  beforeEach(async () => {
    mcp = new McpWindow({ entries: { everything } })
    const toolSet = new ToolSet({
      memory: new FakeMemento(),
      settings: () => noSettings,
      trusted: () => true,
      redact: (text) => text,
      workspace: () => 'file:///w',
      load: async () => ({
        tools: () => [],
        paths: () => ({ roots: [], windows: false, realPath: async () => ({ kind: 'missing' }) }),
        shell: () => 'posix',
        dispose: () => undefined,
      }),
      others: () => mcp.hub.tools(),
    })
    const tools = { tools: () => toolSet.toolbox(undefined), approvals: toolSet.approvals, toolSet, mcp: mcp.page }
    window = new FakeWindow(tools)
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
    await mcp.hub.dispose()
  })

  const asked = (events: PanelEvent[]): number =>
    events.filter(
      (event) => event.type === 'call' && event.event.type === 'state' && event.event.state.kind === 'asking',
    ).length
  const ends = (events: PanelEvent[]): number => events.filter((event) => event.type === 'turn' && event.end).length
  const echo = (id: string): void => window.provider.send(...call(id, 'mcp_everything_echo', { message: `hi ${id}` }))

  it('tells the model of them, asks the person, runs them and gives the result back', async () => {
    await page.say('Say hi')
    echo('1')
    await page.until((events) => asked(events) === 1)
    assert.ok(window.provider.requests[0]?.tools?.some(({ name }) => name === 'mcp_everything_echo'))
    assert.match(window.provider.requests[0]?.system ?? '', /<mcp-server name="everything">\n[^]*Everything Server/)
    await page.ask('decide', { callId: '1', decision: { kind: 'once' } })
    await page.until(() => window.provider.requests.length === 2)
    assert.match(JSON.stringify(window.provider.requests[1]?.messages.at(-1)), /Echo: hi 1/)
    window.provider.send(...answer('Hi.'))
    await page.until((events) => ends(events) === 1)
  })

  it('asks no more once the tool is allowed for the conversation, and again when its server is another one', async () => {
    await page.say('Say hi')
    echo('1')
    await page.until((events) => asked(events) === 1)
    await page.ask('decide', { callId: '1', decision: { kind: 'conversation' } })
    await page.until(() => window.provider.requests.length === 2)
    echo('2')
    await page.until(() => window.provider.requests.length === 3)
    window.provider.send(...answer('Hi.'))
    await page.until((events) => ends(events) === 1)
    assert.equal(asked(page.batches.flatMap(({ events }) => events)), 1)
    mcp.entries = { everything: { ...everything, env: { CHANGED: '1' } } }
    await mcp.hub.configure()
    await page.say('Say hi again')
    await page.until(() => window.provider.requests.length === 4)
    echo('3')
    await page.until((events) => asked(events) === 2)
  })

  it('gives the page a card of each server', async () => {
    await mcp.hub.tools()
    const { servers } = await page.ask('mcp-servers', {})
    const [card] = servers
    assert.deepEqual([card?.name, card?.state, card?.place], ['everything', 'ready', 'User settings'])
    assert.match(card?.instructions ?? '', /Everything Server/)
    assert.ok(card?.tools.some(({ name, on, tokens }) => name === 'echo' && on && tokens > 0))
    await page.ask('switch-mcp-tool', { server: 'everything', tool: 'echo', on: false })
    await page.ask('mcp-action', { action: 'test', server: 'everything' })
    const [tested] = (await page.ask('mcp-servers', {})).servers
    assert.match(tested?.test?.text ?? '', /^Works: \d+ tools, started in \d+\.\d s\.$/)
    assert.equal(tested?.tools.find(({ name }) => name === 'echo')?.on, false)
  })
})

describe('an MCP server that asks', function () {
  this.timeout(90_000)
  let window: FakeWindow
  let mcp: McpWindow

  beforeEach(() => {
    window = new FakeWindow()
    mcp = new McpWindow({
      entries: { everything },
      sampling: {
        store: () => window.services.store(),
        resilience: askOnce,
        choose: () => Promise.resolve(chosen),
        connect: async () => ({
          info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
          provider: window.provider,
          status: 'set',
          keyProfile: 'work',
        }),
      },
    })
  })
  afterEach(async () => {
    await mcp.hub.dispose()
    window.close()
  })

  const run = async (name: string, input: Json = {}): Promise<string> => {
    const tool = (await mcp.hub.tools()).find((each) => each.name === `mcp_everything_${name}`)
    assert.ok(tool, name)
    return JSON.stringify((await tool.run(input, context())).output)
  }

  it('for an answer of a model is told no by default, and nothing is sent', async () => {
    mcp.boxes.answers = [undefined]
    await run('trigger-sampling-request', { prompt: 'Tell me', maxTokens: 50 }).catch(() => undefined)
    assert.equal(mcp.boxes.dialogs.length, 1)
    assert.equal(window.provider.requests.length, 0)
  })

  it('for an answer of a model gets one when the person allows it, who sees model, words and cost; it is on record', async () => {
    mcp.boxes.answers = ['Allow Once', 'Send']
    window.provider.send(...answer('An answer.'))
    assert.match(await run('trigger-sampling-request', { prompt: 'Tell me', maxTokens: 50 }), /An answer\./)
    assert.match(mcp.boxes.dialogs[1] ?? '', /Send this answer to the MCP server everything\?\nAn answer\./)
    const [dialog = ''] = mcp.boxes.dialogs
    for (const words of ['everything', 'Claude Test (Anthropic)', 'Tell me', 'at most 50 out', 'at most about $0.0'])
      assert.ok(dialog.includes(words), `${words} in ${dialog}`)
    const [request] = window.provider.requests
    assert.deepEqual([request?.model, request?.maxOutputTokens, request?.tools], ['claude-test', 50, undefined])
    const [record] = window.services.store().requests.list()
    assert.deepEqual([record?.model, record?.keyProfile, record?.conversation], ['claude-test', 'work', undefined])
    assert.equal(record?.cost?.toFixed(6), '0.004500')
    assert.ok(!mcp.log.some((line) => line.includes('Tell me') || line.includes('An answer')))
  })

  it('for an answer of a model does not get one that the person saw and kept back', async () => {
    mcp.boxes.answers = ['Allow Once', undefined]
    window.provider.send(...answer('A secret.'))
    const said = await run('trigger-sampling-request', { prompt: 'Tell me', maxTokens: 50 }).catch(String)
    assert.doesNotMatch(said, /A secret/)
    assert.equal(window.services.store().requests.list().length, 1, 'it was paid for all the same')
  })

  it('for an answer of a model is not even told that there are any where the setting says never', async () => {
    mcp.mode = 'never'
    await assert.rejects(run('trigger-sampling-request'), /trigger-sampling-request/)
  })

  it('for a form gets what the person fills in, box by box', async () => {
    mcp.boxes.answers = ['Answer', 'Ada', 'Yes', 'Once.', 'ada@host.example', '', '2000-01-01', '7', '2.5']
    mcp.boxes.answers.push('Rachel', ['Piano', 'Bass'], 'Wonder Woman', [], 'No answer')
    const said = await run('trigger-elicitation-request')
    for (const words of ['Name: Ada', 'Agreed to terms: true', 'ada@host.example', 'Integer: 7', 'Number: 2.5'])
      assert.ok(said.includes(words), words)
    for (const words of ['"Piano', 'hero-3']) assert.ok(said.replaceAll('\\', '').includes(words), words)
    assert.ok(mcp.boxes.dialogs[0]?.includes('Please provide inputs'))
    const check = (at: number, typed: string) => mcp.boxes.texts[at]?.check(typed)
    assert.equal(check(0, ''), 'The server wants an answer.')
    assert.equal(check(2, 'no address'), 'Give an e-mail address.')
    assert.equal(check(5, '101'), 'At most 100.')
    assert.equal(check(5, '1.5'), 'Give a whole number.')
  })

  it('for a form is told when the person declines or leaves', async () => {
    mcp.boxes.answers = ['Decline']
    assert.match(await run('trigger-elicitation-request'), /declined/)
    mcp.boxes.answers = ['Answer', undefined]
    assert.match(await run('trigger-elicitation-request'), /cancelled/)
  })

  it('for a page to be opened gets it opened only when the person has seen the address, and never an unsafe one', async () => {
    mcp.boxes.answers = ['Open']
    await run('trigger-url-elicitation', { url: 'https://host.example/pay?x=1' })
    assert.ok(mcp.boxes.dialogs[0]?.includes('https://host.example/pay?x=1'))
    assert.deepEqual(mcp.opened, ['https://host.example/pay?x=1'])
    await run('trigger-url-elicitation', { url: 'http://host.example/' })
    assert.equal(mcp.opened.length, 1)
    assert.equal(mcp.boxes.dialogs.length, 1)
  })
})
