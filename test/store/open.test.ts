import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { openStore } from '../../src/store/open.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { Place, chain } from './support.ts'

const sqlite = loadSqlite()
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('opening the store', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  const raw = (path = place.path) => {
    assert.ok(sqlite)
    return new sqlite.DatabaseSync(path)
  }
  /** A database with `length` messages, closed. */
  const filled = (length = 100) => {
    const store = place.open()
    const { id } = store.conversations.create({ id: 'kept', title: 'Kept' })
    store.conversations.setLeaf(id, chain(store, id, length, 'y'.repeat(500)).at(-1))
    store.close()
  }
  /** A store that cannot be kept still works, and the person is told why. */
  const assertInMemory = (opened: ReturnType<Place['tryOpen']>, reason: RegExp) => {
    assert.equal(opened.store.durable, false)
    assert.equal(opened.notices.length, 1)
    assert.match(opened.notices[0]?.text ?? '', reason)
    assert.match(opened.notices[0]?.text ?? '', /lost when it closes/)
    const { id } = opened.store.conversations.create({ title: 'T' })
    chain(opened.store, id, 2)
    assert.equal(opened.store.conversations.list()[0]?.messages, 2)
  }

  it('keeps everything over a restart, in write-ahead mode, readable by its owner only', () => {
    filled(3)
    const store = place.open()
    assert.equal(store.conversations.list()[0]?.messages, 3)
    const leaf = store.conversations.get('kept')?.leaf ?? ''
    assert.equal(store.messages.branch('kept', leaf).length, 3)
    const database = raw()
    assert.equal(database.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal')
    database.close()
    if (process.platform !== 'win32') assert.equal(statSync(place.path).mode & 0o077, 0)
  })

  it('makes the folder where it is missing', () => {
    const path = join(place.folder, 'not', 'yet', 'panelist.db')
    const { store, notices } = openStore({ path })
    store.close()
    assert.deepEqual(notices, [])
    assert.ok(existsSync(path))
  })

  const damage: Record<string, () => void> = {
    'is garbage': () => writeFileSync(place.path, Buffer.alloc(5_000, 7)),
    'is a few bytes of text': () => writeFileSync(place.path, 'hello'),
    'lost its header': () => {
      filled()
      writeSync(openSync(place.path, 'r+'), Buffer.alloc(100, 1), 0, 100, 0)
    },
    'was cut off': () => {
      filled()
      truncateSync(place.path, 20_000)
    },
    'has garbage in its middle': () => {
      filled()
      writeSync(openSync(place.path, 'r+'), Buffer.alloc(8_192, 0xa5), 0, 8_192, 20_480)
    },
    'lost a table': () => {
      filled()
      const database = raw()
      database.exec('DROP TABLE stream_journal')
      database.close()
    },
  }
  for (const [name, hurt] of Object.entries(damage)) {
    it(`sets aside, unchanged, a database that ${name}, starts a new one, and tells where the old one is`, () => {
      hurt()
      const before = digest(place.path)
      const { store, notices } = place.tryOpen()
      assert.equal(store.durable, true)
      const aside = readdirSync(place.folder).filter((file) => /\.damaged-[^-]*-\d\d-\d\dT[\d-]*Z$/.test(file))
      assert.equal(aside.length, 1, aside.join())
      assert.match(aside[0] ?? '', /^panelist\.db\.damaged-\d{4}-\d\d-\d\dT/)
      assert.equal(digest(join(place.folder, aside[0] ?? '')), before)
      assert.equal(notices.length, 1)
      assert.equal(notices[0]?.level, 'error')
      assert.ok(notices[0].text.includes(join(place.folder, aside[0] ?? '')))

      assert.deepEqual(store.conversations.list(), [])
      chain(store, store.conversations.create({ title: 'New' }).id, 1)
      store.close()
      assert.equal(place.open().conversations.list().length, 1)
    })
  }

  it('sets the log of a damaged database aside with it, so that nothing old is replayed into the new one', () => {
    writeFileSync(place.path, Buffer.alloc(5_000, 7))
    writeFileSync(`${place.path}-wal`, 'log')
    const clock = () => Date.UTC(2026, 0, 2)
    place.tryOpen({ clock }).store.close()
    const aside = `${place.path}.damaged-2026-01-02T00-00-00-000Z`
    assert.equal(readFileSync(`${aside}-wal`, 'utf8'), 'log')

    writeFileSync(place.path, 'again')
    place.tryOpen({ clock })
    assert.equal(readFileSync(`${aside}-2`, 'utf8'), 'again')
    assert.equal(statSync(aside).size, 5_000, 'one damaged file replaced another')
  })

  it('does not touch a database of a newer version', () => {
    filled(1)
    const database = raw()
    database.exec('PRAGMA user_version = 99')
    database.close()
    const before = digest(place.path)
    assertInMemory(place.tryOpen(), /newer version of Panelist/)
    assert.equal(digest(place.path), before)
    assert.deepEqual(
      readdirSync(place.folder).filter((file) => statSync(join(place.folder, file)).size > 0 && !file.endsWith('-shm')),
      ['panelist.db'],
    )
  })

  it('goes on in memory where another program has locked the database, and leaves the file alone', () => {
    filled(1)
    const holder = raw()
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    assertInMemory(place.tryOpen(), /locked/)
    holder.exec('ROLLBACK')
    holder.close()
    assert.equal(place.open().conversations.list().length, 1)
  })

  it('closes also where it cannot sign off, because another window writes', () => {
    const store = place.open()
    store.heartbeat()
    const holder = raw()
    holder.exec('BEGIN IMMEDIATE')
    store.close()
    assert.throws(() => store.heartbeat(), /not open|finalized/)
    holder.exec('ROLLBACK')
    holder.close()
  }).timeout(90_000)

  it('goes on in memory where the folder cannot be made or the file cannot be opened', () => {
    const file = join(place.folder, 'file')
    writeFileSync(file, '')
    assertInMemory(place.tryOpen({ path: join(file, 'panelist.db') }), /could not be opened/)
    const folder = join(place.folder, 'folder')
    mkdirSync(folder)
    assertInMemory(place.tryOpen({ path: folder }), /could not be opened/)
  })

  it('goes on in memory where the runtime has no SQLite', () => {
    assertInMemory(place.tryOpen({ sqlite: undefined }), /no SQLite/)
    assert.deepEqual(readdirSync(place.folder), [])
  })
})
