import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync, writeSync, openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { loadSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { FIXTURES } from './fixtures.ts'
import { Place, chain, stored, streaming } from './support.ts'

describe('a copy of the chats', () => {
  let place: Place
  let store: Store
  let copy: string
  beforeEach(() => {
    place = new Place()
    store = place.open()
    copy = join(place.folder, 'copy.db')
  })
  afterEach(() => place.dispose())

  const chat = (title: string, text = 'word', from = store): string => {
    const { id } = from.conversations.create({ title })
    from.conversations.setLeaf(id, chain(from, id, 3, text).at(-1))
    return id
  }
  const titles = (from = store) => from.conversations.list({ limit: 1_000 }).map(({ title }) => title)
  const leftBehind = () => readdirSync(place.folder).filter((name) => /part|restoring/.test(name))

  it('is made while chats are written, is one file, and holds what was there', async () => {
    chat('First')
    for (let at = 0; at < 40; at++) chat(`Filler ${at}`, 'y'.repeat(5_000))
    const making = store.backup(copy)
    let done = false
    void making.finally(() => (done = true)).catch(() => undefined)
    // Steps of the copy meet writes of the same connection now and then.
    for (let at = 0; !done && at < 200; at++) {
      chat(at === 0 ? 'Meanwhile' : `More ${at}`)
      await new Promise(setImmediate)
    }
    await making
    assert.ok(titles().includes('Meanwhile'))
    const opened = place.open({ path: copy })
    assert.ok(titles(opened).includes('Filler 39'))
    opened.close()
    assert.deepEqual(
      readdirSync(place.folder).filter((name) => name.startsWith('copy')),
      ['copy.db'],
    )
  })

  it('replaces an older one only when it is whole, and never the database itself', async () => {
    writeFileSync(copy, 'older')
    chat('Chat')
    await assert.rejects(store.backup(join(place.folder, 'nowhere', 'copy.db')))
    await assert.rejects(store.backup(place.path), /database itself/)
    assert.equal(readFileSync(copy, 'utf8'), 'older')
    await store.backup(copy)
    assert.deepEqual(titles(place.open({ path: copy })), ['Chat'])
    assert.deepEqual(leftBehind(), [])
  })

  it('is put back in all windows, while what was there is kept aside', async () => {
    const kept = chat('Kept', 'needle')
    await store.backup(copy)
    const other = place.open()
    const version = other.dataVersion()
    store.conversations.update(kept, { title: 'Changed' })
    const lost = chat('Later')
    const begun = streaming(lost)
    other.journal.begin(begun)
    const aside = await store.restore(copy)
    assert.deepEqual(titles(), ['Kept'])
    assert.notEqual(other.dataVersion(), version)
    assert.deepEqual(titles(other), ['Kept'])
    while (store.index.step());
    assert.equal(other.conversations.list({ search: 'needle' }).length, 1)
    // The window that wrote in what is gone must not fail for it, and goes on.
    other.journal.append(begun.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: 'x' } }])
    other.journal.finish({ ...begun, state: 'done' })
    chat('New', 'word', other)
    assert.deepEqual(titles(), ['New', 'Kept'])
    assert.deepEqual(titles(place.open({ path: aside })), ['Later', 'Changed'])
    assert.deepEqual(leftBehind(), [])
  })

  for (const how of ['put back', 'taken in'] as const)
    it(`tells a database that does not know it what was spent when it is ${how}, and one that does nothing twice`, async () => {
      const now = Date.now()
      const spend = (to: Store, id: string, amount: number, at = now): void => {
        to.budget.reserve({ id, at, amount, credits: 0, agent: 'a' }, [])
        to.budget.settle(id, { amount, credits: 0 })
      }
      const spent = (of: Store, since = 0) => of.budget.spent([{ of: 'all', since, limit: 0 }])[0]
      chat('Chat')
      const long = now - 90 * 86_400_000
      spend(store, 'long ago', 4, long)
      spend(store, 'before', 1)
      await store.backup(copy)
      spend(store, 'after', 2)
      while (store.budget.carry(now - 62 * 86_400_000));
      store.budget.reserve({ id: 'under way', at: now, amount: 8, credits: 0 }, [])
      const take = async (into: Store): Promise<void> => {
        if (how === 'put back') await into.restore(copy)
        else into.bringFrom(copy)
      }
      await take(store)
      assert.deepEqual(spent(store), { used: 7, reserved: 8 })
      const fresh = place.open({ path: join(place.folder, 'fresh.db') })
      spend(fresh, 'own', 0.5)
      await take(fresh)
      await take(fresh)
      assert.deepEqual(spent(fresh, long + 1), { used: 1.5, reserved: 0 })
      assert.deepEqual(fresh.budget.agents(long + 1), ['a'])
    })

  for (const [version, fixture] of Object.entries(FIXTURES)) {
    it(`of version ${version} is put back, and stays as it was`, async () => {
      const sqlite = loadSqlite()
      assert.ok(sqlite)
      const database = new sqlite.DatabaseSync(copy)
      database.exec(fixture)
      database.close()
      const before = readFileSync(copy)
      chat('Gone')
      await store.restore(copy)
      assert.deepEqual(titles(), ['Old'])
      assert.equal(store.journal.recover()[0]?.state, 'interrupted')
      assert.deepEqual(readFileSync(copy), before)
    })
  }

  const bad: Record<string, [hurt: () => void, why: RegExp]> = {
    'is no database': [() => writeFileSync(copy, 'hello'.repeat(1_000)), /no copy of Panelist/],
    'is a database of another program': [
      () => {
        rmSync(copy)
        const database = new (loadSqlite()!.DatabaseSync)(copy)
        database.exec('CREATE TABLE t (a); PRAGMA user_version = 1')
        database.close()
      },
      /no copy of Panelist/,
    ],
    'is of a newer version': [
      () => {
        const database = new (loadSqlite()!.DatabaseSync)(copy)
        database.exec('PRAGMA user_version = 99')
        database.close()
      },
      /newer version/,
    ],
    'is damaged': [
      () => {
        const at = readFileSync(copy).lastIndexOf('"text":"')
        const file = openSync(copy, 'r+')
        writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at - (at % 4_096))
        closeSync(file)
      },
      /damaged/,
    ],
    'is not there': [() => undefined, /ENOENT/],
  }
  for (const [name, [hurt, why]] of Object.entries(bad)) {
    it(`that ${name} is refused with a reason, and nothing is changed`, async () => {
      chat('Chat', 'y'.repeat(3_000))
      if (name !== 'is not there') await store.backup(copy)
      hurt()
      const before = existsSync(copy) && readFileSync(copy)
      await assert.rejects(store.restore(copy), why)
      assert.deepEqual(titles(), ['Chat'])
      assert.deepEqual(existsSync(copy) && readFileSync(copy), before)
      assert.deepEqual(leftBehind(), [])
      assert.equal(readdirSync(place.folder).filter((file) => file.includes('replaced')).length, 0)
    })
  }

  it('is taken in where it holds what is missing here, and nothing here is lost', async () => {
    const both = chat('Both')
    const hash = store.blobs.put(Buffer.from('bytes'), 'text/plain')
    await store.backup(copy)
    const other = place.open({ path: copy })
    const more = stored(both, { parent: other.conversations.get(both)?.leaf ?? null })
    other.messages.append(more)
    chat('There', 'thimble', other)
    const gone = chat('Deleted there', 'word', other)
    other.conversations.delete(gone)
    other.close()
    chat('Here')
    store.conversations.update(both, { title: 'Both, renamed' })

    assert.equal(store.missingFrom(copy), 2)
    store.bringFrom(copy)
    assert.equal(store.missingFrom(copy), 0)
    assert.deepEqual(titles().sort(), ['Both, renamed', 'Here', 'There'])
    assert.ok(store.messages.get(more.id))
    assert.ok(store.blobs.get(hash))
    while (store.index.step());
    assert.equal(store.conversations.list({ search: 'thimble' })[0]?.title, 'There')
    assert.equal(store.missingFrom(place.path), 0)
    assert.equal(store.missingFrom(join(place.folder, 'nowhere.db')), 0)
  })
})
