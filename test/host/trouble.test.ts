import assert from 'node:assert/strict'
import type { Batch } from '../../src/shared/protocol.ts'
import { FakePage, FakeWindow, end, text } from './fakes.ts'

const settled = (events: Batch['events']): boolean => events.some(({ type }) => type === 'settled')
const full = (): never => {
  throw new Error('database or disk is full')
}

describe('when the store cannot be written', () => {
  let window: FakeWindow
  let page: FakePage
  beforeEach(async () => {
    window = new FakeWindow()
    page = new FakePage(window)
    await page.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    page.session.dispose()
    window.close()
  })

  it('the answer is asked for and shown all the same, and stored as soon as that works', async () => {
    const { journal } = window.services.store()
    const { begin } = journal
    journal.begin = full
    await page.say('Hello')
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await page.until(settled)
    const told = page.batches.flatMap(({ events }) => events)
    assert.ok(told.some((event) => event.type === 'message' && event.message.message.role === 'assistant'))
    assert.equal(window.allStored, false)
    journal.begin = begin
    await window.services.answers.stopAll()
    assert.equal(window.allStored, true)
    assert.deepEqual((await page.ready()).page.messages[1]?.message.content, [{ type: 'text', text: 'Hi.' }])
  })

  it('a finished answer is shown as finished, and its end is not lost', async () => {
    const { journal } = window.services.store()
    const { finish } = journal
    journal.finish = full
    await page.say('Hello')
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await page.until(settled)
    const shown = (await page.ready()).page.messages[1]
    assert.equal(shown?.state, 'done')
    assert.deepEqual(shown.message.content, [{ type: 'text', text: 'Hi.' }])
    journal.finish = finish
    await window.services.answers.stopAll()
    assert.equal(window.services.store().messages.get(shown.id)?.state, 'done')
  })

  it('a record that cannot be kept does not end the answer a second time', async () => {
    window.services.store().requests.insert = full
    await page.say('Hello')
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await page.until(settled)
    await new Promise((resolve) => setTimeout(resolve, 60))
    const ends = page.batches.flatMap(({ events }) => events).filter(({ type }) => type === 'settled')
    assert.equal(ends.length, 1)
    assert.equal(page.session.stored() && (await page.ready()).page.messages[1]?.state, 'done')
  })
})

describe('two panels that show the same conversation', () => {
  let window: FakeWindow
  let one: FakePage
  let other: FakePage
  beforeEach(async () => {
    window = new FakeWindow()
    one = new FakePage(window)
    await one.ready()
    await one.say('Joke')
    window.provider.send(...text('bad'), ...end('bad'))
    await one.until(settled)
    other = new FakePage(window, one.session.conversation)
    await other.ready()
  })
  afterEach(async () => {
    await window.services.answers.stopAll()
    one.session.dispose()
    other.session.dispose()
    window.close()
  })

  it('both hear that an answer was tried again, and show the new one in its place', async () => {
    const [, answer] = (await one.ready()).page.messages
    await one.ask('retry', { message: answer!.id })
    await other.until((events) => events.some(({ type }) => type === 'stale'))
    const shown = (await other.ready()).page.messages
    assert.equal(shown.length, 2)
    assert.notEqual(shown[1]?.id, answer?.id)
  })

  it('both leave a conversation that is deleted', async () => {
    const deleted = one.session.conversation
    await one.ask('delete-chats', { conversations: [deleted] })
    assert.notEqual(one.session.conversation, deleted)
    assert.notEqual(other.session.conversation, deleted)
  })

  it('both show its new title', async () => {
    await one.ask('rename', { conversation: one.session.conversation, title: 'Better' })
    await other.until((events) =>
      events.some((event) => event.type === 'conversation' && event.conversation.title === 'Better'),
    )
  })

  it('say that they are busy instead of doing nothing', async () => {
    await one.say('more')
    const [, answer] = (await other.ready()).page.messages
    await assert.rejects(other.ask('retry', { message: answer!.id }), /Stop it first/)
  })
})

describe('a new chat', () => {
  it('keeps the name it is given before its first message', async () => {
    const window = new FakeWindow()
    const page = new FakePage(window)
    const { conversation } = await page.ready()
    await page.ask('rename', { conversation: conversation.id, title: 'Named' })
    await page.say('Hello')
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await page.until(settled)
    assert.equal((await page.ready()).conversation.title, 'Named')
    page.session.dispose()
    window.close()
  })

  it('can be stopped while it is still being found out who answers', async () => {
    const window = new FakeWindow()
    const page = new FakePage(window)
    window.chooses = new Promise(() => undefined)
    await page.ready()
    await page.say('Hello')
    await page.until((events) =>
      events.some((event) => event.type === 'message' && event.message.state === 'streaming'),
    )
    await page.ask('stop', {})
    await page.until(settled)
    window.chooses = undefined
    assert.equal((await page.ready()).page.messages[1]?.state, 'interrupted')
    page.session.dispose()
    window.close()
  })
})
