/** The index of words may be lost at any time: chats are not, and it comes back by itself. */
import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs'
import { loadSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { Place, chain, stored } from './support.ts'

describe('the index of words', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  const raw = (sql: string) => {
    const database = new (loadSqlite()!.DatabaseSync)(place.path)
    const rows = database.prepare(sql).all()
    database.close()
    return rows
  }
  const tables = () =>
    raw("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'search_%'").map((row) => row.name)
  /** Garbage over all pages of a table, but for its first where `keepRoot`. */
  const damage = (table: string) => {
    raw('PRAGMA wal_checkpoint(TRUNCATE)')
    const pages = raw(`SELECT pageno, pgsize FROM dbstat WHERE name = '${table}'`)
    assert.ok(pages.length > 0)
    const file = openSync(place.path, 'r+')
    for (const { pageno, pgsize } of pages)
      writeSync(file, Buffer.alloc(Number(pgsize), 0xa5), 0, Number(pgsize), (Number(pageno) - 1) * Number(pgsize))
    closeSync(file)
  }
  const fill = (store: Store, title: string, length = 30) => {
    const { id } = store.conversations.create({ title })
    chain(store, id, length, `needle ${'straw '.repeat(20)}`)
    return id
  }
  const found = (store: Store) => store.conversations.list({ search: 'needle' }).map(({ title }) => title)
  const catchUp = (store: Store) => {
    while (store.index.step());
    assert.equal(store.index.behind(), 0)
  }

  for (const fullText of [true, false]) {
    const kind = fullText ? 'of FTS5' : 'of a plain table'
    const table = fullText ? 'search_1_data' : 'search_1'

    it(`${kind} is made anew where it was damaged while closed, and nothing is set aside for it`, () => {
      const first = place.open({ fullText })
      fill(first, 'Chat')
      first.close()
      damage(table)
      const store = place.open({ fullText })
      assert.equal(store.messages.tree(store.conversations.list()[0]?.id ?? '').length, 30)
      assert.equal(store.index.behind(), 30)
      catchUp(store)
      assert.deepEqual(found(store), ['Chat'])
      assert.deepEqual(
        readdirSync(place.folder).filter((name) => name.includes('damaged')),
        [],
      )
      store.close()
      const again = place.open({ fullText })
      assert.equal(again.index.behind(), 0, 'it is made anew at every start')
    })

    it(`${kind} never stands in the way of a message, and mends itself while it is used`, () => {
      const store = place.open({ fullText })
      const id = fill(store, 'Chat')
      damage(table)
      const other = place.open({ fullText })
      for (const one of [store, other]) {
        const before = place.problems.length
        found(one)
        one.messages.append(stored(id, { message: { role: 'user', content: [{ type: 'text', text: 'needles' }] } }))
        assert.ok(place.problems.length >= before)
      }
      assert.equal(store.messages.tree(id).length, 32)
      catchUp(store)
      catchUp(other)
      for (const one of [store, other]) assert.deepEqual(found(one), ['Chat'])
    })

    it(`${kind} comes back where its table or its state is gone`, () => {
      const first = place.open({ fullText })
      const id = fill(first, 'Chat')
      first.close()
      for (const sql of ['DROP TABLE search_1', 'DELETE FROM search_state']) {
        if (sql.startsWith('DROP') && !tables().includes('search_1')) continue
        raw(sql)
        const store = place.open({ fullText })
        found(store)
        store.messages.append(stored(id))
        catchUp(store)
        assert.deepEqual(found(store), ['Chat'])
        store.close()
      }
    })
  }

  it('is made anew where the runtime lost or found FTS5, and windows of both kinds get on', () => {
    const full = place.open({ fullText: true })
    fill(full, 'With')
    full.close()
    const plain = place.open({ fullText: false })
    catchUp(plain)
    assert.deepEqual(found(plain), ['With'])
    const again = place.open({ fullText: true })
    fill(plain, 'Without')
    fill(again, 'Again')
    catchUp(again)
    assert.deepEqual(found(again).sort(), ['Again', 'With', 'Without'])
    assert.equal(tables().filter((name) => /^search_\d+$/.test(String(name))).length, 1, 'an old index was left')
  })

  it('holds what another window writes, while both write', () => {
    const [one, other] = [place.open(), place.open()]
    const id = fill(one, 'Chat', 2)
    other.messages.append(stored(id, { message: { role: 'user', content: [{ type: 'text', text: 'thimble' }] } }))
    assert.equal(one.conversations.list({ search: 'thimble' }).length, 1)
    one.index.step()
    fill(other, 'Other')
    assert.deepEqual(found(one).sort(), ['Chat', 'Other'])
  })

  it('passes over a damaged message, and is done all the same', () => {
    const store = place.open()
    fill(store, 'Chat', 3)
    raw("UPDATE message SET body = '{', indexed = 0")
    catchUp(store)
    assert.deepEqual(store.conversations.list().length, 1)
  })
})
