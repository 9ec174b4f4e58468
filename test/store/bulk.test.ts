import assert from 'node:assert/strict'
import type { RequestRecord } from '../../src/shared/usage-record.ts'
import type { Store } from '../../src/store/store.ts'
import { Place, answer, chain, stored, streaming } from './support.ts'

const record = (id: string, conversation?: string): RequestRecord => ({
  id,
  provider: 'openai',
  model: 'gpt',
  ...(conversation !== undefined && { conversation }),
  startedAt: 1,
  durationMs: 2.5,
  input: 1,
  output: 2,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  attempt: 1,
  outcome: 'done',
})

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`whole conversations in the store in ${kind}`, () => {
    let place: Place
    let store: Store
    beforeEach(() => {
      place = new Place()
      store = kind === 'sqlite' ? place.open() : place.tryOpen({ sqlite: undefined }).store
    })
    afterEach(() => place.dispose())
    const start = () => store.conversations.create({ title: 'Title' }).id

    it('are read with the messages of every branch, in the order they were written', () => {
      const [id, empty] = [start(), start()]
      const [first] = chain(store, id, 2)
      const other = stored(id, { parent: first!, message: answer([{ type: 'text', text: 'other' }]), createdAt: 5 })
      store.messages.append(other)
      assert.deepEqual(store.bulk.ids(), [id])
      const whole = store.bulk.read(id)
      assert.deepEqual(whole?.conversation, store.conversations.get(id))
      assert.equal(whole?.messages.length, 3)
      assert.deepEqual(whole.messages[2], other)
      assert.equal(store.bulk.read('none'), undefined)
      assert.deepEqual(store.bulk.read(empty)?.messages, [])
    })

    it('hold an answer that is being streamed as an interrupted one, with what has come', () => {
      const id = start()
      const message = streaming(id)
      store.journal.begin(message)
      store.journal.append(message.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: 'so far' } }])
      const [read] = store.bulk.read(id)?.messages ?? []
      assert.equal(read?.state, 'interrupted')
      assert.deepEqual(read.message.content, [{ type: 'text', text: 'so far' }])
    })

    it('are the same after they were inserted elsewhere and revealed, and are in no list before', () => {
      const id = start()
      chain(store, id, 4)
      const [first, second] = store.bulk.read(id)!.messages
      store.conversations.setLeaf(id, second!.id)
      store.conversations.update(id, { pinned: true, archived: true, agent: 'mine', titledBy: 'person' })
      store.messages.setPinned(first!.id, true)
      store.summaries.put({ id: 's', conversation: id, through: second!.id, text: 'Short', createdAt: 3, tokens: 4 })
      const whole = store.bulk.read(id)!
      const there = new Place()
      try {
        const other = kind === 'sqlite' ? there.open() : there.tryOpen({ sqlite: undefined }).store
        other.bulk.insert([whole])
        assert.deepEqual(other.conversations.list(), [])
        assert.deepEqual(other.bulk.ids(), [])
        assert.deepEqual(other.conversations.list({ search: 'x' }), [])
        assert.ok(other.bulk.isTaken(id))
        other.bulk.reveal([id], [record('r', id)])
        assert.deepEqual(other.bulk.read(id), whole)
        assert.equal(other.conversations.list({ archived: true }).length, 1)
        assert.deepEqual(other.summaries.list(id), whole.summaries)
        assert.deepEqual(other.requests.list(), [record('r', id)])
      } finally {
        there.dispose()
      }
    })

    it('are all inserted or none', () => {
      const id = start()
      chain(store, id, 1)
      const whole = store.bulk.read(id)!
      const fresh = { conversation: { ...whole.conversation, id: 'fresh' }, messages: [stored('fresh')] }
      assert.throws(() => store.bulk.insert([fresh, whole]))
      assert.ok(!store.bulk.isTaken('fresh'))
      assert.ok(!store.bulk.isTaken(fresh.messages[0]!.id))
    })

    it('are gone when they are discarded, with their attachments', () => {
      const hash = store.blobs.put(new Uint8Array([1, 2, 3]), 'image/png')
      const file = { type: 'file', media: { mediaType: 'image/png', blob: hash } } as const
      const conversation = { id: 'new', title: 'New', createdAt: 1, updatedAt: 2 }
      store.bulk.insert([{ conversation, messages: [stored('new', { message: { role: 'user', content: [file] } })] }])
      store.bulk.discard(['new'])
      assert.ok(!store.bulk.isTaken('new'))
      assert.equal(store.blobs.get(hash), undefined)
    })

    it('come with their request records a page at a time, and a record that is there is not kept twice', () => {
      for (let at = 0; at < 5; at++) store.requests.insert(record(`r${at}`, at % 2 === 0 ? 'even' : undefined))
      const ids: string[] = []
      let from: number | undefined = 0
      while (from !== undefined) {
        const page = store.bulk.requests({ limit: 2, from })
        ids.push(...page.records.map((one) => one.id))
        from = page.next
      }
      assert.deepEqual(ids, ['r0', 'r1', 'r2', 'r3', 'r4'])
      const even = store.bulk.requests({ conversation: 'even', limit: 10 })
      assert.deepEqual(even, { records: [record('r0', 'even'), record('r2', 'even'), record('r4', 'even')] })
      store.bulk.reveal([], [record('r1'), record('r5'), record('r5')])
      assert.equal(store.bulk.requests({ limit: 10 }).records.length, 6)
    })
  })
}
