import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repair } from '../../../src/llm/repair.ts'
import type { StoredMessage } from '../../../src/shared/conversation.ts'
import { textOf } from '../../../src/shared/message.ts'
import type { Store } from '../../../src/store/store.ts'
import type { ImportOptions } from '../../../src/store/transfer/import.ts'
import { importChats } from '../../../src/store/transfer/import.ts'
import { headline, reportMarkdown } from '../../../src/store/transfer/report.ts'
import { Place } from '../support.ts'

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`))

/** What the chat shows: who spoke, and the kinds of what they said. */
const shape = (branch: readonly StoredMessage[]): string[] =>
  branch.map(({ message }) => `${message.role}: ${message.content.map(({ type }) => type).join(' ')}`)

describe('an import from another program', () => {
  let place: Place
  let store: Store
  beforeEach(() => {
    place = new Place()
    store = place.open()
  })
  afterEach(() => place.dispose())
  const take = (name: string, options?: ImportOptions) => importChats(store, [fixture(name)], options)
  /** Of ours one is archived. */
  const all = () => [...store.conversations.list(), ...store.conversations.list({ archived: true })]
  const branchOf = (title: string): StoredMessage[] => {
    const { id } = all().find((one) => one.title === title)!
    return store.messages.branch(id, store.conversations.get(id)!.leaf!)
  }

  describe('of ChatGPT', () => {
    const picture = Buffer.from('iVBORw0KGgo', 'base64')
    const find = (id: string) =>
      id === 'file_00000000e72471f5958f1b40867122cd' ? { bytes: picture, mediaType: 'image/png' } : undefined

    it('takes the branch that was shown, with thoughts, calls and their results as one answer', async () => {
      await take('chatgpt', { find })
      assert.deepEqual(shape(branchOf('Sorting in Rust')), [
        'user: file text text text',
        'assistant: thinking tool-call tool-result text',
        'user: text',
        'assistant: text',
      ])
    })

    it('keeps titles, dates, models, sources and what was cut off', async () => {
      await take('chatgpt', { find })
      const [conversation] = all()
      assert.ok(conversation?.archived)
      assert.equal(conversation?.createdAt, 1736209400512)
      assert.equal(conversation.updatedAt, 1736209999250)
      const branch = branchOf('Sorting in Rust')
      assert.equal(branch[0]?.createdAt, 1736209400600)
      const [, answer, , last] = branch.map(({ message }) => message)
      assert.ok(answer?.role === 'assistant' && last?.role === 'assistant')
      assert.deepEqual([answer.origin.model, last.origin.model], ['o3', 'gpt-4o'])
      assert.equal(
        textOf(answer.content),
        'Use `sort`. ([doc.rust-lang.org](https://doc.rust-lang.org/std/primitive.slice.html)) It is stable.',
      )
      assert.equal(branch[3]?.state, 'interrupted')
      assert.equal(last.stop.kind, 'aborted')
    })

    it('keeps the other answers as siblings', async () => {
      await take('chatgpt')
      const branch = branchOf('Sorting in Rust')
      const answers = store.messages.children(branch[0]!.conversation, branch[0]!.id)
      assert.deepEqual(
        answers.map(({ message }) => textOf(message.content).slice(0, 10)),
        ['Use `sort`', 'Another an'],
      )
    })

    it('takes pictures that came with it and names those that did not', async () => {
      const report = await take('chatgpt', { find })
      const [question] = branchOf('Sorting in Rust')
      const [file, ...rest] = question!.message.content
      assert.ok(file?.type === 'file' && file.media.blob !== undefined)
      assert.deepEqual(Buffer.from(store.blobs.get(file.media.blob)!.bytes), picture)
      assert.equal(file.name, 'list.png')
      assert.match(textOf(rest), /photo\.jpg.*report\.pdf/s)
      assert.equal(report.attachments, 1)
      assert.equal(report.notes.get('attachments that the export names but does not hold'), 2)
    })

    it('says what it took and what not', async () => {
      const report = await take('chatgpt')
      assert.equal(headline(report), 'Imported 1 conversation with 5 messages.')
      const markdown = reportMarkdown('conversations.json', report)
      assert.match(markdown, /data export of ChatGPT/)
      assert.match(markdown, /3 × attachments that the export names but does not hold/)
      assert.match(markdown, /1 × custom instructions and memories/)
      assert.match(markdown, /1 conversation without anything in it/)
    })
  })

  describe('of Claude', () => {
    it('takes the branch that was shown, with text of attachments as files', async () => {
      const report = await take('claude')
      const branch = branchOf('Garden plan')
      assert.deepEqual(shape(branch), [
        'user: file text text',
        'assistant: thinking tool-call tool-result text',
        'user: text',
        'assistant: text',
      ])
      const [file] = branch[0]!.message.content
      assert.ok(file?.type === 'file' && file.media.blob !== undefined)
      assert.equal(Buffer.from(store.blobs.get(file.media.blob)!.bytes).toString(), 'loam, pH 6.5')
      assert.equal(store.messages.children(branch[1]!.conversation, branch[1]!.id).length, 2)
      assert.equal(report.notes.get('parts of the kind “voice_note”'), 1)
    })

    it('takes older exports, which are plain lists without titles and models', async () => {
      await take('claude')
      const branch = branchOf('Who was Ada Lovelace?')
      assert.deepEqual(shape(branch), ['user: text', 'assistant: text'])
      assert.equal(branch[0]?.createdAt, Date.parse('2024-05-01T10:00:01Z'))
    })
  })

  describe('of VS Code', () => {
    it('takes text around references as one, with calls, thinking, failures and how long it took', async () => {
      const report = await take('vscode')
      const branch = branchOf('Fix the bug in #file:parse.ts')
      assert.deepEqual(shape(branch), [
        'user: text text',
        'assistant: thinking tool-call tool-result text text',
        'user: text',
        'assistant: text',
        'user: text',
        'assistant: ',
      ])
      const [, answer, , cut, , failed] = branch
      assert.ok(answer?.message.role === 'assistant')
      assert.equal(answer.message.origin.model, 'claude-sonnet-4')
      assert.equal(answer.timing?.durationMs, 3000)
      assert.match(textOf(answer.message.content), /^The bug is in `parse\.ts`: an off-by-one\./)
      assert.deepEqual([cut?.state, failed?.state], ['interrupted', 'interrupted'])
      assert.ok(failed?.message.role === 'assistant' && failed.message.stop.kind === 'failed')
      assert.equal(failed.message.stop.failure.message, 'Sorry, your request failed.')
      assert.deepEqual(
        [...report.notes.keys()],
        [
          'attachments that the export names but does not hold',
          'edits of files (the names of the files are taken)',
          'parts of the kind “somethingNew”',
        ],
      )
    })
  })

  for (const name of ['chatgpt', 'claude', 'vscode']) {
    it(`of ${name} can be continued with any provider`, async () => {
      await take(name)
      for (const { id } of all()) {
        const branch = store.messages.branch(id, store.conversations.get(id)!.leaf!)
        const history = repair(
          branch.map(({ message }) => message),
          'anthropic',
          'anthropic',
        )
        assert.equal(history[0]?.role, 'user')
        const blocks = history.flatMap(({ content }) => content)
        assert.ok(blocks.every(({ type }) => type === 'text' || type === 'file'))
      }
    })

    it(`of ${name} is taken once, also after it was continued here`, async () => {
      await take(name)
      const before = all().length
      const { id } = all()[0]!
      const leaf = store.conversations.get(id)!.leaf!
      const message = { role: 'user', content: [{ type: 'text', text: 'Go on' }] } as const
      store.messages.append({
        id: 'more',
        conversation: id,
        parent: leaf,
        createdAt: Date.now(),
        state: 'done',
        message: structuredClone(message) as never,
      })
      const report = await take(name)
      assert.equal(report.conversations, 0)
      assert.equal(report.identical, before)
      assert.equal(all().length, before)
    })
  }
})
