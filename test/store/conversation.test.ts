/** What the person and the program put down beside the messages, in both stores. */
import assert from 'node:assert/strict'
import type { Summary } from '../../src/shared/conversation.ts'
import type { Store } from '../../src/store/store.ts'
import { Place, answer, chain, stored, streaming } from './support.ts'

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`beside the messages, in ${kind}`, () => {
    let place: Place
    let store: Store
    let now: number
    beforeEach(() => {
      now = 1_000
      place = new Place()
      const clock = () => now
      store = kind === 'sqlite' ? place.open({ clock }) : place.tryOpen({ clock, sqlite: undefined }).store
    })
    afterEach(() => place.dispose())
    const start = () => store.conversations.create({ title: 'T' }).id

    it('a conversation keeps all that it is made and changed with', () => {
      const made = store.conversations.create({
        title: 'T',
        titledBy: 'words',
        agent: 'user:poet',
        workspace: 'file:///w',
        pinned: true,
        archived: true,
        createdAt: 5,
        updatedAt: 6,
      })
      assert.deepEqual(store.conversations.get(made.id), made)
      store.conversations.update(made.id, { titledBy: 'model', title: 'U', pinned: false, archived: false })
      store.conversations.update(made.id, { agent: null, workspace: 'file:///moved' })
      assert.deepEqual(store.conversations.get(made.id), {
        id: made.id,
        title: 'U',
        titledBy: 'model',
        workspace: 'file:///moved',
        createdAt: 5,
        updatedAt: 6,
      })
      store.conversations.update('nobody', { title: 'X' })
      assert.equal(store.conversations.get('nobody'), undefined)
    })

    it('a message keeps its pin, whatever is written of it, and what its request left out and was made with', () => {
      const id = start()
      const begun = streaming(id)
      store.journal.begin(begun)
      store.messages.setPinned(begun.id, true)
      const fitted = { left: 3, from: 'first', summary: 'sum' }
      const guidance = { files: [], agent: { id: 'user:poet', name: 'Poet' } } as never
      store.journal.finish({ ...begun, state: 'done', message: answer(), fitted, guidance })
      const read = store.messages.get(begun.id)
      assert.deepEqual([read?.pinned, read?.fitted, read?.guidance], [true, fitted, guidance])
      store.messages.setPinned(begun.id, false)
      assert.equal(store.messages.get(begun.id)?.pinned, undefined)
      const pinned = stored(id, { pinned: true })
      store.messages.append(pinned)
      assert.deepEqual(store.messages.get(pinned.id), pinned)
      store.messages.setPinned('nobody', true)
    })

    it('summaries are kept, replaced, taken away, and go and come with their conversation', () => {
      const id = start()
      const [through = ''] = chain(store, id, 2)
      const one: Summary = { id: 'one', conversation: id, through, text: 'It was so.', createdAt: 2 }
      const origin = { provider: 'openai', model: 'gpt' }
      const two: Summary = { ...one, id: 'two', createdAt: 1, origin, tokens: 7, cost: 0.5 }
      store.summaries.put(one)
      store.summaries.put(two)
      assert.deepEqual(store.summaries.list(id), [two, one])
      store.summaries.put({ ...one, text: 'Rather so.' })
      assert.equal(store.summaries.list(id)[1]?.text, 'Rather so.')
      assert.deepEqual(store.summaries.list(start()), [])
      assert.throws(() => store.summaries.put({ ...one, id: 'three', conversation: 'nowhere' }))
      store.conversations.delete(id)
      assert.deepEqual(store.summaries.list(id), [])
      store.conversations.restore(id)
      assert.equal(store.summaries.list(id).length, 2)
      store.summaries.remove('one')
      assert.deepEqual(store.summaries.list(id), [two])
      store.conversations.delete(id)
      store.conversations.purge(id)
      store.conversations.restore(id)
      assert.deepEqual(store.summaries.list(id), [])
    })

    it('what is deleted is gone at once, all of several, and comes back as it was within a day', () => {
      const ids = [start(), start(), start()]
      const leaves = ids.map((id) => chain(store, id, 2).at(-1) ?? '')
      const [first = '', second = '', third = ''] = ids
      store.conversations.delete([first, second])
      assert.deepEqual(
        store.conversations.list().map(({ id }) => id),
        [third],
      )
      const [leaf = ''] = leaves
      assert.equal(store.messages.get(leaf), undefined)
      assert.deepEqual(store.messages.branch(first, leaf), [])
      assert.deepEqual(store.messages.tree(first), [])
      assert.deepEqual(store.messages.siblings(leaf), [])
      assert.throws(() => store.messages.append(stored(first)))
      assert.throws(() => store.journal.begin(streaming(first)))
      now += 23 * 3_600_000
      store.conversations.purge()
      store.conversations.restore([first, second])
      assert.equal(store.conversations.list().length, 3)
      assert.equal(store.messages.branch(first, leaf).length, 2)

      store.conversations.delete(first)
      now += 25 * 3_600_000
      store.conversations.delete(second)
      store.conversations.purge(third)
      store.conversations.purge()
      store.conversations.restore(ids)
      assert.deepEqual(
        store.conversations.list().map(({ id }) => id),
        [third, second],
        'one that is not deleted was purged, or one that is was not',
      )
    })

    it('many deleted ones go in pieces that nobody feels, with their attachments, and nothing else does', () => {
      const file = (text: string) => {
        const blob = store.blobs.put(Buffer.from(text), 'text/plain')
        const message = {
          role: 'user' as const,
          content: [{ type: 'file' as const, media: { mediaType: 'text/plain', blob } }],
        }
        return { blob, message }
      }
      const shared = file('shared')
      const gone: string[] = []
      const many = Array.from({ length: 90 }, (_, at) => {
        const id = start()
        if (at % 9 === 0) {
          const own = file(`of ${at}`)
          gone.push(own.blob)
          store.messages.append(stored(id, { message: own.message }))
          store.messages.append(stored(id, { message: shared.message }))
        } else chain(store, id, 1 + (at % 20), 'sought')
        return id
      })
      const kept = many.pop()!
      store.messages.append(stored(kept, { message: shared.message }))
      store.conversations.delete(many)
      const recent = start()
      now += 25 * 3_600_000
      store.conversations.delete(recent)
      const isThere = (id: string): boolean => {
        store.conversations.restore(id)
        const there = store.conversations.get(id) !== undefined
        if (there && id !== kept) store.conversations.delete(id)
        return there
      }
      let steps = 1
      while (store.conversations.purgeSome()) steps++
      assert.ok(kind === 'memory' || steps >= 9, `${steps} steps`)
      assert.deepEqual(many.filter(isThere), [])
      assert.ok(isThere(kept) && isThere(recent))
      assert.ok(store.blobs.get(shared.blob))
      assert.deepEqual(
        gone.filter((blob) => store.blobs.get(blob)),
        [],
      )
    })

    it('attachments of a removed message go with it, once it cannot come back', () => {
      const id = start()
      const [kept, gone] = ['kept', 'gone'].map((text) => store.blobs.put(Buffer.from(text), 'text/plain'))
      const file = (blob = '') => ({ type: 'file', media: { mediaType: 'text/plain', blob } }) as const
      store.messages.append(stored(id, { message: { role: 'user', content: [file(kept)] } }))
      const one = stored(id, { message: { role: 'user', content: [file(kept), file(gone)] } })
      store.messages.append(one)
      store.messages.remove(one.id, 'message')
      store.conversations.purge()
      assert.ok(store.blobs.get(gone ?? ''))
      now += 25 * 3_600_000
      store.conversations.purge()
      assert.equal(store.blobs.get(gone ?? ''), undefined)
      assert.ok(store.blobs.get(kept ?? ''))
    })

    it('an answer and the results of its tools are removed as one, and come back as one', () => {
      const id = start()
      const [question = ''] = chain(store, id, 1)
      const call = stored(id, { parent: question, message: answer() })
      const results = stored(id, { parent: call.id, message: { role: 'tool', content: [] } })
      const end = stored(id, { parent: results.id, message: answer() })
      for (const message of [call, results, end]) store.messages.append(message)
      store.conversations.setLeaf(id, end.id)
      for (const meant of [call.id, results.id]) {
        const removal = store.messages.remove(meant, 'message')
        assert.deepEqual(
          store.messages.tree(id).map((node) => [node.id, node.parent]),
          [
            [question, null],
            [end.id, question],
          ],
        )
        assert.equal(removal?.leaf, end.id)
        assert.equal(store.messages.restoreRemoved(removal.token), true)
        assert.equal(store.messages.restoreRemoved(removal.token), false)
        assert.equal(store.messages.branch(id, end.id).length, 4)
      }
      const all = store.messages.remove([call.id, end.id], 'message')
      assert.equal(store.conversations.get(id)?.leaf, question)
      assert.equal(store.messages.remove(call.id, 'branch'), undefined)
      store.messages.restoreRemoved(all?.token ?? '')
      assert.equal(store.conversations.get(id)?.leaf, end.id)
    })
  })
}
