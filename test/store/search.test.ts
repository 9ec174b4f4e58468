/** Search and filters, the same in every index there is. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import type { Block } from '../../src/shared/message.ts'
import type { ListOptions, Store } from '../../src/store/store.ts'
import { MODEL, Place, answer, stored, streaming } from './support.ts'

const kinds = {
  'with FTS5': (place: Place, clock: () => number) => place.open({ clock, fullText: true }),
  'without FTS5': (place: Place, clock: () => number) => place.open({ clock, fullText: false }),
  'in memory': (place: Place, clock: () => number) => place.tryOpen({ clock, sqlite: undefined }).store,
}
const said = (...texts: string[]) => texts.map((text) => ({ type: 'text', text }) as const)
const question = (text: string) => ({ role: 'user' as const, content: said(text) })
const toolResult = (text: string) => ({
  role: 'tool' as const,
  content: [
    { type: 'tool-result' as const, callId: 'c', name: 'read_file', ranBy: 'host' as const, output: said(text) },
  ],
})

for (const [kind, open] of Object.entries(kinds)) {
  describe(`searching chats ${kind}`, () => {
    let place: Place
    let store: Store
    let now: number
    beforeEach(() => {
      now = 1_000
      place = new Place()
      store = open(place, () => now)
    })
    afterEach(() => place.dispose())

    /** A conversation with these messages; each one that is made is newer than those before. */
    const chat = (title: string, ...messages: StoredMessage['message'][]): string => {
      now++
      const { id } = store.conversations.create({ title })
      let parent: string | null = null
      for (const message of messages) {
        const one: StoredMessage = stored(id, { parent, message })
        store.messages.append(one)
        parent = one.id
      }
      return id
    }
    const titles = (options: ListOptions | string) =>
      store.conversations.list(typeof options === 'string' ? { search: options } : options).map(({ title }) => title)
    const marked = (search: string) =>
      store.conversations
        .list({ search })
        .map(({ found }) => found?.marks.map(([from, to]) => found.text.slice(from, to)).join('|'))

    it('finds every word in one message, the last as a beginning, in any case and without accents', () => {
      chat('One', question('How do I parse a Cronjob line?'))
      chat('Two', question('parse'), answer(said('a CRÖNTAB')))
      assert.deepEqual(titles('parse cronj'), ['One'])
      assert.deepEqual(titles('CRON'), ['Two', 'One'])
      assert.deepEqual(titles('cron'), ['Two', 'One'])
      assert.deepEqual(titles('crontab parse'), [], 'words of two messages were taken together')
      assert.deepEqual(titles('cronj parse'), [], 'a word before the last was taken for a beginning')
      assert.deepEqual(marked('parse cronj'), ['parse|Cronjob'])
      assert.deepEqual(marked('crontab'), ['CRÖNTAB'])
    })

    it('finds words that the title and one message share between them', () => {
      chat('Deploying the shop', question('Which port does redis use?'))
      chat('Deploying', question('nothing'), answer(said('redis')))
      assert.deepEqual(titles('shop redis'), ['Deploying the shop'])
      assert.deepEqual(titles('deploy redis'), ['Deploying', 'Deploying the shop'])
      assert.deepEqual(titles('hop'), ['Deploying the shop'], 'a part of a title')
      assert.equal(store.conversations.list({ search: 'shop' })[0]?.found, undefined)
    })

    it('takes what is joined by signs for words that follow each other', () => {
      chat('Path', question('see src/store/open.ts there'))
      chat('Apart', question('open the store, ts and src'))
      assert.deepEqual(titles('store/open.ts'), ['Path'])
      assert.deepEqual(marked('store/op'), ['store/open'])
      for (const search of ['"', 'AND', '*', 'NEAR(', "o'pen", '%', '_', '"store" OR']) titles(search)
      assert.deepEqual(titles('%'), [])
    })

    it('finds parts of sentences in scripts without spaces, and words in any other', () => {
      chat('Chinese', question('如何解析日志文件？'))
      chat('Japanese', question('ログを解析する'))
      chat('Greek', question('ΟΔΟΣ'))
      chat('Korean', question('로그 파일을'))
      assert.deepEqual(titles('解析'), ['Japanese', 'Chinese'])
      assert.deepEqual(titles('日志'), ['Chinese'])
      assert.deepEqual(marked('日志文'), ['日志文'])
      assert.deepEqual(titles('οδος'), ['Greek'])
      assert.deepEqual(titles('파일'), ['Korean'])
    })

    it('prefers the newest message, and text to what tools gave, and never looks at thoughts', () => {
      chat(
        'Chat',
        question('a needle first'),
        answer([{ type: 'thinking', text: 'secretly' }, ...said('the needle second')]),
        toolResult('the needle of a tool, and a thimble'),
      )
      const [found] = store.conversations.list({ search: 'needle' })
      assert.deepEqual(found?.found, {
        message: found?.found?.message,
        role: 'assistant',
        text: 'the needle second',
        marks: [[4, 10]],
      })
      assert.equal(store.conversations.list({ search: 'thimble' })[0]?.found?.role, 'tool')
      assert.deepEqual(titles('secretly'), [])
    })

    it('shows the words around what was found, and marks all of it', () => {
      const [before, after] = ['lorem ipsum '.repeat(100), ' dolor sit'.repeat(100)]
      chat('Long', question(`${before}😀 needle and\nneedles${after}`))
      const found = store.conversations.list({ search: 'needle' })[0]?.found
      assert.ok(found)
      assert.ok(found.text.length < 200 && found.text.startsWith('…') && found.text.endsWith('…'), found.text)
      assert.ok(found.text.includes('😀 needle and needles dolor'))
      assert.deepEqual(marked('needle'), ['needle|needles'])
    })

    it('follows what is written, changed, finished, removed and deleted', () => {
      const id = chat('Chat', question('first'))
      const one = stored(id, { message: question('before') })
      store.messages.append(one)
      store.messages.update({ ...one, message: question('after') })
      assert.deepEqual([titles('before'), titles('after')], [[], ['Chat']])

      const begun = streaming(id)
      store.journal.begin(begun)
      store.journal.append(begun.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: 'streamed' } }])
      assert.deepEqual(titles('streamed'), [])
      store.journal.finish({ ...begun, state: 'done', message: answer(said('streamed')) })
      assert.deepEqual(titles('streamed'), ['Chat'])

      const removal = store.messages.remove(one.id, 'message')
      assert.deepEqual(titles('after'), [])
      store.messages.restoreRemoved(removal?.token ?? '')
      assert.deepEqual(titles('after'), ['Chat'])

      store.conversations.delete(id)
      assert.deepEqual(titles('after'), [])
      store.conversations.restore(id)
      assert.deepEqual(titles('after'), ['Chat'])
      store.conversations.delete(id)
      store.conversations.purge(id)
      store.conversations.restore(id)
      assert.deepEqual(titles('after'), [])
      chat('Other', question('after'))
      assert.deepEqual(titles('after'), ['Other'])
    })

    it('filters by workspace, provider, model, agent, date and archive, also what is searched', () => {
      const make = (title: string, fields: object, provider: string, model: string): void => {
        now++
        const { id } = store.conversations.create({ title, ...fields })
        store.messages.append(stored(id, { message: question('word') }))
        const message = { ...answer(), origin: { provider, dialect: 'x', model } }
        store.messages.append(stored(id, { message }))
      }
      make('a', { workspace: 'file:///one', agent: 'user:poet' }, 'openai', 'gpt')
      make('b', { workspace: 'file:///two' }, 'openrouter', 'gpt')
      make('c', {}, 'openai', 'gpt-mini')
      make('d', { archived: true, agent: 'user:critic' }, 'openai', 'gpt')
      const cases: [ListOptions, string[]][] = [
        [{}, ['c', 'b', 'a']],
        [{ archived: true }, ['d']],
        [{ workspace: 'file:///one' }, ['a']],
        [{ agent: 'user:poet' }, ['a']],
        [{ provider: 'openai' }, ['c', 'a']],
        [{ model: 'gpt' }, ['b', 'a']],
        [{ provider: 'openai', model: 'gpt' }, ['a']],
        [{ since: 1_002 }, ['c', 'b']],
        [{ until: 1_002 }, ['a']],
        [{ since: 1_002, until: 1_003 }, ['b']],
        [{ offset: 1 }, ['b', 'a']],
        [{ offset: 1, limit: 1 }, ['b']],
      ]
      for (const [options, expected] of cases) {
        assert.deepEqual(titles(options), expected, JSON.stringify(options))
        assert.deepEqual(titles({ ...options, search: 'word' }), expected, JSON.stringify(options))
      }
      assert.deepEqual(store.conversations.facets(), {
        workspaces: ['file:///one', 'file:///two'],
        models: [
          { provider: 'openai', model: 'gpt' },
          { provider: 'openai', model: 'gpt-mini' },
          { provider: 'openrouter', model: 'gpt' },
        ],
        agents: ['user:critic', 'user:poet'],
      })
    })

    it('lists pinned ones first, and says what of each', () => {
      const [old, young] = [chat('Old', question('x'), answer()), chat('Young', question('x'))]
      store.conversations.update(old, { pinned: true, titledBy: 'person', agent: 'user:poet' })
      assert.deepEqual(titles({}), ['Old', 'Young'])
      assert.deepEqual(titles('x'), ['Old', 'Young'])
      const [first] = store.conversations.list()
      const { createdAt, updatedAt } = store.conversations.get(old) ?? {}
      const rest = { id: old, title: 'Old', createdAt, updatedAt, messages: 2, models: [MODEL] }
      assert.deepEqual(first, { ...rest, pinned: true, titledBy: 'person', agent: 'user:poet' })
      store.conversations.update(old, { pinned: false, agent: null })
      assert.deepEqual(titles({}), ['Young', 'Old'])
      const { agent, pinned } = store.conversations.get(old) ?? {}
      assert.deepEqual([agent, pinned], [undefined, undefined])
      store.conversations.update(young, { archived: true })
      assert.deepEqual([titles({}), titles({ archived: true })], [['Old'], ['Young']])
    })
  })
}

describe('searching chats', () => {
  it('finds the same in every index, and what a plain reading finds', () => {
    const places = Object.values(kinds).map((open) => {
      const place = new Place()
      return { place, store: open(place, () => 1) }
    })
    const word = fc.constantFrom(
      'alpha',
      'alphabet',
      'beta',
      'be',
      'gamma',
      'straße',
      'Ünder',
      '日',
      '日本',
      'a1',
      '42',
    )
    const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '))
    const content = fc.array(text, { minLength: 1, maxLength: 3 })
    let run = 0
    const property = fc.property(
      content,
      text,
      fc.array(word, { minLength: 1, maxLength: 3 }),
      (texts, title, words) => {
        const id = `conversation-${++run}`
        // Only this run's: others would hide behind the limit.
        const workspace = id
        for (const { store } of places) store.conversations.create({ id, title, workspace })
        texts.forEach((one, at) => {
          const message = stored(id, {
            id: `${id}-${at}`,
            message: { role: 'user', content: said(one) as Block[] as never },
          })
          for (const { store } of places) store.messages.append(message)
        })
        const search = words.join(' ')
        const [first, ...others] = places.map(({ store }) => store.conversations.list({ search, workspace }))
        for (const other of others) assert.deepEqual(other, first)

        const inText = (one: string, place: number) => (text: string) => {
          const last = place === words.length - 1
          if (/日/.test(one)) return text.includes(one)
          return text.split(/ |(?<=日)|(?=日)/).some((each) => (last ? each.startsWith(one) : each === one))
        }
        const inTitle = words.map((one, place) => title.includes(one) || inText(one, place)(title))
        const expected =
          inTitle.every(Boolean) || texts.some((text) => words.every((one, at) => inTitle[at] || inText(one, at)(text)))
        assert.equal(first?.length, expected ? 1 : 0, JSON.stringify({ texts, title, search }))
      },
    )
    try {
      fc.assert(property, { numRuns: 150 })
    } finally {
      for (const { place } of places) place.dispose()
    }
  }).timeout(90_000)
})
