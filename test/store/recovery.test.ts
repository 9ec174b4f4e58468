import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import fc from 'fast-check'
import type { StreamEvent } from '../../src/shared/message.ts'
import { textOf } from '../../src/shared/message.ts'
import { reduceAll } from '../../src/shared/reduce.ts'
import { EDITOR_CLOSED } from '../../src/store/fold.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { anyEvent } from './arbitraries.ts'
import { ORIGIN, Place, chain, cutInto, streaming } from './support.ts'

const open = (text: string): StreamEvent => ({ type: 'block-start', index: 0, block: { type: 'text', text } })
const delta = (text: string): StreamEvent => ({ type: 'block-delta', index: 0, text })

describe('recovery', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  /** Changes the file behind the store's back. */
  const tamper = (sql: string, ...values: (string | number)[]) => {
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const database = new sqlite.DatabaseSync(place.path)
    database.prepare(sql).run(...values)
    database.close()
  }

  const journalled = () => {
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const database = new sqlite.DatabaseSync(place.path)
    const rows = database.prepare('SELECT message_id FROM stream_journal').all()
    database.close()
    return rows.map((row) => row.message_id)
  }

  it('gives exactly the reduced prefix of what was appended, whatever streamed and wherever it was cut', () => {
    const dying = place.open({ clock: () => 0 })
    const later = place.open({ clock: () => 60_000 })
    const conversation = dying.conversations.create({ title: 'T' }).id
    const cuts = fc.array(fc.nat(), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), cuts, fc.nat(8), (events, cuts, kill) => {
        const begun = streaming(conversation)
        dying.journal.begin(begun)
        const appended = cutInto(events, cuts).slice(0, kill)
        for (const piece of appended) dying.journal.append(begun.id, piece)

        const [recovered, ...others] = later.journal.recover()
        assert.deepEqual(others, [])
        const prefix = appended.flat()
        const expected = reduceAll(ORIGIN, prefix)
        const ended = prefix.some((event) => event.type === 'end')
        assert.deepEqual(recovered, {
          ...begun,
          state: ended ? 'done' : 'interrupted',
          message: ended ? expected : { ...expected, stop: EDITOR_CLOSED },
        })
        assert.deepEqual(later.messages.get(begun.id), recovered)
      }),
    )
    tamper('DELETE FROM message')
    assert.deepEqual(later.journal.recover(), [])
  })

  it('and finishing leave no journal behind', () => {
    const dying = place.open()
    const { id } = dying.conversations.create({ title: 'T' })
    const [finished, left] = [streaming(id), streaming(id)]
    for (const begun of [finished, left]) {
      dying.journal.begin(begun)
      dying.journal.append(begun.id, [open('text')])
    }
    dying.journal.finish({ ...finished, state: 'done' })
    assert.deepEqual(journalled(), [left.id])
    dying.close()
    place.open().journal.recover()
    assert.deepEqual(journalled(), [])
  })

  it('keeps an answer the provider had ended, failed or stopped by the person, as it ended', () => {
    const dying = place.open()
    const conversation = dying.conversations.create({ title: 'T' }).id
    const failure = { code: 'network', message: 'Gone.' } as const
    for (const stop of [{ kind: 'aborted' }, { kind: 'failed', failure }, { kind: 'tools' }] as const) {
      const begun = streaming(conversation)
      dying.journal.begin(begun)
      dying.journal.append(begun.id, [{ type: 'end', stop }])
    }
    dying.close()
    const recovered = place.open().journal.recover()
    assert.deepEqual(
      recovered.map(({ state, message }) => [state, message.role === 'assistant' && message.stop.kind]),
      [
        ['interrupted', 'aborted'],
        ['interrupted', 'failed'],
        ['done', 'tools'],
      ],
    )
  })

  it('grows what the message already held when it began', () => {
    const dying = place.open()
    const begun = streaming(dying.conversations.create({ title: 'T' }).id)
    const message = { ...reduceAll(ORIGIN, [open('before')]) }
    dying.journal.begin({ ...begun, message })
    dying.journal.append(begun.id, [open('after'), delta('wards')])
    dying.close()
    const [recovered] = place.open().journal.recover()
    assert.equal(textOf((recovered?.message.content ?? []).slice()), 'before\n\nafterwards')
  })

  const torn: Record<string, (id: string) => void> = {
    'that is not JSON': (id) =>
      tamper('UPDATE stream_journal SET events = ? WHERE message_id = ? AND seq = 1', '[{"', id),
    'that is JSON but no list': (id) =>
      tamper('UPDATE stream_journal SET events = ? WHERE message_id = ? AND seq = 1', '7', id),
    'with an event without its block': (id) =>
      tamper('UPDATE stream_journal SET events = ? WHERE message_id = ? AND seq = 1', '[{"type":"block-start"}]', id),
    'that is missing': (id) => tamper('DELETE FROM stream_journal WHERE message_id = ? AND seq = 1', id),
  }
  for (const [name, tear] of Object.entries(torn)) {
    it(`keeps what stands before a journal row ${name}, and all of the other answers, and says so`, () => {
      const dying = place.open()
      const conversation = dying.conversations.create({ title: 'T' }).id
      const [hurt, whole] = [streaming(conversation), streaming(conversation)]
      for (const begun of [hurt, whole]) {
        dying.journal.begin(begun)
        for (const event of [open('one '), delta('two '), delta('three')]) dying.journal.append(begun.id, [event])
      }
      dying.close()
      tear(hurt.id)
      const recovered = place.open().journal.recover()
      const texts = recovered.map(({ message }) => textOf(message.content.slice()))
      assert.deepEqual(texts, ['one ', 'one two three'])
      assert.equal(place.problems.length, 1)
      assert.match(place.problems[0] ?? '', new RegExp(`journal of message ${hurt.id} `))
    })
  }

  it('goes on with a journal that lost a row while the answer streams', () => {
    const store = place.open()
    const begun = streaming(store.conversations.create({ title: 'T' }).id)
    store.journal.begin(begun)
    for (const event of [open('one '), delta('two ')]) store.journal.append(begun.id, [event])
    tamper('DELETE FROM stream_journal WHERE seq = 0')
    store.journal.append(begun.id, [delta('three')])
    assert.deepEqual(journalled(), [begun.id, begun.id])
    store.journal.finish({ ...begun, state: 'done' })
    assert.deepEqual(journalled(), [])
  })

  it('loses a message that is damaged and nothing else, and tells once', () => {
    const store = place.open()
    const conversation = store.conversations.create({ title: 'T' }).id
    const ids = chain(store, conversation, 7)
    const [, second = '', third = '', , fifth = ''] = ids
    tamper('UPDATE message SET body = ? WHERE id = ?', '{"role":"assistant"', second)
    tamper('UPDATE message SET body = ? WHERE id = ?', '{"role":"assistant","content":[]}', third)
    tamper('UPDATE message SET timing = ? WHERE id = ?', '{', fifth)
    const rest = ids.filter((id) => id !== second && id !== third)
    for (let reading = 0; reading < 2; reading++) {
      assert.deepEqual(
        store.messages.branch(conversation, ids.at(-1) ?? '').map(({ id }) => id),
        rest,
      )
    }
    const page = store.messages.page(conversation, { leaf: ids.at(-1) ?? '', limit: 5 })
    assert.deepEqual([page.messages.map(({ id }) => id), page.more], [rest, false])
    assert.equal(store.messages.get(second), undefined)
    assert.equal(place.problems.length, 2)
  })

  it('reads what it can, throws nothing and tells what is lost where pages are damaged while the store is open', () => {
    const dying = place.open()
    const conversation = dying.conversations.create({ title: 'T' }).id
    const leaf = chain(dying, conversation, 200, 'y'.repeat(500)).at(-1) ?? ''
    const hash = dying.blobs.put(Buffer.alloc(9_000), 'text/plain')
    dying.modelCache.set('openai', { models: [], fetchedAt: 1 })
    const begun = streaming(conversation)
    dying.journal.begin(begun)
    dying.journal.append(begun.id, [open('one')])
    dying.close()

    const store = place.open()
    const page = 4_096
    const size = statSync(place.path).size
    const file = openSync(place.path, 'r+')
    writeSync(file, Buffer.alloc(size - page, 0xa5), 0, size - page, page)
    closeSync(file)

    const reads: Record<string, [() => unknown, unknown]> = {
      'modelCache.get': [() => store.modelCache.get('openai'), undefined],
      'conversations.get': [() => store.conversations.get(conversation), undefined],
      'conversations.list': [() => store.conversations.list(), []],
      'blobs.get': [() => store.blobs.get(hash), undefined],
      'requests.list': [() => store.requests.list(), []],
      'requests.list of one': [() => store.requests.list({ conversation }), []],
      'messages.get': [() => store.messages.get(begun.id), undefined],
      'messages.children': [() => store.messages.children(conversation, leaf), []],
      'messages.branch': [() => store.messages.branch(conversation, leaf), []],
      'journal.recover': [() => store.journal.recover(), []],
    }
    for (const [name, [read, expected]] of Object.entries(reads)) {
      const before = place.problems.length
      assert.deepEqual(read(), expected, name)
      assert.deepEqual(read(), expected, name)
      const told = place.problems.slice(before)
      // What was told of the same message before is not told again.
      assert.ok(told.length === 1 || name.startsWith('requests.list of'), `${name}: ${told.join()}`)
      for (const problem of told) assert.match(problem, /could not be read: the database file is damaged\.$/)
    }
  })

  it('loses the rest of a journal whose pages are damaged, and settles the other answers', () => {
    const dying = place.open()
    const conversation = dying.conversations.create({ title: 'T' }).id
    const [hurt, whole] = [streaming(conversation), streaming(conversation)]
    for (const begun of [hurt, whole]) {
      dying.journal.begin(begun)
      dying.journal.append(begun.id, [open('one ')])
    }
    for (let row = 0; row < 20; row++) dying.journal.append(hurt.id, [delta(`<${row}>${'z'.repeat(3_000)}`)])
    dying.close()

    const store = place.open()
    const bytes = readFileSync(place.path)
    const at = bytes.indexOf('<10>zzz')
    assert.ok(at > 0)
    const file = openSync(place.path, 'r+')
    writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at - (at % 4_096))
    closeSync(file)

    const shown = textOf((store.messages.get(hurt.id)?.message.content ?? []).slice())
    const kept = shown.match(/<\d+>/g) ?? []
    assert.ok(kept.length > 0 && kept.length < 11, kept.join())
    assert.deepEqual(
      kept,
      kept.map((_, row) => `<${row}>`),
    )
    const recovered = store.journal.recover()
    assert.ok(recovered.some(({ id }) => id === whole.id))
    assert.ok(place.problems.some((problem) => problem.includes(`journal of message ${hurt.id} could not be read`)))
  })

  it('settles nothing while another program holds the lock, says so, and settles it at the next call', () => {
    const dying = place.open()
    const begun = streaming(dying.conversations.create({ title: 'T' }).id)
    dying.journal.begin(begun)
    dying.close()
    const store = place.open()
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const holder = new sqlite.DatabaseSync(place.path)
    holder.exec('BEGIN IMMEDIATE')
    assert.deepEqual(store.journal.recover(), [])
    assert.match(place.problems.join(), /could not be settled \(database is locked\)/)
    holder.exec('ROLLBACK')
    holder.close()
    assert.deepEqual(
      store.journal.recover().map(({ id }) => id),
      [begun.id],
    )
  }).timeout(90_000)

  it('tells of a damaged choice, model list and attachment, and goes on without them', () => {
    const store = place.open()
    const { id } = store.conversations.create({ title: 'T', choice: { provider: 'openai', model: 'm' } })
    const hash = store.blobs.put(Buffer.from('bytes'), 'text/plain')
    store.modelCache.set('openai', { models: [], fetchedAt: 1 })
    tamper("UPDATE conversation SET choice = '{'")
    tamper("UPDATE model_cache SET models = '{}'")
    tamper("UPDATE blob SET bytes = x'00'")
    assert.equal(store.conversations.get(id)?.title, 'T')
    assert.equal(store.conversations.get(id)?.choice, undefined)
    assert.equal(store.modelCache.get('openai'), undefined)
    assert.equal(store.blobs.get(hash), undefined)
    assert.equal(place.problems.length, 3)
  })
})
