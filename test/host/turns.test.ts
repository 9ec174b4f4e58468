/** A turn with tools, as the pages of a window see it: over the real store, a provider driven by the test. */
import assert from 'node:assert/strict'
import type { StreamEvent } from '../../src/shared/message.ts'
import type { Batch, PanelEvent } from '../../src/shared/protocol.ts'
import { Approvals } from '../../src/tools/approvals.ts'
import { said } from '../../src/tools/tool.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { tool } from '../harness/turn.ts'
import { FakePage, FakeWindow, end, text } from './fakes.ts'

const call = (id: string, name: string, input: Record<string, string>): StreamEvent[] => {
  const json = JSON.stringify(input)
  const block = { type: 'tool-call' as const, id, name, ranBy: 'host' as const, json, input }
  return [
    { type: 'block-start', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json: '' } },
    { type: 'block-end', index: 0, block },
    { type: 'usage', usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 } },
    { type: 'end', stop: { kind: 'tools' } },
  ]
}
const answer = (words: string): StreamEvent[] => [...text(words), ...end(words)]
const over = (events: PanelEvent[]): boolean => events.some((event) => event.type === 'turn' && event.end !== undefined)
const told = (page: FakePage): Batch['events'] => page.batches.flatMap(({ events }) => events)

describe('a turn with tools', () => {
  let window: FakeWindow
  let page: FakePage
  let tools: Tool[]

  beforeEach(async () => {
    tools = []
    const approvals = new Approvals({
      paths: () => ({ roots: ['/w'], windows: false, realPath: (path) => Promise.resolve({ kind: 'found', path }) }),
      shell: () => 'posix',
      workspace: () => 'file:///w',
      readsUnasked: () => true,
      redact: (text) => text,
      save: () => undefined,
    })
    window = new FakeWindow({ tools: () => Promise.resolve(new Toolbox(tools)), approvals })
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  const roles = async (): Promise<string[]> => (await page.ready()).page.messages.map(({ message }) => message.role)
  const asking = (events: PanelEvent[]): boolean =>
    events.some((event) => event.type === 'call' && event.event.type === 'state' && event.event.state.kind === 'asking')

  it('asks, runs, and asks again with the results, each answer and result a message of its own', async () => {
    tools = [tool({ name: 'weather' })]
    await page.say('How is it in Rome?')
    window.provider.send(...call('1', 'weather', { city: 'Rome' }))
    await page.until((events) =>
      events.some((event) => event.type === 'message' && event.message.message.role === 'tool'),
    )
    window.provider.send(...answer('Sunny.'))
    await page.until(over)
    assert.deepEqual(
      window.provider.requests[0]?.tools?.map(({ name }) => name),
      ['weather'],
    )
    assert.deepEqual(
      window.provider.requests[1]?.messages.map(({ role }) => role),
      ['user', 'assistant', 'tool'],
    )
    assert.match(JSON.stringify(window.provider.requests[1]?.messages.at(-1)), /weather of Rome/)
    assert.deepEqual(await roles(), ['user', 'assistant', 'tool', 'assistant'])
    assert.equal(window.services.store().requests.list().length, 2)
    const last = told(page).findLast((event) => event.type === 'turn')
    assert.deepEqual([last?.totals.steps, last?.totals.usage.input, last?.end?.kind], [2, 1010, 'done'])
    assert.equal((await page.ready()).conversation.running, undefined)
  })

  it('writes to the log which tools ran and how that ended, and no argument, no result and no name a model made up', async () => {
    tools = [tool({ name: 'weather' })]
    const results = (events: PanelEvent[]): number =>
      events.filter((event) => event.type === 'message' && event.message.message.role === 'tool').length
    await page.say('How is it in Rome?')
    window.provider.send(...call('1', 'weather', { city: 'ARGUMENT-CANARY' }))
    await page.until((events) => results(events) > 0)
    await page.until(() => window.provider.requests.length === 2)
    window.provider.send(...call('2', 'NAME-CANARY', {}))
    await page.until(() => window.provider.requests.length === 3)
    window.provider.send(...answer('Sunny.'))
    await page.until(over)
    const lines = window.services.log.after(0).filter(({ source }) => source === 'tool')
    assert.deepEqual(
      lines.map(({ level, text }) => `${level} ${text.replace(/\d+ ms/, '… ms')}`),
      ['info weather (read): runs', 'info weather (read): done in … ms', 'warn an unknown tool: failed (unknown-tool)'],
    )
    assert.doesNotMatch(window.logged.join('\n'), /CANARY/)
  })

  it('shows that it runs while tools run, and gives a page that comes late what they printed', async () => {
    const gate = Promise.withResolvers<void>()
    const run: Tool['run'] = async (_, { onOutput }) => {
      onOutput('half ')
      onOutput('way')
      await gate.promise
      return said('done')
    }
    tools = [tool({ name: 'slow', run })]
    await page.say('Go')
    window.provider.send(...call('1', 'slow', { city: 'x' }))
    await page.until((events) => JSON.stringify(events).includes('way'))
    const late = await new FakePage(window, page.session.conversation).ready()
    assert.ok(late.conversation.running)
    assert.equal(late.conversation.turn?.calls[0]?.output, 'half way')
    assert.equal(late.conversation.turn.calls[0].state.kind, 'running')
    gate.resolve()
    window.provider.send(...answer('Done.'))
    await page.until(over)
  })

  it('waits for the person, and goes on with what they decide', async () => {
    const ran: string[] = []
    const run: Tool['run'] = (input) => {
      ran.push(JSON.stringify(input))
      return Promise.resolve(said('written'))
    }
    tools = [tool({ name: 'write', effect: 'write', run })]
    await page.say('Write it')
    window.provider.send(...call('1', 'write', { city: 'a' }))
    await page.until(asking)
    assert.deepEqual(ran, [])
    await page.ask('decide', { callId: '1', decision: { kind: 'deny', reason: 'not there' } })
    window.provider.send(...call('2', 'write', { city: 'b' }))
    await page.until((events) => JSON.stringify(events).includes('"callId":"2","state":{"kind":"asking"'))
    assert.match(JSON.stringify(window.provider.requests[1]?.messages.at(-1)), /not there/)
    await page.ask('decide', { callId: '2', decision: { kind: 'once' } })
    window.provider.send(...answer('OK.'))
    await page.until(over)
    assert.deepEqual(ran, ['{"city":"b"}'])
    await assert.rejects(page.ask('decide', { callId: '2', decision: { kind: 'once' } }), /no longer asked/)
  })

  it('shows that its answer is pinned while it goes on', async () => {
    tools = [tool({ name: 'write', effect: 'write' })]
    await page.say('Write it')
    window.provider.send(...call('1', 'write', { city: 'a' }))
    await page.until(asking)
    const message = (await page.ready()).page.messages.at(-1)!.id
    for (const pinned of [true, undefined]) {
      await page.ask('pin-message', { message, pinned: pinned ?? false })
      await page.until((events) => {
        const last = events.findLast((event) => event.type === 'message' && event.message.id === message)
        return last?.type === 'message' && last.message.pinned === pinned
      })
      assert.equal((await page.ready()).page.messages.at(-1)?.pinned, pinned)
    }
  })

  it('that is stopped while it asks leaves a history that can be sent again, and nothing waiting', async () => {
    tools = [tool({ name: 'write', effect: 'write' })]
    await page.say('Write it')
    window.provider.send(...call('1', 'write', { city: 'a' }))
    await page.until(asking)
    await page.ask('stop', {})
    await page.until((events) => events.some((event) => event.type === 'conversation' && !event.conversation.running))
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(await roles(), ['user', 'assistant', 'tool'])
    await page.say('Never mind')
    window.provider.send(...answer('Fine.'))
    await page.until((events) => JSON.stringify(events).includes('Fine.'))
    const sent = window.provider.requests.at(-1)?.messages ?? []
    assert.deepEqual(
      sent.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'user'],
    )
    assert.match(JSON.stringify(sent[2]), /stopped/i)
  })

  it('is said to be over once it is, also where its only answer broke off after a call', async () => {
    const [begun, ended] = call('1', 'weather', { city: 'a' })
    window.provider.send(begun!, ended!, {
      type: 'end',
      stop: { kind: 'failed', failure: { code: 'network', message: 'Gone.' } },
    })
    await page.say('Go')
    await page.until((events) => events.some(({ type }) => type === 'settled'))
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await page.until((events) => {
      const last = events.findLast((event) => event.type === 'conversation')
      return last !== undefined && last.conversation.running === undefined
    })
    assert.deepEqual(await roles(), ['user', 'assistant', 'tool'])
  })

  it('takes along what was typed while it ran, at its next step', async () => {
    const gate = Promise.withResolvers<void>()
    tools = [tool({ name: 'slow', run: () => gate.promise.then(() => said('slept')) })]
    await page.say('Go')
    window.provider.send(...call('1', 'slow', { city: 'x' }))
    await page.until((events) => JSON.stringify(events).includes('"kind":"running"'))
    await page.ask('queue', { content: [{ type: 'text', text: 'And hurry' }] })
    await page.ask('queue', { content: [{ type: 'text', text: 'Not this' }] })
    const { queued } = (await page.ready()).conversation
    assert.deepEqual(
      queued?.map(({ content }) => content),
      [[{ type: 'text', text: 'And hurry' }], [{ type: 'text', text: 'Not this' }]],
    )
    const back = await page.ask('unqueue', { id: queued![1]!.id })
    assert.deepEqual(back.content, [{ type: 'text', text: 'Not this' }])
    gate.resolve()
    window.provider.send(...answer('Hurried.'))
    await page.until(over)
    assert.deepEqual(await roles(), ['user', 'assistant', 'tool', 'user', 'assistant'])
    assert.match(JSON.stringify(window.provider.requests[1]?.messages.at(-1)), /And hurry/)
    assert.equal((await page.ready()).conversation.queued, undefined)
  })

  it('keeps what was typed for a turn that is stopped', async () => {
    await page.say('Go')
    window.provider.send(...text('Thinking'))
    await page.until((events) => JSON.stringify(events).includes('Thinking'))
    await page.ask('queue', { content: [{ type: 'text', text: 'Later' }] })
    await page.ask('stop', {})
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const { queued } = (await page.ready()).conversation
    assert.equal(queued?.length, 1)
    assert.deepEqual((await page.ask('unqueue', { id: queued[0]!.id })).content, [{ type: 'text', text: 'Later' }])
    assert.equal((await page.ready()).conversation.queued, undefined)
  })

  it('keeps the pictures of a result by their content, and sends and shows them whole', async () => {
    const picture = { type: 'file' as const, media: { mediaType: 'image/png', data: 'iVBORw0KGgo=' }, name: 'x.png' }
    tools = [tool({ name: 'draw', run: () => Promise.resolve({ output: [picture] }) })]
    await page.say('Draw')
    window.provider.send(...call('1', 'draw', { city: 'x' }))
    window.provider.send(...answer('Drawn.'))
    await page.until(over)
    const shown = (await page.ready()).page.messages[2]
    assert.match(JSON.stringify(shown), /iVBORw0KGgo=/)
    assert.match(JSON.stringify(window.provider.requests[1]?.messages.at(-1)), /iVBORw0KGgo=/)
    const stored = window.services.store().messages.get(shown!.id)
    assert.equal(JSON.stringify(stored).includes('iVBORw0KGgo='), false)
  })

  it('answers without tools where they cannot be had', async () => {
    await window.services.answers.stopAll()
    window.close()
    window = new FakeWindow({ tools: () => Promise.reject(new Error('a bundle is missing')) })
    page = new FakePage(window)
    await page.ready()
    await page.say('Hi')
    window.provider.send(...answer('Hello.'))
    await page.until((events) => events.some(({ type }) => type === 'settled'))
    assert.equal(window.provider.requests[0]?.tools, undefined)
    assert.ok(window.logged.some((line) => line.includes('a bundle is missing')))
  })
})
