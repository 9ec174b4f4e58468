/** What was typed while an answer was written, when its window ends before that went out. */
import assert from 'node:assert/strict'
import { FakePage, FakeWindow, end, memory, text } from './fakes.ts'

describe('a message that was typed while an answer is written', () => {
  const windows: FakeWindow[] = []
  afterEach(() => {
    for (const window of windows.splice(0)) window.close()
  })

  /** A window of the same workspace, and a panel that shows this conversation. */
  const open = async (kept: ReturnType<typeof memory>, conversation?: string) => {
    const window = new FakeWindow({ memory: kept })
    windows.push(window)
    const page = new FakePage(window, conversation)
    await page.ready()
    return { window, page }
  }
  const typed = (words: string) => ({ content: [{ type: 'text' as const, text: words }] })
  const queued = async (page: FakePage) =>
    (await page.ready()).conversation.queued?.map(({ content }) => content).flat() ?? []
  const waitFor = async (page: FakePage, words: string): Promise<void> => {
    await page.until((events) => JSON.stringify(events).includes(words))
  }

  /** A window whose answer goes on, with two messages behind it. */
  const before = async (kept: ReturnType<typeof memory>) => {
    const { window, page } = await open(kept)
    await page.say('Go')
    window.provider.send(...text('Thinking'))
    await waitFor(page, 'Thinking')
    await page.ask('queue', typed('And then this'))
    await page.ask('queue', typed('Not this'))
    const second = (await page.ready()).conversation.queued?.[1]
    await page.ask('unqueue', { id: second?.id ?? '' })
    return { window, page }
  }

  for (const how of ['crashes', 'closes'] as const)
    it(`is there again where the window ${how}, and goes out with the next one`, async () => {
      const kept = memory()
      const first = await before(kept)
      if (how === 'closes') await first.window.services.answers.stopAll()
      const { window, page } = await open(kept, first.page.session.conversation)
      assert.deepEqual(await queued(page), typed('And then this').content)
      await page.say('Hello')
      window.provider.send(...text('Yes.'), ...end('Yes.'))
      window.provider.send(...text('That too.'), ...end('That too.'))
      await waitFor(page, 'That too.')
      assert.match(JSON.stringify(window.provider.requests), /And then this/)
      assert.deepEqual(await queued(page), [])
      const third = await open(kept, first.page.session.conversation)
      assert.deepEqual(await queued(third.page), [])
      await first.window.services.answers.stopAll()
    })

  it('does not come back, once it has gone out, by what another window keeps', async () => {
    const kept = memory()
    const first = await before(kept)
    const chat = first.page.session.conversation
    const other = await open(kept)
    // It reads what is kept, and goes on with a chat of its own.
    assert.deepEqual(other.window.services.answers.queued(chat).length, 1)
    const [waiting] = first.window.services.answers.queued(chat)
    await first.page.ask('unqueue', { id: waiting?.id ?? '' })
    await other.page.say('Elsewhere')
    other.window.provider.send(...text('Thinking'))
    await waitFor(other.page, 'Thinking')
    await other.page.ask('queue', typed('Of the other'))
    const third = await open(kept, chat)
    assert.deepEqual(await queued(third.page), [])
    const fourth = await open(kept, other.page.session.conversation)
    assert.deepEqual(await queued(fourth.page), typed('Of the other').content)
    for (const { window } of [first, other]) await window.services.answers.stopAll()
  })

  it('goes into the chat it was written in, whichever is shown when it is sent', async () => {
    const { window, page } = await open(memory())
    await page.say('Hello')
    const chat = page.session.conversation
    window.provider.send(...text('Hi.'), ...end('Hi.'))
    await waitFor(page, 'Hi.')
    await page.until(() => window.services.answers.count === 0)
    await page.ask('new', { keepChoice: false })
    await page.ask('send', { ...typed('And then this'), conversation: chat })
    const { messages } = window.services.store()
    const words = JSON.stringify(messages.branch(chat, window.services.store().conversations.get(chat)!.leaf!))
    assert.match(words, /And then this/)
    assert.equal(page.session.stored(), undefined)
    await window.services.answers.stopAll()
  })

  it('is kept no longer than its chat', async () => {
    const kept = memory()
    const first = await before(kept)
    const { window, page } = await open(kept, first.page.session.conversation)
    window.services.answers.tell(page.session.conversation, { type: 'deleted' })
    const third = await open(kept, first.page.session.conversation)
    assert.deepEqual(await queued(third.page), [])
    await first.window.services.answers.stopAll()
  })
})
