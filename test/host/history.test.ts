import assert from 'node:assert/strict'
import fc from 'fast-check'
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { StoreWatch } from '../../src/host/history/store-watch.ts'
import { smallModel, titleFrom, Titles } from '../../src/host/history/titles.ts'
import type { PanelEvent } from '../../src/shared/protocol.ts'
import type { ModelInfo } from '../../src/shared/model.ts'
import { end, FakePage, FakeProvider, FakeWindow, askOnce, text } from './fakes.ts'
import { SteadyTime } from '../harness/steady.ts'

const DYING = fileURLToPath(new URL('dying-window.ts', import.meta.url))

/** Waits for one more event like this than there were. */
async function more(page: FakePage, is: (event: PanelEvent) => boolean, work: () => unknown): Promise<void> {
  const count = (events: PanelEvent[]): number => events.filter(is).length
  const before = count(page.batches.flatMap(({ events }) => events))
  await work()
  await page.until((events) => count(events) > before)
}

const isSettled = ({ type }: PanelEvent): boolean => type === 'settled'
const isStale = ({ type }: PanelEvent): boolean => type === 'stale'

const model = (id: string, input?: number, more: Partial<ModelInfo> = {}): ModelInfo => ({
  id,
  provider: 'anthropic',
  name: id,
  source: 'provider',
  ...(input !== undefined && { price: { input, output: 5 * input } }),
  ...more,
})

/** A window whose chats are named by a provider the test drives. */
function named(window: FakeWindow, models: ModelInfo[] = []) {
  const provider = new FakeProvider()
  const changed: string[] = []
  const asked: string[] = []
  const titles = new Titles({
    store: window.services.store,
    resilience: askOnce,
    log: window.services.log.from('request'),
    wanted: (id) => {
      asked.push(id)
      return id !== 'demo'
    },
    models: () => Promise.resolve(models),
    connect: () =>
      Promise.resolve({
        info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
        provider,
        status: 'set' as const,
        keyProfile: 'work',
      }),
    changed: (id) => changed.push(id),
  })
  return { provider, titles, changed, asked }
}

async function answered(page: FakePage, window: FakeWindow, question: string, answer: string): Promise<string> {
  await page.ready()
  await page.say(question)
  await more(page, isSettled, () => window.provider.send(...text(answer), ...end(answer)))
  return page.session.conversation
}

describe('titles of new chats', () => {
  let window: FakeWindow
  let page: FakePage
  beforeEach(() => {
    window = new FakeWindow()
    page = new FakePage(window)
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  it('are asked of a small model of the same provider, and what they cost is recorded with the chat', async () => {
    const { provider, titles, changed } = named(window, [
      model('claude-haiku-4-5', 1),
      model('claude-test', 3),
      model('claude-sonnet-4-5', 3),
      model('claude-opus-4-5', 5),
    ])
    const id = await answered(page, window, 'How do I test a ring buffer?', 'With properties.')
    provider.send(...text('"Testing a ring buffer."'), ...end('"Testing a ring buffer."'))
    await titles.write(id)
    const stored = window.services.store().conversations.get(id)
    assert.deepEqual([stored?.title, stored?.titledBy], ['Testing a ring buffer', 'model'])
    assert.deepEqual(changed, [id])
    const [request] = provider.requests
    assert.equal(request?.model, 'claude-haiku-4-5')
    assert.equal(request?.tools, undefined)
    assert.match(JSON.stringify(request?.messages), /How do I test a ring buffer\?.*With properties\./)
    const record = window.services.store().requests.list({ conversation: id })[0]
    assert.deepEqual(
      [record?.model, record?.conversation, record?.keyProfile, record?.cost],
      ['claude-haiku-4-5', id, 'work', (1000 * 1 + 100 * 5) / 1e6],
    )
  })

  it('are not asked for where the person has named the chat, also while the model writes', async () => {
    const { provider, titles } = named(window)
    const id = await answered(page, window, 'Hello', 'Hi.')
    const writing = titles.write(id)
    await page.ask('rename', { conversation: id, title: 'Mine' })
    provider.send(...text('Other'), ...end('Other'))
    await writing
    assert.equal(window.services.store().conversations.get(id)?.title, 'Mine')
    await titles.write(id)
    assert.equal(provider.requests.length, 1)
  })

  it('stay the first words where the model fails, and are tried once', async () => {
    const { provider, titles } = named(window)
    const id = await answered(page, window, 'Explain the borrow checker', 'It checks.')
    provider.send({ type: 'end', stop: { kind: 'failed', failure: { code: 'overloaded', message: 'Busy.' } } })
    await titles.write(id)
    await titles.write(id)
    assert.equal(provider.requests.length, 1)
    const stored = window.services.store().conversations.get(id)
    assert.equal(stored?.title, 'Explain the borrow checker')
  })

  it('are asked for after the first answer alone', async () => {
    const { provider, titles } = named(window)
    await answered(page, window, 'One', 'Uno')
    const id = await answered(page, window, 'Two', 'Due')
    await titles.write(id)
    assert.equal(provider.requests.length, 0)
  })

  it('are cleaned of what models put around them, and refused where they are none', () => {
    assert.equal(titleFrom('## Title: **Ring buffers**\n\nBecause you asked'), 'Ring buffers')
    assert.equal(titleFrom('“Fenêtres glissantes”'), 'Fenêtres glissantes')
    assert.equal(titleFrom(`${'word '.repeat(40)}`), undefined)
    assert.equal(titleFrom(' \n '), undefined)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        const title = titleFrom(words)
        assert.ok(title === undefined || (title.length > 0 && title.length <= 80 && !/[\n\u0000\u202e]/.test(title)))
      }),
    )
  })

  it('come from a cheaper model of the same vendor, never from a free one of another', () => {
    const gateway = [
      model('anthropic/claude-sonnet-4.5', 3),
      model('anthropic/claude-haiku-4.5', 1),
      model('other/tiny-8b', 0.01),
      model('other/tiny-8b:free', 0),
      model('anthropic/claude-mini-embed', 0.01),
    ]
    assert.equal(smallModel(gateway, 'anthropic/claude-sonnet-4.5')?.id, 'anthropic/claude-haiku-4.5')
    assert.equal(smallModel(gateway, 'anthropic/claude-haiku-4.5')?.id, 'anthropic/claude-haiku-4.5')
    // Nobody knows what the model that answered costs: another one might be dearer.
    assert.equal(smallModel([model('big'), model('big-mini', 1)], 'big')?.id, 'big')
    assert.equal(smallModel([], 'local'), undefined)
  })
})

describe('two windows over one database', () => {
  it('see each other’s chats, answers and names within a second', async () => {
    const here = new FakeWindow()
    const there = new FakeWindow({ path: here.path })
    const page = new FakePage(here)
    const id = await answered(page, here, 'First', 'One.')
    const other = new FakePage(there, id)
    await other.ready()
    let changes = 0
    const watch = new StoreWatch(there.services.store, () => {
      changes++
      other.session.lookAgain()
    })
    watch.start()

    await page.ask('rename', { conversation: id, title: 'Renamed here' })
    using time = new SteadyTime()
    const since = performance.now()
    await other.until((events) =>
      events.some((event) => event.type === 'conversation' && event.conversation.title === 'Renamed here'),
    )
    assert.ok(time.between(since) < 1_000)

    await more(other, isStale, () => page.say('Second'))
    assert.ok((await other.ready()).page.messages.length >= 3)
    const says = (event: PanelEvent): boolean =>
      event.type === 'message' && JSON.stringify(event.message).includes('Two.')
    await more(other, says, () => here.provider.send(...text('Two.'), ...end('Two.')))

    await more(other, isStale, () => page.ask('delete-chats', { conversations: [id] }))
    assert.notEqual(other.session.conversation, id)
    assert.ok(changes > 0)
    watch.stop()
    for (const one of [page, other]) one.session.dispose()
    here.close()
    there.close()
  })

  it('show an answer as interrupted soon after the window is gone that wrote it, which says nothing of it', async () => {
    const window = new FakeWindow()
    const writer = spawn(process.execPath, [DYING, window.path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [id] = (await once(writer.stdout, 'data')).map((data) => String(data).trim()) as [string]
    const page = new FakePage(window, id)
    const answerOf = async () => (await page.ready()).page.messages[1]
    assert.equal((await answerOf())?.state, 'streaming')
    const watch = new StoreWatch(window.services.store, () => page.session.lookAgain())
    watch.start()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.equal((await answerOf())?.state, 'streaming', 'it lives')
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    await page.until((events) =>
      events.some((event) => event.type === 'message' && event.message.state === 'interrupted'),
    )
    const answer = await answerOf()
    assert.equal(answer?.state, 'interrupted')
    assert.deepEqual(answer.message.content, [{ type: 'text', text: 'Half of it' }])
    watch.stop()
    page.session.dispose()
    window.close()
  })

  it('say nothing of what a window wrote itself', async () => {
    const window = new FakeWindow()
    const page = new FakePage(window)
    await answered(page, window, 'Hello', 'Hi.')
    const rest = async (): Promise<void> => {
      for (let turns = 0; turns < 30; turns++) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    let before = -1
    // What the end of the answer brings along is told a moment later.
    for (; before !== page.batches.length; await rest()) before = page.batches.length
    page.session.lookAgain()
    page.session.lookAgain()
    await rest()
    assert.deepEqual(
      page.batches.slice(before).flatMap(({ events }) => events),
      [],
    )
    page.session.dispose()
    window.close()
  })
})

describe('the list of chats', () => {
  it('is given a page at a time, with what can be filtered by', async () => {
    const window = new FakeWindow()
    const page = new FakePage(window)
    const ids: string[] = []
    for (const word of ['one', 'two', 'three']) {
      await page.ask('new', { keepChoice: false })
      ids.push(await answered(page, window, `Question ${word}`, `Answer ${word}.`))
    }
    const first = await page.ask('history', { limit: 2 })
    assert.deepEqual([first.conversations.length, first.more], [2, true])
    const rest = await page.ask('history', { limit: 2, offset: 2 })
    assert.deepEqual([rest.conversations.map(({ id }) => id), rest.more], [[ids[0]], false])
    const facets = await page.ask('history-facets', {})
    assert.deepEqual([facets.here, facets.workspaces], ['file:///project', ['file:///project']])
    await page.ask('pin-chats', { conversations: [ids[0]!], on: true })
    assert.equal((await page.ask('history', {})).conversations[0]?.id, ids[0])
    await page.ask('archive-chats', { conversations: [ids[1]!], on: true })
    assert.deepEqual(
      (await page.ask('history', { archived: true })).conversations.map(({ id }) => id),
      [ids[1]],
    )
    await page.ask('delete-chats', { conversations: [ids[0]!, ids[2]!] })
    assert.equal((await page.ask('history', {})).conversations.length, 0)
    await page.ask('restore-chats', { conversations: [ids[0]!, ids[2]!] })
    assert.equal((await page.ask('history', { search: 'answer thr' })).conversations[0]?.id, ids[2])
    page.session.dispose()
    window.close()
  })
})
