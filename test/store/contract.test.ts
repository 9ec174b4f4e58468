import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Message, StreamEvent } from '../../src/shared/message.ts'
import { reduceAll } from '../../src/shared/reduce.ts'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import type { Store } from '../../src/store/store.ts'
import { anyBlock, anyEvent, anyJson } from './arbitraries.ts'
import { MODEL, ORIGIN, Place, answer, chain, cutInto, stored, streaming } from './support.ts'

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`the store in ${kind}`, () => {
    let place: Place
    let store: Store
    let now: number
    beforeEach(() => {
      now = 5_000
      place = new Place()
      const clock = () => now
      store = kind === 'sqlite' ? place.open({ clock }) : place.tryOpen({ clock, sqlite: undefined }).store
      assert.equal(store.durable, kind === 'sqlite')
    })
    afterEach(() => place.dispose())
    const start = (title = 'Title', workspace?: string) =>
      store.conversations.create({ title, ...(workspace !== undefined && { workspace }) }).id

    describe('conversations', () => {
      it('are read back as they were made', () => {
        const choice = { provider: 'openai', model: 'gpt', maxOutputTokens: 100, thinking: 'high' } as const
        const made = store.conversations.create({ id: 'mine', title: 'T', workspace: 'file:///w', choice })
        assert.deepEqual(made, {
          id: 'mine',
          title: 'T',
          workspace: 'file:///w',
          choice,
          createdAt: 5_000,
          updatedAt: 5_000,
        })
        assert.deepEqual(store.conversations.get('mine'), made)
        assert.equal(store.conversations.get('other'), undefined)
      })

      it('change one field at a time', () => {
        const id = start()
        const created = store.conversations.get(id)
        now = 6_000
        store.conversations.update(id, { title: 'New' })
        store.conversations.setChoice(id, { provider: 'ollama', model: 'm' })
        store.conversations.setLeaf(id, 'leaf')
        const choice = { provider: 'ollama', model: 'm' }
        assert.deepEqual(store.conversations.get(id), { ...created, title: 'New', choice, leaf: 'leaf' })
        store.conversations.setChoice(id, undefined)
        store.conversations.setLeaf(id, undefined)
        store.conversations.touch(id)
        assert.deepEqual(store.conversations.get(id), { ...created, title: 'New', updatedAt: 6_000 })
      })

      it('keep whom nothing of them is sent to, whatever is chosen, and also where nothing is', () => {
        const choice = { provider: 'ollama', model: 'm' }
        const id = start()
        const created = store.conversations.get(id)
        store.conversations.update(id, { neverSendTo: ['openai', 'google'] })
        assert.deepEqual(store.conversations.get(id), { ...created, neverSendTo: ['openai', 'google'] })
        store.conversations.setChoice(id, choice)
        store.conversations.update(id, { title: 'New' })
        const all = { ...created, title: 'New', choice, neverSendTo: ['openai', 'google'] }
        assert.deepEqual(store.conversations.get(id), all)
        store.conversations.setChoice(id, undefined)
        store.conversations.update(id, { neverSendTo: ['google'] })
        assert.deepEqual(store.conversations.get(id), { ...created, title: 'New', neverSendTo: ['google'] })
        store.conversations.update(id, { neverSendTo: [] })
        assert.deepEqual(store.conversations.get(id), { ...created, title: 'New' })
        const made = store.conversations.create({ title: 'T', choice, neverSendTo: ['openai'] })
        assert.deepEqual(store.conversations.get(made.id), made)
      })

      it('are listed newest first, with their count, once they have messages', () => {
        const [first, second, empty] = [start('First'), start('Second', 'file:///w'), start('Empty')]
        chain(store, first, 3)
        chain(store, second, 1)
        const ids = () => store.conversations.list().map((one) => one.id)
        assert.deepEqual(ids(), [second, first])
        now = 9_000
        store.conversations.touch(first)
        store.conversations.touch(empty)
        assert.deepEqual(ids(), [first, second])
        assert.deepEqual(store.conversations.list({ limit: 1 }), [
          { id: first, title: 'First', createdAt: 5_000, updatedAt: 9_000, messages: 3, models: [MODEL] },
        ])
        assert.deepEqual(store.conversations.list({ workspace: 'file:///w' }), [
          {
            id: second,
            title: 'Second',
            createdAt: 5_000,
            updatedAt: 5_000,
            workspace: 'file:///w',
            messages: 1,
            models: [],
          },
        ])
      })

      it('are found by the words of their title, in any order and case, and no character is a wildcard', () => {
        for (const title of ['Ärger mit Öl', '100% sicher', 'under_score', 'plain']) chain(store, start(title), 1)
        const found = (search: string) => store.conversations.list({ search }).map((one) => one.title)
        assert.deepEqual(found('ÖL ärger'), ['Ärger mit Öl'])
        assert.deepEqual(found('%'), ['100% sicher'])
        assert.deepEqual(found('_'), ['under_score'])
        assert.deepEqual(found(' '), ['plain', 'under_score', '100% sicher', 'Ärger mit Öl'])
        assert.deepEqual(found('nothing'), [])
      })

      it('take their messages with them when deleted, and leave others alone', () => {
        const [gone, kept] = [start(), start()]
        const [lost] = chain(store, gone, 2)
        const [safe] = chain(store, kept, 2)
        store.journal.begin(streaming(gone, { id: 'written' }))
        store.conversations.delete(gone)
        assert.equal(store.conversations.get(gone), undefined)
        assert.equal(store.messages.get(lost ?? ''), undefined)
        assert.ok(store.messages.get(safe ?? ''))
        store.journal.append('written', [{ type: 'start', origin: ORIGIN }])
        store.journal.finish(streaming(gone, { id: 'written', state: 'done' }))
        assert.equal(store.messages.get('written'), undefined, 'a deleted answer came back')
      })

      it('take along the attachments that nothing else names, once they are purged', () => {
        const [gone, kept] = [start(), start()]
        const bytes = ['one', 'two', 'three'].map((text) => Buffer.from(text))
        const [only, shared, unnamed] = bytes.map((one) => store.blobs.put(one, 'text/plain'))
        const file = (blob = '') => ({ type: 'file', media: { mediaType: 'text/plain', blob } }) as const
        store.messages.append(stored(gone, { message: { role: 'user', content: [file(only), file(shared)] } }))
        store.messages.append(stored(kept, { message: { role: 'user', content: [file(shared)] } }))
        store.conversations.delete(gone)
        assert.ok(store.blobs.get(only ?? ''), 'an attachment is gone that may be wanted back')
        store.conversations.purge(gone)
        assert.equal(store.blobs.get(only ?? ''), undefined)
        assert.ok(store.blobs.get(shared ?? ''))
        assert.ok(store.blobs.get(unnamed ?? ''), 'an attachment that is not sent yet was deleted')
      })
    })

    describe('messages', () => {
      it('come back as they were, whatever JSON they hold', () => {
        const conversation = start()
        const anyMessage: fc.Arbitrary<Message> = fc.oneof(
          fc.array(anyBlock).map((content) => answer(content)),
          anyJson.map((value) => ({
            role: 'tool' as const,
            content: [
              { type: 'tool-result' as const, callId: 'c', name: 'n', ranBy: 'host' as const, output: [], wire: value },
            ],
          })),
        )
        fc.assert(
          fc.property(anyMessage, fc.option(fc.double({ noNaN: true, min: 0 })), (message, cost) => {
            const timing = { startedAt: 1, firstTokenMs: 2.5 }
            const one = stored(conversation, { message, timing, ...(cost !== null && { cost }) })
            store.messages.append(one)
            assert.deepEqual(store.messages.get(one.id), one)
          }),
        )
      })

      it('are not connected to the values they were made from', () => {
        const one = stored(start(), { message: answer([{ type: 'text', text: 'before' }]) })
        store.messages.append(one)
        const expected = structuredClone(one)
        Object.assign(one.message.content[0] ?? {}, { text: 'after' })
        Object.assign(store.messages.get(one.id)?.message.content[0] ?? {}, { text: 'after' })
        assert.deepEqual(store.messages.get(one.id), expected)
      })

      it('are updated in place, and only where they exist', () => {
        const one = stored(start())
        store.messages.append(one)
        const changed = {
          ...one,
          state: 'interrupted',
          message: answer(),
          timing: { startedAt: 7 },
          cost: 0.5,
        } as const
        store.messages.update(changed)
        assert.deepEqual(store.messages.get(one.id), changed)
        store.messages.update({ ...changed, id: 'nobody' })
        assert.equal(store.messages.get('nobody'), undefined)
      })

      it('cannot be added twice, nor to a conversation that is not there', () => {
        const one = stored(start())
        store.messages.append(one)
        assert.throws(() => store.messages.append(one))
        assert.throws(() => store.messages.append(stored('nowhere')))
        assert.throws(() => store.journal.begin(streaming('nowhere')))
      })

      it('are paged from the leaf upwards without gap or overlap', () => {
        const conversation = start()
        const ids = chain(store, conversation, 10)
        const leaf = ids.at(-1) ?? ''
        const read: string[] = []
        let before: string | undefined
        for (let more = true; more;) {
          const page = store.messages.page(conversation, { leaf, limit: 4, ...(before !== undefined && { before }) })
          read.unshift(...page.messages.map((message) => message.id))
          before = page.messages[0]?.id
          more = page.more
        }
        assert.deepEqual(read, ids)
        assert.equal(store.messages.page(conversation, { leaf, limit: 10 }).more, false)
        assert.equal(store.messages.page(conversation, { leaf, limit: 9 }).more, true)
        assert.deepEqual(store.messages.page(conversation, { leaf: 'unknown', limit: 4 }), {
          messages: [],
          more: false,
        })
      })

      it('form branches: each leaf has its own chain, and siblings keep their order', () => {
        const conversation = start()
        const [root = '', answered = ''] = chain(store, conversation, 2)
        const again = stored(conversation, { parent: root, message: answer() })
        store.messages.append(again)
        const ids = (leaf: string) => store.messages.branch(conversation, leaf).map((message) => message.id)
        assert.deepEqual(ids(answered), [root, answered])
        assert.deepEqual(ids(again.id), [root, again.id])
        const children = (parent: string | null) => store.messages.children(conversation, parent).map(({ id }) => id)
        assert.deepEqual(children(root), [answered, again.id])
        assert.deepEqual(children(null), [root])
        assert.deepEqual(store.messages.branch(start(), answered), [], 'a branch reached into another conversation')
      })

      it('that form a circle are read once', () => {
        const conversation = start()
        store.messages.append(stored(conversation, { id: 'a', parent: 'b' }))
        store.messages.append(stored(conversation, { id: 'b', parent: 'a' }))
        assert.deepEqual(
          store.messages.branch(conversation, 'a').map((message) => message.id),
          ['b', 'a'],
        )
      })
    })

    describe('the journal', () => {
      it('shows an answer as far as it was appended, however its events were cut', () => {
        const conversation = start()
        fc.assert(
          fc.property(fc.array(anyEvent, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 8 }), (events, cuts) => {
            const begun = streaming(conversation)
            store.journal.begin(begun)
            for (const piece of cutInto(events, cuts)) store.journal.append(begun.id, piece)
            assert.deepEqual(store.messages.get(begun.id), { ...begun, message: reduceAll(ORIGIN, events) })
          }),
        )
      })

      it('gives way to the finished message, and what comes later is ignored', () => {
        const conversation = start()
        const begun = streaming(conversation, { timing: { startedAt: 1 } })
        store.journal.begin({ ...begun, state: 'done' })
        assert.equal(store.messages.get(begun.id)?.state, 'streaming')
        const delta: StreamEvent = { type: 'block-start', index: 0, block: { type: 'text', text: 'late' } }
        store.journal.append(begun.id, [delta])
        const final = {
          ...begun,
          state: 'done',
          message: answer(),
          timing: { startedAt: 1, durationMs: 2 },
          cost: 1,
        } as const
        store.journal.finish(final)
        store.journal.append(begun.id, [delta])
        assert.deepEqual(store.messages.get(begun.id), final)
        assert.deepEqual(store.messages.branch(conversation, begun.id), [final])
      })

      it('never recovers what this window streams', () => {
        const begun = streaming(start())
        store.journal.begin(begun)
        now += 3_600_000
        assert.deepEqual(store.journal.recover(), [])
        assert.equal(store.messages.get(begun.id)?.state, 'streaming')
      })
    })

    it('keeps attachments by their content', () => {
      const bytes = Uint8Array.from([0, 1, 2, 255])
      const hash = store.blobs.put(bytes, 'image/png')
      assert.equal(hash, '3d1f57c984978ef98a18378c8166c1cb8ede02c03eeb6aee7e2f121dfeee3e56')
      assert.equal(store.blobs.put(bytes, 'image/gif'), hash)
      bytes.fill(9)
      assert.deepEqual(store.blobs.get(hash), { bytes: Uint8Array.from([0, 1, 2, 255]), mediaType: 'image/png' })
      assert.equal(store.blobs.get('unknown'), undefined)
    })

    it('keeps one record a request, also after its conversation is gone', () => {
      const counts = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, reasoning: 5 }
      const least: RequestRecord = {
        id: 'least',
        provider: 'ollama',
        model: 'm',
        startedAt: 2_000,
        durationMs: 1.5,
        attempt: 1,
        outcome: 'aborted',
        ...counts,
      }
      const conversation = start()
      const full: RequestRecord = {
        ...least,
        id: 'full',
        startedAt: 1_000,
        keyProfile: 'work',
        agent: 'coder',
        conversation,
        workspace: 'file:///w',
        firstTokenMs: 0.25,
        cost: 0.001,
        attempt: 2,
        failoverFrom: 'openai',
        outcome: 'failed',
        failureCode: 'overloaded',
        httpStatus: 529,
        requestId: 'req_1',
      }
      store.requests.insert(full)
      store.requests.insert(least)
      store.conversations.delete(conversation)
      assert.deepEqual(store.requests.list(), [least, full])
      assert.deepEqual(store.requests.list({ limit: 1 }), [least])
      assert.deepEqual(store.requests.list({ conversation }), [full])
    })

    it('keeps the record of a request once, as it was recorded first', () => {
      const counts = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0, durationMs: 1 }
      const about = { id: 'twice', provider: 'p', model: 'm', startedAt: 1_000, attempt: 1, outcome: 'done' as const }
      const first = { ...about, ...counts, cost: 0.5 }
      store.requests.insert(first)
      store.requests.insert({ ...first, cost: 0.7 })
      assert.deepEqual(store.requests.list(), [first])
      const { requests, cost } = store.usage.report({}).totals
      assert.deepEqual([requests, cost], [1, 0.5])
    })

    it('keeps the last model list of each provider', () => {
      assert.equal(store.modelCache.get('openai'), undefined)
      const model = { id: 'm', provider: 'openai', name: 'M', source: 'provider' } as const
      store.modelCache.set('openai', { models: [model], fetchedAt: 1 })
      store.modelCache.set('openai', { models: [model, { ...model, id: 'n' }], fetchedAt: 2 })
      assert.deepEqual(store.modelCache.get('openai'), { models: [model, { ...model, id: 'n' }], fetchedAt: 2 })
    })

    it('can be closed twice', () => {
      store.close()
      store.close()
    })
  })
}
