/** What MCP servers ask of the person in the panel: real servers, a real session, the page's end played by the test. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Json } from '../../src/shared/json.ts'
import type { QuestionView } from '../../src/shared/protocol.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { context, misbehaving, packaged, until } from '../mcp/support.ts'
import { FakePage, FakeWindow } from './fakes.ts'
import { McpWindow } from './mcp-window.ts'

const node = process.execPath
const entries = {
  everything: { command: node, args: [packaged('everything')] },
  form: { command: node, args: [misbehaving('form')] },
}

describe('what an MCP server asks in the panel', function () {
  this.timeout(90_000)
  let mcp: McpWindow
  let window: FakeWindow
  let page: FakePage

  beforeEach(async () => {
    mcp = new McpWindow({ entries })
    window = new FakeWindow({ mcp: mcp.page })
    page = new FakePage(window)
    await page.ready()
    mcp.hub.questions.see(true)
  })
  afterEach(async () => {
    page.session.dispose()
    window.close()
    await mcp.hub.dispose()
  })

  /** As the page was last told. */
  const shown = (of = page): QuestionView[] =>
    of.batches.flatMap(({ events }) => events).findLast((event) => event.type === 'questions')?.questions ?? []
  const asked = (): Promise<QuestionView> => until(() => shown()[0], 'a question')
  const call = async (name: string, input: Json = {}, more: Partial<ToolContext> = {}): Promise<string> => {
    const tool = (await mcp.hub.tools()).find((each) => each.name === name)
    assert.ok(tool, name)
    return JSON.stringify((await tool.run(input, context(more))).output).replaceAll('\\', '')
  }

  it('is a form with every kind of field, whose answers go to the server as its schema wants them', async () => {
    const called = call('mcp_everything_trigger-elicitation-request')
    const { id, server, body } = await asked()
    assert.ok(body.kind === 'form')
    assert.equal(server, 'everything')
    assert.deepEqual(
      body.fields.map(({ name, kind, required }) => `${name} ${kind}${required ? '!' : ''}`),
      [
        'name text!',
        'check boolean',
        'firstLine text',
        'email text',
        'homepage text',
        'birthdate text',
        'integer number',
        'number number',
        'untitledSingleSelectEnum one',
        'untitledMultipleSelectEnum many',
        'titledSingleSelectEnum one',
        'titledMultipleSelectEnum many',
        'legacyTitledEnum one',
      ],
    )
    await page.ask('answer-question', {
      id,
      answer: {
        action: 'accept',
        entries: {
          name: 'Ada',
          check: true,
          email: 'ada@host.example',
          integer: '7',
          number: '2.5',
          untitledMultipleSelectEnum: ['Piano', 'Bass'],
        },
      },
    })
    const said = await called
    for (const words of [
      'Name: Ada',
      'Agreed to terms: true',
      'ada@host.example',
      'Integer: 7',
      'Number: 2.5',
      '"Piano',
    ])
      assert.ok(said.includes(words), `${words} in ${said}`)
    await until(() => shown().length === 0, 'answered')
    assert.deepEqual(mcp.boxes.dialogs, [])
  })

  it('takes no answer that does not fit, and says so, and no second one', async () => {
    const called = call('mcp_everything_trigger-elicitation-request')
    const { id } = await asked()
    const accept = (entries: Record<string, string>) =>
      page.ask('answer-question', { id, answer: { action: 'accept', entries } })
    await assert.rejects(accept({}), /One answer cannot be sent so/)
    await assert.rejects(accept({ integer: '101', email: 'x' }), /Some answers/)
    await page.ask('answer-question', { id, answer: { action: 'decline' } })
    await assert.rejects(accept({ name: 'Ada' }), /no longer asked/)
    assert.match(await called, /declined/)
  })

  it('leaves out what the person took out, also where the server proposed something', async () => {
    const called = call('mcp_form_ask-with-default')
    const { id, body } = await asked()
    assert.ok(body.kind === 'form')
    assert.deepEqual(
      body.fields.map((field) => 'usual' in field && field.usual),
      ['Countess'],
    )
    await page.ask('answer-question', { id, answer: { action: 'accept', entries: { nick: '' } } })
    assert.match(await called, /"content":\{\}/)
  })

  it('stands at the call that runs, as long as it runs', async () => {
    const called = call('mcp_form_ask', {}, { callId: 'c7', conversation: 'talk' })
    assert.deepEqual(((question) => [question.conversation, question.call])(await asked()), ['talk', 'c7'])
    await page.ask('answer-question', { id: shown()[0]!.id, answer: { action: 'cancel' } })
    assert.match(await called, /cancel/)
  })

  it('stands for itself where the server asks while no call of it runs, or several do', async () => {
    const first = call('mcp_form_ask', {}, { callId: 'a' })
    assert.equal((await asked()).call, 'a')
    const endless = call('mcp_form_wait', {}, { callId: 'b' }).catch(() => undefined)
    const third = call('mcp_form_ask', {}, { callId: 'c' })
    await until(() => shown().length === 2, 'two questions')
    assert.deepEqual(
      shown().map((question) => question.call),
      ['a', undefined],
    )
    for (const { id } of shown()) await page.ask('answer-question', { id, answer: { action: 'decline' } })
    await Promise.all([first, third])
    await mcp.hub.stop('form')
    await endless
    await mcp.hub.start('form')
    const go = path.join(mcp.folder, 'later')
    await call('mcp_form_ask-later', { go })
    writeFileSync(go, '')
    await until(() => shown().length === 1, 'one that comes after the call')
    assert.equal(shown()[0]?.call, undefined)
  })

  it('is taken back when the person stops the call', async () => {
    const stop = new AbortController()
    const called = call('mcp_form_ask', {}, { signal: stop.signal }).catch(() => 'stopped')
    const { id } = await asked()
    stop.abort()
    assert.equal(await called, 'stopped')
    await until(() => shown().length === 0, 'taken back')
    await assert.rejects(page.ask('answer-question', { id, answer: { action: 'decline' } }), /no longer asked/)
  })

  it('is taken back when the server withdraws it, and when the server ends', async () => {
    const [withdraws, crashes] = ['withdraws', 'crashes'].map((name) => path.join(mcp.folder, name))
    const withdrawn = call('mcp_form_ask-and-withdraw', { go: withdraws! })
    await asked()
    writeFileSync(withdraws!, '')
    await until(() => shown().length === 0, 'taken back')
    assert.match(await withdrawn, /withdrawn/)
    const crashed = call('mcp_form_ask-and-crash', { go: crashes! }).catch((error: Error) => error.message)
    await asked()
    writeFileSync(crashes!, '')
    await until(() => shown().length === 0, 'taken back')
    assert.match(await crashed, /ended/)
  })

  it('outlives its page, with what was filled in so far, and is shown by every page', async () => {
    const called = call('mcp_form_ask')
    const { id } = await asked()
    await page.ask('keep-answer', { id, entries: { who: 'Ad' } })
    const again = await page.ready()
    assert.deepEqual(
      again.questions?.map((question) => [question.id, question.draft]),
      [[id, { who: 'Ad' }]],
    )
    const other = new FakePage(window)
    assert.equal((await other.ready()).questions?.length, 1)
    await other.ask('answer-question', { id, answer: { action: 'accept', entries: { who: 'Ada' } } })
    assert.match(await called, /Ada/)
    await until(() => shown().length === 0, 'gone from the first page')
    other.session.dispose()
  })

  it('is a page to be opened, whose address is seen before; an unsafe one is not even shown', async () => {
    const called = call('mcp_everything_trigger-url-elicitation', { url: 'https://host.example/pay?x=1' })
    const { id, body } = await asked()
    assert.ok(body.kind === 'page')
    assert.deepEqual([body.host, body.address], ['host.example', 'https://host.example/pay?x=1'])
    assert.deepEqual(mcp.opened, [])
    await page.ask('answer-question', { id, answer: { action: 'accept' } })
    await called
    assert.deepEqual(mcp.opened, ['https://host.example/pay?x=1'])
    await call('mcp_everything_trigger-url-elicitation', { url: 'http://host.example/' })
    assert.deepEqual([mcp.opened.length, shown().length], [1, 0])
  })

  it('is a page also where the server refuses a call until it was opened, and the model is told what came of it', async () => {
    const input = { url: 'https://host.example/first', errorPath: true, elicitationId: 'e1' }
    const called = call('mcp_everything_trigger-url-elicitation', input)
    const { id, body } = await asked()
    assert.deepEqual([body.kind, body.kind === 'page' && body.address], ['page', 'https://modelcontextprotocol.io/'])
    assert.equal(shown()[0]?.call, 'call', 'in the card of the call')
    await page.ask('answer-question', { id, answer: { action: 'accept' } })
    assert.match(await called, /the user has opened it\. Ask whether they are done/)
    assert.deepEqual(mcp.opened, ['https://modelcontextprotocol.io/'])
    await until(() => shown().length === 0, 'answered')
    const again = call('mcp_everything_trigger-url-elicitation', { ...input, url: 'https://host.example/other' })
    await page.ask('answer-question', { id: (await asked()).id, answer: { action: 'decline' } })
    assert.match(await again, /the user did not/)
    assert.equal(mcp.opened.length, 1)
  })

  it('comes up in boxes of the editor where no panel is seen', async () => {
    mcp.hub.questions.see(false)
    mcp.boxes.answers = ['Answer', 'Ada']
    assert.match(await call('mcp_form_ask'), /Ada/)
    assert.deepEqual(shown(), [])
  })
})
