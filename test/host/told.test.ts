/** What a page is told of what it changed, and when: before it gets its answer. */
import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JsonObject } from '../../src/shared/json.ts'
import type { ConversationView, RequestBody, RequestName } from '../../src/shared/protocol.ts'
import type { FakePage } from './fakes.ts'
import { FailoverWindow } from './failover-window.ts'

describe('what a page changed of its chat', () => {
  let window: FailoverWindow
  let page: FakePage
  beforeEach(async () => {
    window = await FailoverWindow.open()
    page = window.page
    await page.ready()
  })
  afterEach(() => window[Symbol.asyncDispose]())

  /** The chat as the page was told of it when its request was answered. */
  async function told<Name extends RequestName>(
    name: Name,
    body: RequestBody<Name>,
  ): Promise<ConversationView | undefined> {
    const before = page.batches.length
    await page.ask(name, body)
    const events = page.batches.slice(before).flatMap((batch) => batch.events)
    return events.findLast((event) => event.type === 'conversation')?.conversation
  }

  it('is told before its request is answered', async () => {
    const anthropic = { provider: 'anthropic', label: 'Anthropic', by: 'chat' }
    assert.deepEqual((await told('never-send', { providers: ['anthropic'] }))?.barred, [anthropic])
    assert.equal((await told('never-send', { providers: [] }))?.chosen?.key, 'set')
    assert.equal((await told('options', { maxOutputTokens: 7 }))?.chosen?.maxOutputTokens, 7)
    assert.equal((await told('choose', { provider: 'litellm', model: 'gpt-test' }))?.chosen?.model, 'gpt-test')
    assert.deepEqual((await told('switch-tools', { off: ['read_file'] }))?.chosen?.toolsOff, ['read_file'])
    const conversation = page.session.conversation
    assert.equal((await told('rename', { conversation, title: 'Rings' }))?.title, 'Rings')
    assert.equal((await told('use-first', {}))?.id, conversation)
    assert.equal((await told('choose-agent', { agent: null }))?.id, conversation)
    assert.equal((await told('adopt', { provider: 'litellm' }))?.id, conversation)
  })

  it('is told before its request is answered where a message that waits is taken back', async () => {
    await page.say('Hello')
    const answer = await window.first.next()
    await page.ask('queue', { content: [{ type: 'text', text: 'And this' }] })
    const [waiting] = window.window.services.answers.queued(page.session.conversation)
    const view = await told('unqueue', { id: waiting?.id ?? '' })
    assert.deepEqual([view?.id, view?.queued], [page.session.conversation, undefined])
    await answer.answer('Hi.')
    await window.answer()
  })

  it('keeps each of several things that are changed at once', async () => {
    await Promise.all([
      page.ask('options', { maxOutputTokens: 7 }),
      page.ask('options', { thinking: 'high' }),
      page.ask('switch-tools', { off: ['read_file'] }),
    ])
    assert.deepEqual(page.session.stored()?.choice, {
      provider: 'anthropic',
      model: 'claude-test',
      maxOutputTokens: 7,
      thinking: 'high',
      toolsOff: ['read_file'],
    })
  })

  it('counts for a message that is sent right after it, also where it takes long to know which model answers', async () => {
    const { chooser } = window
    const choose = chooser.choose.bind(chooser)
    const known = Promise.withResolvers<void>()
    chooser.choose = async (...asked) => {
      chooser.choose = choose
      await known.promise
      return choose(...asked)
    }
    const changing = page.ask('options', { maxOutputTokens: 7 })
    const sending = page.say('Hello')
    for (let turns = 0; turns < 50; turns++) await nextTurn()
    known.resolve()
    await Promise.all([changing, sending])
    const turn = await window.first.next()
    assert.equal((turn.request.json() as JsonObject).max_tokens, 7)
    await turn.answer('Hi.')
    await window.answer()
  })

  it('is told with an answer that begins, so that it can be stopped at once', async () => {
    await page.say('Hello')
    await (await window.first.next()).answer('Hi.')
    await window.answer()
    const messages = page.batches.flatMap(({ events }) => events).filter((event) => event.type === 'message')
    for (const { message, begins } of messages)
      assert.equal(begins, message.state === 'streaming' ? true : undefined, message.message.role)
    assert.deepEqual(new Set(messages.map(({ begins }) => begins)), new Set([undefined, true]))
  })
})
