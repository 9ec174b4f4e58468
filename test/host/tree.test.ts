/** The tree of a conversation, as a page walks, grows and prunes it: over the real store, a provider driven by the test. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { StreamEvent } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import type { Snapshot } from '../../src/shared/protocol.ts'
import type { MessageView } from '../../src/shared/view.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { said } from '../../src/tools/tool.ts'
import { tool } from '../harness/turn.ts'
import { chosen, end, FakePage, FakeWindow, text } from './fakes.ts'

const answer = (words: string): StreamEvent[] => [...text(words), ...end(words)]
const cutOff = (words: string): StreamEvent[] => [
  ...text(words),
  { type: 'block-end', index: 0, block: { type: 'text', text: words } },
  { type: 'end', stop: { kind: 'limit', of: 'output' } },
]
const words = ({ message }: MessageView): string => textOf(message.content as never)

describe('the tree of a conversation', () => {
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

  const idle = async (): Promise<void> => {
    while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const shown = async (of = page): Promise<MessageView[]> => (await of.ready()).page.messages
  const lines = async (of = page): Promise<string[]> => (await shown(of)).map(words)
  /** A question and its answer at the end of the shown branch. */
  const turn = async (question: string, reply: string): Promise<void> => {
    await page.say(question)
    window.provider.send(...answer(reply))
    await idle()
  }
  const idOf = async (line: string): Promise<string> => (await shown()).find((one) => words(one) === line)!.id

  describe('when it is walked', () => {
    beforeEach(async () => {
      await turn('one', 'One.')
      await turn('two', 'Two.')
      const question = (await shown())[2]!
      await page.ask('send', { content: [{ type: 'text', text: 'zwei' }], parent: question.parent })
      window.provider.send(...answer('Zwei.'))
      await idle()
    })

    it('says what stands beside a message, and shows a branch down to its newest end', async () => {
      const [, , question] = await shown()
      assert.deepEqual(question?.siblings?.at, 1)
      assert.equal((await shown())[3]?.siblings, undefined)
      const snapshot = await page.ask('walk', { message: question.siblings.ids[0]! })
      assert.deepEqual(snapshot.page.messages.map(words), ['one', 'One.', 'two', 'Two.'])
      assert.equal(snapshot.page.messages[2]?.siblings?.at, 0)
    })

    it('takes other panels along, so that what is sent there goes below what it shows', async () => {
      const other = new FakePage(window, page.session.conversation)
      await other.ready()
      const before = page.batches.length
      await page.ask('walk', { message: (await shown())[2]!.siblings!.ids[0]! })
      await other.until((events) => events.some(({ type }) => type === 'stale'))
      assert.deepEqual(await lines(other), ['one', 'One.', 'two', 'Two.'])
      // Whoever walked has the new branch already.
      assert.ok(!page.batches.slice(before).some(({ events }) => events.some(({ type }) => type === 'stale')))
      other.session.dispose()
    })

    it('reaches up to the message that was gone to, however long its branch', async () => {
      const first = await page.ask('walk', { message: (await shown())[2]!.siblings!.ids[0]! })
      for (let times = 0; times < 25; times++) await turn(`more ${times}`, `More ${times}.`)
      const question = first.page.messages[2]!
      const snapshot = await page.ask('walk', { message: question.id })
      assert.ok(snapshot.page.messages.some(({ id }) => id === question.id))
      assert.ok(snapshot.page.messages.length > 50)
    })

    it('goes on from any message, and says that there is more below', async () => {
      const snapshot = await page.ask('branch', { message: await idOf('One.') })
      assert.deepEqual(snapshot.page.messages.map(words), ['one', 'One.'])
      assert.ok(snapshot.conversation.further)
      await turn('three', 'Three.')
      assert.deepEqual(await lines(), ['one', 'One.', 'three', 'Three.'])
      assert.equal((await page.ready()).conversation.further, undefined)
      assert.equal((await shown())[2]?.siblings?.ids.length, 3)
      const { nodes, leaf } = await page.ask('tree', {})
      assert.equal(nodes.length, 8)
      assert.equal(leaf, (await shown()).at(-1)?.id)
    })
  })

  describe('while an answer is being written', () => {
    it('lets it go on in its branch where the person has gone to another one', async () => {
      await turn('one', 'One.')
      const [, first] = await shown()
      await page.ask('retry', { message: first!.id })
      await page.ready()
      window.provider.send(...text('Anot'))
      await page.until((events) => JSON.stringify(events).includes('Anot'))
      const walked = await page.ask('walk', { message: first!.id })
      assert.deepEqual(walked.page.messages.map(words), ['one', 'One.'])
      assert.ok(walked.conversation.running)
      const before = page.batches.length
      window.provider.send({ type: 'block-delta', index: 0, text: 'her.' }, ...end('Another.'))
      await idle()
      await page.until((events) => events.at(-1)?.type === 'conversation')
      const told = page.batches.slice(before).flatMap(({ events }) => events)
      assert.ok(
        !told.some(({ type }) => type === 'stream' || type === 'message' || type === 'stale'),
        JSON.stringify(told),
      )
      assert.deepEqual(await lines(), ['one', 'One.'])
      const back = await page.ask('walk', { message: (await shown())[1]!.siblings!.ids[1]! })
      assert.deepEqual(back.page.messages.map(words), ['one', 'Another.'])
    })

    it('keeps its tools, results and next steps in that branch', async () => {
      const run = (): Promise<ReturnType<typeof said>> => Promise.resolve(said('done'))
      const tools = () => Promise.resolve(new Toolbox([tool({ name: 'look', run })]))
      const other = new FakeWindow({ tools })
      const there = new FakePage(other)
      await there.ready()
      await there.say('one')
      other.provider.send(...answer('One.'))
      while (other.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      const [, first] = (await there.ready()).page.messages
      await there.ask('retry', { message: first!.id })
      await there.ask('walk', { message: first!.id })
      const block = {
        type: 'tool-call' as const,
        id: 'c',
        name: 'look',
        ranBy: 'host' as const,
        json: '{"city":"x"}',
        input: { city: 'x' },
      }
      other.provider.send(
        { type: 'block-start', index: 0, block: { ...block, json: '' } },
        { type: 'block-end', index: 0, block },
        { type: 'end', stop: { kind: 'tools' } },
      )
      while (other.provider.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 1))
      other.provider.send(...answer('Looked.'))
      while (other.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      const messages = (await there.ready()).page.messages
      assert.deepEqual(messages.map(words), ['one', 'One.'])
      const walked = await there.ask('walk', { message: messages[1]!.siblings!.ids[1]! })
      assert.deepEqual(
        walked.page.messages.map(({ message }) => message.role),
        ['user', 'assistant', 'tool', 'assistant'],
      )
      there.session.dispose()
      other.close()
    })

    it('does not take away what it is written below', async () => {
      await turn('one', 'One.')
      const [question, first] = await shown()
      await page.ask('retry', { message: first!.id })
      const refused = (messages: string[], what: 'message' | 'branch') =>
        assert.rejects(page.ask('remove-messages', { messages, what }), /being written/)
      await refused([question!.id], 'branch')
      await refused([question!.id], 'message')
      await page.ask('remove-messages', { messages: [first!.id], what: 'branch' })
      window.provider.send(...answer('Again.'))
      await idle()
      assert.deepEqual(await lines(), ['one', 'Again.'])
    })
  })

  it('has an answer made by another model stand beside the first, and the chat keep its own', async () => {
    await turn('one', 'One.')
    const asked: unknown[] = []
    const { answers } = window.services
    const start = answers.start.bind(answers)
    answers.start = (conversation, parent) => {
      asked.push(conversation.choice)
      return start(conversation, parent)
    }
    await page.ask('retry-with', { message: await idOf('One.'), model: { provider: 'openai', model: 'gpt-5' } })
    window.provider.send(...answer('Eins.'))
    await idle()
    assert.deepEqual(asked, [{ provider: 'openai', model: 'gpt-5' }])
    assert.deepEqual(await lines(), ['one', 'Eins.'])
    assert.equal((await shown())[1]?.siblings?.ids.length, 2)
    assert.equal(page.session.stored()?.choice, undefined)
    assert.equal((await page.ready()).conversation.chosen?.model, chosen.model)
  })

  it('gives back what was deleted, and what was shown with it', async () => {
    await turn('one', 'One.')
    await turn('two', 'Two.')
    const { undo } = await page.ask('remove-messages', { messages: [await idOf('one')], what: 'message' })
    assert.deepEqual(await lines(), ['One.', 'two', 'Two.'])
    const all = await page.ask('remove-messages', { messages: [await idOf('two')], what: 'branch' })
    assert.deepEqual(await lines(), ['One.'])
    await page.ask('restore-messages', all)
    assert.deepEqual(await lines(), ['One.', 'two', 'Two.'])
    await page.ask('restore-messages', { undo })
    assert.deepEqual(await lines(), ['one', 'One.', 'two', 'Two.'])
    await assert.rejects(page.ask('restore-messages', { undo }), /no longer be undone/)
  })

  describe('with an answer that was cut off', () => {
    it('goes on from it as one answer: joined before the model, in copies and for whoever looks for words', async () => {
      await page.say('one')
      window.provider.send(...cutOff('It is a lo'))
      await idle()
      const [, first] = await shown()
      await page.ask('continue', { message: first!.id })
      window.provider.send(...answer('It is a long story.'))
      await idle()
      assert.equal(window.provider.requests[1]?.goesOn, true)
      assert.match(JSON.stringify(window.provider.requests[1].messages.at(-1)), /<last-words>It is a lo</)
      assert.equal(((await shown()).at(-1)!.message as { goesOn?: string }).goesOn, 'asked')
      await turn('two', 'Two.')
      assert.deepEqual(
        window.provider.requests[2]?.messages.map(({ content }) => textOf(content)),
        ['one', 'It is a long story.', 'two'],
      )
      assert.equal(window.provider.requests[2].goesOn, undefined)
      assert.deepEqual(await page.ask('find-text', { text: 'a LONG story', matchCase: false }), [
        { message: first!.id, count: 1 },
      ])
      assert.deepEqual(await page.ask('find-text', { text: 'LONG', matchCase: true }), [])
      const copied: string[] = []
      window.services.desk.copy = async (value) => void copied.push(value)
      await page.ask('copy-markdown', { messages: (await shown()).slice(1, 3).map(({ id }) => id) })
      assert.equal(copied[0]?.trim(), 'It is a long story.')
    })
  })

  it('copies a message, or all that is shown, as Markdown', async () => {
    const copied: string[] = []
    window.services.desk.copy = async (value) => void copied.push(value)
    await turn('one', '**One.**')
    await page.ask('copy-markdown', { messages: [await idOf('**One.**')] })
    await page.ask('copy-markdown', {})
    assert.equal(copied[0]?.trim(), '**One.**')
    assert.match(copied[1] ?? '', /^# one\n\n## You\n\none\n\n## /)
  })

  it('whatever is edited, tried again, walked, branched from and deleted: keeps every message, and shows a path of it', async function () {
    this.timeout(60_000)
    const step = fc.record({
      kind: fc.constantFrom('say', 'edit', 'retry', 'walk', 'branch', 'remove', 'cut', 'undo'),
      at: fc.nat({ max: 50 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const one = new FakePage(window)
        await one.ready()
        const known = new Set<string>()
        const undos: { undo: string; gone: Set<string> }[] = []
        const store = window.services.store()
        const id = one.session.conversation
        const present = (): Set<string> =>
          new Set(store.conversations.get(id) ? store.messages.tree(id).map((node) => node.id) : [])
        for (const { kind, at } of steps) {
          const { page: now, comparison }: Snapshot = await one.ready()
          const pick = now.messages[at % Math.max(1, now.messages.length)]
          const user = now.messages.findLast(({ message }) => message.role === 'user')
          const last = now.messages.findLast(({ message }) => message.role === 'assistant')
          // Where several answers stand side by side, the person chooses one first.
          if (comparison && kind === 'say') await assert.rejects(one.say(`say ${at}`), /Choose the answer/)
          else if (kind === 'say' || !pick) await one.say(`say ${at}`)
          else if (kind === 'edit')
            await one.ask('send', { content: [{ type: 'text', text: `edit ${at}` }], parent: user?.parent ?? null })
          else if (kind === 'retry' && last) await one.ask('retry', { message: last.id })
          else if (kind === 'walk') {
            const all = [...present()]
            const to = all[at % all.length]!
            const snapshot = await one.ask('walk', { message: to })
            assert.ok(snapshot.page.messages.some((message) => message.id === to))
          } else if (kind === 'branch') {
            const snapshot = await one.ask('branch', { message: pick.id })
            assert.equal(snapshot.page.messages.at(-1)?.id, pick.id)
          } else if (kind === 'remove' || kind === 'cut') {
            const before = present()
            const { undo } = await one.ask('remove-messages', {
              messages: [pick.id],
              what: kind === 'cut' ? 'branch' : 'message',
            })
            const after = present()
            const gone = new Set([...before].filter((each) => !after.has(each)))
            assert.ok(gone.has(pick.id))
            if (kind === 'remove') assert.equal(gone.size, 1)
            for (const each of gone) known.delete(each)
            undos.push({ undo, gone })
          } else if (kind === 'undo') {
            const last = undos.pop()
            if (last) await one.ask('restore-messages', { undo: last.undo })
            for (const each of last?.gone ?? []) known.add(each)
          }
          if (window.services.answers.count > 0) window.provider.send(...answer(`answer ${at}`))
          await idle()
          const there = present()
          for (const each of known) assert.ok(there.has(each), `${kind} lost a message`)
          for (const each of there) known.add(each)
          const { page: shown } = await one.ready()
          shown.messages.forEach((message, place) => {
            assert.equal(message.parent, shown.messages[place - 1]?.id ?? null)
            if (message.siblings) assert.equal(message.siblings.ids[message.siblings.at], message.id)
          })
        }
        one.session.dispose()
      }),
      { numRuns: 25 },
    )
  })
})
