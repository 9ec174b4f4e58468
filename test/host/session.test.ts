import assert from 'node:assert/strict'
import type { AssistantMessage, StreamEvent } from '../../src/shared/message.ts'
import type { Batch, Snapshot } from '../../src/shared/protocol.ts'
import { startNew } from '../../src/host/handlers.ts'
import type { Draft } from '../../src/shared/reduce.ts'
import { reduce, resume, settle } from '../../src/shared/reduce.ts'
import { FakePage, FakeWindow, end, text } from './fakes.ts'

const settled = (events: Batch['events']): boolean => events.some(({ type }) => type === 'settled')
const streamed = (words: string) => (events: Batch['events']) => JSON.stringify(events).includes(words)

/** The answer as a page builds it: from its snapshot, then from the batches after it. */
function built(snapshot: Snapshot, batches: Batch[]): AssistantMessage {
  const drafts = new Map<string, Draft>()
  const take = (id: string, message: unknown): void => {
    if ((message as AssistantMessage).role === 'assistant') drafts.set(id, resume(message as AssistantMessage))
  }
  for (const { id, message } of snapshot.page.messages) take(id, message)
  for (const event of batches.filter(({ epoch }) => epoch === snapshot.epoch).flatMap(({ events }) => events)) {
    if (event.type === 'message') take(event.message.id, event.message.message)
    const draft = event.type === 'stream' ? drafts.get(event.id) : undefined
    if (event.type === 'stream' && draft) for (const one of event.events) reduce(draft, one as StreamEvent)
  }
  return settle([...drafts.values()].at(-1)!)
}

describe('a session', () => {
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

  it('shows a new conversation, streams its answer and tells its cost', async () => {
    const snapshot = await page.ready()
    assert.deepEqual(snapshot.page, { messages: [], more: false })
    await page.say('What is a monad?')
    window.provider.send(...text('A burrito.'), ...end('A burrito.'))
    await page.until(settled)
    const answer = built(snapshot, page.batches)
    assert.deepEqual(answer.content, [{ type: 'text', text: 'A burrito.' }])
    assert.equal(answer.stop.kind, 'done')
    const footer = page.batches.flatMap(({ events }) => events).find((event) => event.type === 'settled')
    assert.equal(footer?.state, 'done')
    assert.ok(Math.abs((footer?.cost ?? 0) - 0.0045) < 1e-12)
    const again = await page.ready()
    assert.deepEqual(
      again.page.messages.map(({ message }) => message.role),
      ['user', 'assistant'],
    )
    assert.equal(again.conversation.title, 'What is a monad?')
    const [record] = window.services.store().requests.list()
    assert.equal(record?.outcome, 'done')
    assert.equal(record?.input, 1000)
    assert.equal(record?.workspace, 'file:///project')
  })

  it('numbers its batches without a gap from 1 in every epoch', async () => {
    await page.ready()
    await page.say('Hello')
    window.provider.send(...text('one '))
    await page.until(streamed('one'))
    await page.ready()
    window.provider.send({ type: 'block-delta', index: 0, text: 'two ' }, ...end('one two '))
    await page.until(settled)
    const epochs = Map.groupBy(page.batches, ({ epoch }) => epoch)
    assert.equal(epochs.size, 2)
    for (const batches of epochs.values()) {
      assert.deepEqual(
        batches.map(({ seq }) => seq),
        batches.map((_, index) => index + 1),
      )
    }
  })

  it('tells once of all that changes at once, and again of what changes after it', async () => {
    await page.ready()
    const told = (): number =>
      page.batches.flatMap(({ events }) => events).filter(({ type }) => type === 'conversation').length
    await Promise.all(Array.from({ length: 20 }, () => page.session.refresh()))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(told(), 1)
    await page.session.refresh()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(told(), 2)
  })

  it('gives a page that reloads in mid-stream the whole answer', async () => {
    await page.ready()
    await page.say('Hello')
    window.provider.send(...text('before '))
    await page.until(streamed('before'))
    const snapshot = await page.ready()
    assert.equal(snapshot.conversation.running, snapshot.page.messages.at(-1)?.id)
    window.provider.send({ type: 'block-delta', index: 0, text: 'after' }, ...end('before after'))
    await page.until(settled)
    assert.deepEqual(built(snapshot, page.batches).content, [{ type: 'text', text: 'before after' }])
  })

  it('tells two panels that show the same conversation the same', async () => {
    await page.ready()
    await page.say('Hello')
    const other = new FakePage(window, page.session.conversation)
    const snapshot = await other.ready()
    window.provider.send(...text('both'), ...end('both'))
    await Promise.all([page.until(settled), other.until(settled)])
    assert.deepEqual(built(snapshot, other.batches).content, [{ type: 'text', text: 'both' }])
    other.session.dispose()
  })

  it('tells that an answer is being written, in the first turn and in those after it', async () => {
    await page.ready()
    for (const turn of ['first', 'second']) {
      const { length } = page.batches
      const since = () => page.batches.slice(length).flatMap(({ events }) => events)
      const running = () => since().some((event) => event.type === 'conversation' && event.conversation.running)
      await page.say(turn)
      await page.until(running)
      window.provider.send(...text(turn), ...end(turn))
      await page.until(() => settled(since()))
      await page.until(() => since().some((event) => event.type === 'conversation' && !event.conversation.running))
    }
  })

  it('shows a new conversation to a page that still asks for the one before', async () => {
    const { conversation } = await page.ready()
    await page.say('Hello')
    window.provider.send(...text('Hi'), ...end('Hi'))
    await page.until(settled)
    page.session.change()
    await page.until((events) => events.some(({ type }) => type === 'stale'))
    const snapshot = await page.ask('ready', { conversation: conversation.id })
    assert.notEqual(snapshot.conversation.id, conversation.id)
    assert.deepEqual(snapshot.page.messages, [])
  })

  it('shows a page that loads in a new window what it showed before', async () => {
    const { conversation } = await page.ready()
    const other = new FakePage(window)
    const snapshot = await other.ask('ready', { conversation: conversation.id })
    assert.equal(snapshot.conversation.id, conversation.id)
    other.session.dispose()
  })

  it('shows what the host wrote down, and not what a page remembers from before a crash', async () => {
    const other = new FakePage(window, 'newer')
    const snapshot = await other.ask('ready', { conversation: 'older' })
    assert.equal(snapshot.conversation.id, 'newer')
    other.session.dispose()
  })

  it('stops, keeps what had come, and goes on from there', async () => {
    await page.ready()
    await page.say('Count')
    window.provider.send(...text('one two'))
    await page.until(streamed('two'))
    await page.ask('stop', {})
    await page.until(settled)
    const [, partial] = (await page.ready()).page.messages
    assert.equal(partial?.state, 'interrupted')
    assert.deepEqual(partial?.message.content, [{ type: 'text', text: 'one two' }])
    await page.ask('continue', { message: partial!.id })
    window.provider.send(...text(' three'), ...end(' three'))
    await page.until(streamed('three'))
    const roles = window.provider.requests.at(-1)!.messages.map(({ role }) => role)
    assert.deepEqual(roles, ['user', 'assistant', 'user'])
  })

  it('keeps the old answer as a sibling when it is tried again', async () => {
    await page.ready()
    const { message: question } = await page.say('Joke')
    window.provider.send(...text('bad'), ...end('bad'))
    await page.until(settled)
    const [, first] = (await page.ready()).page.messages
    await page.ask('retry', { message: first!.id })
    window.provider.send(...text('good'), ...end('good'))
    await page.until((events) => events.filter(({ type }) => type === 'settled').length === 2)
    const shown = (await page.ready()).page.messages
    assert.equal(shown.length, 2)
    assert.deepEqual(shown[1]?.message.content, [{ type: 'text', text: 'good' }])
    const siblings = window.services.store().messages.children(page.session.conversation, question)
    assert.equal(siblings.length, 2)
    assert.deepEqual(window.provider.requests[1]?.messages.length, 1, 'the old answer is not sent')
  })

  it('answers an edited message on a branch of its own', async () => {
    await page.ready()
    await page.say('first')
    window.provider.send(...text('a'), ...end('a'))
    await page.until(settled)
    await page.ask('send', { content: [{ type: 'text', text: 'second' }], parent: null })
    window.provider.send(...text('b'), ...end('b'))
    await page.until((events) => events.some(({ type }) => type === 'stale'))
    const snapshot = await page.ready()
    assert.equal(snapshot.page.messages[0]?.message.content[0]?.type, 'text')
    assert.equal(JSON.stringify(window.provider.requests[1]?.messages).includes('first'), false)
  })

  it('shows the failure of a provider that cannot be used, in the place of the answer', async () => {
    window.choice = undefined
    const snapshot = await page.ready()
    assert.equal(snapshot.needsKey, true)
    await page.say('Hello')
    await page.until(settled)
    const { stop } = built(snapshot, page.batches)
    assert.equal(stop.kind === 'failed' && stop.failure.code, 'auth')
    const answer = (await page.ready()).page.messages[1]!
    assert.equal(answer.state, 'interrupted')
    const { message } = answer
    assert.ok(message.role === 'assistant' && message.stop.kind === 'failed')
    assert.equal(message.stop.failure.code, 'auth')
  })

  it('keeps a message in the chat it was sent in, where a new one begins before it is stored', async () => {
    await page.ready()
    const first = page.session.conversation
    const sent = page.ask('send', { content: [{ type: 'text', text: 'For the first chat' }] })
    startNew(page.session, false)
    const { message } = await sent
    assert.equal(window.services.store().messages.get(message)?.conversation, first)
    assert.deepEqual((await page.ready()).page.messages, [])
  })

  it('shows a new chat and no third one, where another window writes before the page has heard of it', async () => {
    await page.ready()
    await page.say('Hello')
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await page.until(settled)
    startNew(page.session, false)
    const fresh = page.session.conversation
    page.session.lookAgain()
    assert.equal(page.session.conversation, fresh)
  })

  it('refuses a second message while an answer is being written', async () => {
    await page.ready()
    await page.say('Hello')
    await assert.rejects(page.say('Again'), /Stop it first/)
  })

  it('pages a long conversation and never sends it whole', async () => {
    const store = window.services.store()
    const { id } = store.conversations.create({ title: 'Long' })
    let parent: string | null = null
    for (let index = 0; index < 500; index++) {
      const message = { role: 'user' as const, content: [{ type: 'text' as const, text: `message ${index}` }] }
      store.messages.append({ id: `m${index}`, conversation: id, parent, createdAt: index, state: 'done', message })
      parent = `m${index}`
    }
    store.conversations.setLeaf(id, parent!)
    const snapshot = await page.ask('open', { conversation: id })
    assert.ok(snapshot.page.messages.length < 50)
    assert.equal(snapshot.page.messages.at(-1)?.id, 'm499')
    const seen = [...snapshot.page.messages]
    for (let more = snapshot.page.more; more;) {
      const older = await page.ask('older', { before: seen[0]!.id })
      seen.unshift(...older.messages)
      more = older.more
    }
    assert.deepEqual(
      seen.map(({ id }) => id),
      Array.from({ length: 500 }, (_, index) => `m${index}`),
    )
  })

  it('keeps images in the store by their content and shows and sends them whole', async () => {
    await page.ready()
    const data = Buffer.from('not really a picture').toString('base64')
    await page.ask('send', {
      content: [
        { type: 'text', text: 'Look' },
        { type: 'file', media: { mediaType: 'image/png', data }, name: 'a.png' },
      ],
    })
    window.provider.send(...text('Nice'), ...end('Nice'))
    await page.until(settled)
    const [question] = (await page.ready()).page.messages
    const raw = window.services.store().messages.get(question!.id)
    assert.equal(JSON.stringify(raw).includes(data), false)
    assert.ok(JSON.stringify(question).includes(data))
    assert.ok(JSON.stringify(window.provider.requests[0]).includes(data))
  })

  it('sends no wire to the page', async () => {
    await page.ready()
    await page.say('Hello')
    const block = { type: 'thinking' as const, text: 'hm', wire: { signature: 'SEALED' } }
    window.provider.send({ type: 'block-start', index: 0, block }, { type: 'block-end', index: 0, block })
    window.provider.send({ type: 'usage', usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, wire: 'SEALED' } })
    window.provider.send({ type: 'end', stop: { kind: 'done' } })
    await page.until(settled)
    const told = JSON.stringify([page.batches, await page.ready()])
    assert.equal(told.includes('SEALED'), false)
    assert.ok(
      JSON.stringify(
        window.services
          .store()
          .messages.page(page.session.conversation, { leaf: page.session.stored()!.leaf!, limit: 9 }),
      ).includes('SEALED'),
    )
  })

  it('goes on after its page is gone, and a new window finds the answer', async () => {
    await page.ready()
    await page.say('Hello')
    page.session.dispose()
    window.provider.send(...text('still here'), ...end('still here'))
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const second = new FakeWindow({ path: window.path })
    const reopened = new FakePage(second, page.session.conversation)
    const snapshot = await reopened.ready()
    assert.deepEqual(snapshot.page.messages[1]?.message.content, [{ type: 'text', text: 'still here' }])
    second.close()
  })

  it('does not say of an answer that it runs once it has ended, however late that is said', async () => {
    await page.ready()
    await page.say('Hi')
    window.provider.send(...text('Hello'))
    await page.until((events) => events.some(({ type }) => type === 'stream'))
    const { chooser } = window.services
    const gate = Promise.withResolvers<boolean>()
    window.services.chooser = { ...chooser, needsKey: () => gate.promise }
    const late = page.session.refresh()
    window.provider.send(...end('Hello'))
    await page.until((events) => events.some(({ type }) => type === 'settled'))
    gate.resolve(false)
    await late
    await page.until((events) => events.some((event) => event.type === 'conversation' && !event.conversation.running))
    const told = page.batches.flatMap(({ events }) => events)
    const settled = told.findIndex(({ type }) => type === 'settled')
    for (const event of told.slice(settled)) {
      if (event.type === 'conversation') assert.equal(event.conversation.running, undefined)
    }
  })
})
