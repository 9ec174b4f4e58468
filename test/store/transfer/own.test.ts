import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Store } from '../../../src/store/store.ts'
import { importChats } from '../../../src/store/transfer/import.ts'
import { headline } from '../../../src/store/transfer/report.ts'
import { Place, answer, chain, stored } from '../support.ts'
import { anySeed, exported, grow, pieces, take } from './seeds.ts'

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`an export of the store in ${kind}`, () => {
    const places: Place[] = []
    const open = (): Store => {
      const place = new Place()
      places.push(place)
      return kind === 'sqlite' ? place.open() : place.tryOpen({ sqlite: undefined }).store
    }
    afterEach(() => places.splice(0).forEach((place) => place.dispose()))

    it('is the same after it was imported into an empty store, whatever the conversations hold', async function () {
      this.timeout(180_000)
      await fc.assert(
        fc.asyncProperty(
          fc.array(anySeed, { minLength: 1, maxLength: 3 }),
          fc.integer({ min: 1, max: 2_000 }),
          async (seeds, size) => {
            const [here, there] = [open(), open()]
            for (const seed of seeds) grow(here, seed)
            const text = exported(here)
            const report = await take(there, text, size)
            assert.equal(report.conversations, seeds.length)
            assert.deepEqual([...report.notes], [])
            assert.deepEqual(JSON.parse(exported(there)), JSON.parse(text))
            places.splice(0).forEach((place) => place.dispose())
          },
        ),
        { numRuns: 40 },
      )
    })

    it('is JSON with a format and a version, and one thing a line', () => {
      const store = open()
      grow(store, fc.sample(anySeed, { numRuns: 1, seed: 3 })[0]!)
      const text = exported(store)
      const document = JSON.parse(text) as Record<string, unknown>
      assert.deepEqual(Object.keys(document), [
        'format',
        'version',
        'exportedAt',
        'conversations',
        'requests',
        'attachments',
      ])
      assert.equal(document.format, 'panelist')
      assert.equal(document.version, 1)
      assert.ok(text.split('\n').length >= 6)
    })

    it('of one conversation holds that one alone, with its records and attachments', () => {
      const store = open()
      const [one] = fc.sample(anySeed, { numRuns: 5, seed: 1 }).map((seed) => grow(store, seed))
      const { conversations, requests } = JSON.parse(exported(store, one)) as Record<
        string,
        { id?: string; conversation?: string }[]
      >
      assert.deepEqual(
        conversations?.map(({ id }) => id),
        [one],
      )
      assert.deepEqual(
        requests?.map(({ conversation }) => conversation),
        [one],
      )
    })

    it('changes nothing where everything is here already', async () => {
      const store = open()
      for (const seed of fc.sample(anySeed, { numRuns: 4, seed: 2 })) grow(store, seed)
      const text = exported(store)
      const report = await take(store, text)
      assert.deepEqual([report.conversations, report.identical], [0, 4])
      assert.equal(headline(report), 'Nothing new: 4 conversations of this file were here already.')
      assert.equal(exported(store), text)
    })

    it('comes in as a copy beside a conversation that has changed since', async () => {
      const store = open()
      const id = store.conversations.create({ title: 'Mine' }).id
      const [, last] = chain(store, id, 2)
      store.conversations.setLeaf(id, last)
      const text = exported(store)
      store.messages.append(stored(id, { parent: last! }))
      const report = await take(store, text)
      assert.deepEqual(report.copies, ['Mine'])
      const all = store.conversations.list()
      assert.deepEqual(all.map((one) => one.messages).sort(), [2, 3])
      const copy = all.find((one) => one.messages === 2)!
      assert.notEqual(copy.id, id)
      const branch = store.messages.branch(copy.id, store.conversations.get(copy.id)!.leaf!)
      assert.deepEqual(
        branch.map(({ message }) => message),
        store.messages.branch(id, last!).map(({ message }) => message),
      )
    })

    it('leaves out a message that is being streamed no more than what has not come yet', () => {
      const store = open()
      const { id } = store.conversations.create({ title: 'T' })
      const message = stored(id, { state: 'streaming', message: answer() })
      store.journal.begin(message)
      const [conversation] = (JSON.parse(exported(store)) as { conversations: { messages: { state: string }[] }[] })
        .conversations
      assert.equal(conversation?.messages[0]?.state, 'interrupted')
    })

    it('is taken back whole where the person no longer wants it', async () => {
      const source = open()
      for (const seed of fc.sample(anySeed, { numRuns: 3, seed: 7 })) grow(source, seed)
      const text = exported(source)
      const store = open()
      const stop = new AbortController()
      const progress = (read: number): void => {
        if (read > text.length / 2) stop.abort(new Error('enough'))
      }
      await assert.rejects(
        importChats(store, pieces(Buffer.from(text), 100), { signal: stop.signal, progress }),
        /enough/,
      )
      assert.deepEqual(store.bulk.ids(), [])
    })
  })
}
