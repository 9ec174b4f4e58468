import assert from 'node:assert/strict'
import type { Connected } from '../../src/host/connections.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { chosen, end, FakePage, FakeProvider, FakeWindow, text } from './fakes.ts'
import { approvals, tool } from '../harness/turn.ts'

/** A window with three providers of the test's own. */
function several() {
  const providers = { one: new FakeProvider(), two: new FakeProvider(), three: new FakeProvider() }
  const connect = (id: string): Promise<Connected> =>
    Promise.resolve({
      info: { id, label: id, dialect: 'anthropic', defaultBaseUrl: '' },
      provider: providers[id as keyof typeof providers] ?? new FakeProvider(),
      status: 'set',
    })
  const window = new FakeWindow({
    connect,
    approvals: approvals(),
    choose: ({ choice }) => Promise.resolve({ ...chosen, ...choice }),
    tools: () => Promise.resolve(new Toolbox([tool({ name: 'look' }), tool({ name: 'change', effect: 'write' })])),
  })
  return { window, page: new FakePage(window), providers }
}

const lanes = (...names: string[]) => names.map((name) => ({ provider: name, model: `model-${name}` }))
const content = [{ type: 'text' as const, text: 'Which is better?' }]

async function untilAsked(...providers: FakeProvider[]): Promise<void> {
  for (let waited = 0; providers.some(({ requests }) => requests.length === 0); waited += 5) {
    assert.ok(waited < 30_000, 'a provider was not asked')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const settledOf = (events: PanelEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'settled' ? [event.id] : []))

describe('comparing models', () => {
  let all: ReturnType<typeof several>
  beforeEach(() => (all = several()))
  afterEach(async () => {
    await all.window.services.answers.stopAll()
    all.page.session.dispose()
    all.window.close()
  })

  it('asks all of them at once, each by its own provider, and shows what each says', async () => {
    const { page, providers } = all
    await page.ready()
    await page.ask('compare', { content, lanes: lanes('one', 'two', 'three') })
    const snapshot = await page.ready()
    assert.equal(snapshot.page.messages.length, 1, 'the branch ends with the question')
    const heads = snapshot.comparison!.lanes.map(({ id }) => id)
    assert.equal(heads.length, 3)
    await untilAsked(providers.one, providers.two, providers.three)
    assert.deepEqual(
      Object.values(providers).map(({ requests }) => requests.map(({ model }) => model)),
      [['model-one'], ['model-two'], ['model-three']],
    )
    for (const name of ['two', 'three', 'one'] as const) providers[name].send(...text(name), ...end(name))
    await page.until((events) => settledOf(events).length === 3)
    const events = page.batches.flatMap(({ events: each }) => each)
    assert.deepEqual(new Set(settledOf(events)), new Set(heads))
    const streamed = new Set(events.flatMap((event) => (event.type === 'stream' ? [event.id] : [])))
    assert.deepEqual(streamed, new Set(heads))
    const { comparison } = await page.ready()
    assert.deepEqual(
      comparison?.lanes.map(({ messages, running }) => [
        JSON.stringify(messages).match(/"text":"(\w+)"/)?.[1],
        running,
      ]),
      [
        ['one', undefined],
        ['two', undefined],
        ['three', undefined],
      ],
    )
  })

  it('comes before what is sent right after it, however long its files are looked at', async () => {
    const { page } = all
    await page.ready()
    const png = { type: 'file' as const, media: { mediaType: 'image/png', data: 'iVBORw0KGgo=' }, name: 'a.png' }
    const [compared, sent] = await Promise.allSettled([
      page.ask('compare', { content: [png, ...content], lanes: lanes('one', 'two') }),
      page.ask('send', { content: [{ type: 'text', text: 'Next' }] }),
    ])
    assert.equal(compared.status, 'fulfilled')
    assert.match(String(sent.status === 'rejected' && sent.reason), /Choose the answer to go on with/)
    assert.equal((await page.ready()).comparison?.lanes.length, 2)
  })

  it('reads the branch that all lanes begin on once', async () => {
    const { window, page, providers } = all
    await page.ready()
    const { messages } = window.services.store()
    const branch = messages.branch.bind(messages)
    let reads = 0
    messages.branch = (...asked) => (reads++, branch(...asked))
    await page.ask('compare', { content, lanes: lanes('one', 'two', 'three') })
    await untilAsked(providers.one, providers.two, providers.three)
    assert.equal(reads, 1)
  })

  it('goes on with the one that is chosen, and keeps the others beside it', async () => {
    const { page, providers } = all
    await page.ready()
    await page.ask('compare', { content, lanes: lanes('one', 'two') })
    await untilAsked(providers.one, providers.two)
    for (const name of ['one', 'two'] as const) providers[name].send(...text(name), ...end(name))
    await page.until((events) => settledOf(events).length === 2)
    const heads = (await page.ready()).comparison!.lanes.map(({ id }) => id)
    await assert.rejects(page.ask('send', { content }), /Choose the answer to go on with/)
    const kept = await page.ask('walk', { message: heads[1]! })
    assert.equal(kept.comparison, undefined)
    assert.deepEqual(kept.page.messages.at(-1)?.siblings, { at: 1, ids: heads })
    await page.ask('send', { content: [{ type: 'text', text: 'Go on' }] })
    assert.deepEqual((await page.ready()).page.messages.map(({ id }) => id).slice(1, 2), [heads[1]])
    assert.equal((await page.ready()).page.messages.length, 4)
  })

  it('stops one lane alone, and all of them by Stop', async () => {
    const { page, providers } = all
    await page.ready()
    await page.ask('compare', { content, lanes: lanes('one', 'two', 'three') })
    await untilAsked(providers.one, providers.two, providers.three)
    const heads = (await page.ready()).comparison!.lanes.map(({ id }) => id)
    await page.ask('stop-lane', { lane: heads[0]! })
    await page.until((events) => settledOf(events).includes(heads[0]!))
    assert.equal(settledOf(page.batches.flatMap(({ events }) => events)).length, 1)
    await page.ask('stop', {})
    await page.until((events) => settledOf(events).length === 3)
    assert.equal(all.window.services.answers.running(page.session.conversation), undefined)
  })

  it('lets models only look: none may change what the others look at', async () => {
    const { page, providers } = all
    await page.ready()
    await page.ask('compare', { content, lanes: lanes('one', 'two') })
    await untilAsked(providers.one, providers.two)
    for (const { requests } of [providers.one, providers.two])
      assert.deepEqual(
        requests[0]?.tools?.map(({ name }) => name),
        ['look'],
      )
  })

  it('keeps each lane’s own chain where it calls tools', async () => {
    const { page, providers } = all
    await page.ready()
    await page.ask('compare', { content, lanes: lanes('one', 'two') })
    await untilAsked(providers.one, providers.two)
    providers.one.send(
      { type: 'block-start', index: 0, block: { type: 'tool-call', id: 'c', name: 'look', ranBy: 'host', json: '' } },
      {
        type: 'block-end',
        index: 0,
        block: {
          type: 'tool-call',
          id: 'c',
          name: 'look',
          ranBy: 'host',
          json: '{"city":"Rome"}',
          input: { city: 'Rome' },
        },
      },
      { type: 'end', stop: { kind: 'tools' } },
    )
    for (let waited = 0; providers.one.requests.length < 2 && waited < 30_000; waited += 5)
      await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(
      providers.one.requests[1]?.messages.map(({ role }) => role),
      ['user', 'assistant', 'tool'],
    )
    providers.one.send(...text('seen'), ...end('seen'))
    providers.two.send(...text('two'), ...end('two'))
    await page.until((events) => settledOf(events).length === 3)
    const { comparison } = await page.ready()
    assert.deepEqual(
      comparison?.lanes.map(({ messages }) => messages.map(({ message }) => message.role)),
      [['assistant', 'tool', 'assistant'], ['assistant']],
    )
  })

  it('is told of too few and too many lanes', async () => {
    const { page } = all
    await page.ready()
    await assert.rejects(page.ask('compare', { content, lanes: lanes('one') }), /2 to 4/)
    await assert.rejects(page.ask('compare', { content, lanes: lanes('a', 'b', 'c', 'd', 'e') }), /2 to 4/)
    assert.equal((await page.ready()).page.messages.length, 0)
  })
})
