/** A disk that is full, and a folder that cannot be written. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, readdirSync } from 'node:fs'
import type { DatabaseSyncOptions } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { textOf } from '../../src/shared/message.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import type { DatabaseSync, Sqlite } from '../../src/store/sqlite.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { Place, answer, chain, stored, streaming } from './support.ts'

/** SQLite whose connections hold no more than so many pages, as on a disk that is full. */
class SmallDisk {
  readonly sqlite: Sqlite
  readonly #connections: DatabaseSync[] = []

  constructor() {
    const real = loadSqlite()
    assert.ok(real)
    const connections = this.#connections
    class Connection extends real.DatabaseSync {
      constructor(path: string, options: DatabaseSyncOptions = {}) {
        super(path, options)
        connections.push(this)
      }
    }
    this.sqlite = { ...real, DatabaseSync: Connection }
  }

  /** No page can be added to what there is, until `free`. */
  fill(): void {
    this.#each('PRAGMA max_page_count = 1')
  }

  free(): void {
    this.#each('PRAGMA max_page_count = 1000000')
  }

  #each(sql: string): void {
    for (const connection of this.#connections) if (connection.isOpen) connection.exec(sql)
  }
}

describe('a store in trouble', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  it('refuses what does not fit on a full disk, keeps what it has, and goes on once there is room', () => {
    const disk = new SmallDisk()
    const store = place.open({ sqlite: disk.sqlite })
    const { id } = store.conversations.create({ title: 'Chat' })
    const leaf = chain(store, id, 20, 'needle').at(-1) ?? ''
    store.conversations.setLeaf(id, leaf)
    const begun = streaming(id, { parent: leaf })
    store.journal.begin(begun)
    store.journal.append(begun.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: 'kept' } }])

    disk.fill()
    const large = stored(id, { message: { role: 'user', content: [{ type: 'text', text: 'much '.repeat(20_000) }] } })
    const full = { ...begun, state: 'done' as const, message: answer([{ type: 'text', text: 'much '.repeat(20_000) }]) }
    assert.throws(() => store.messages.append(large), /full/)
    assert.throws(() => store.journal.finish(full), /full/)
    assert.throws(() => store.blobs.put(Buffer.alloc(100_000), 'image/png'), /full/)
    assert.equal(store.messages.get(large.id), undefined)
    assert.equal(textOf((store.messages.get(begun.id)?.message.content ?? []).slice()), 'kept')
    assert.equal(store.messages.branch(id, leaf).length, 20)
    assert.equal(store.conversations.list({ search: 'needle' }).length, 1)
    assert.equal(store.conversations.list({ search: 'much' }).length, 0)
    store.index.step()

    disk.free()
    store.messages.append(large)
    store.journal.finish(full)
    assert.equal(store.messages.get(begun.id)?.state, 'done')
    assert.equal(store.conversations.list({ search: 'much' })[0]?.messages, 22)
    const check = new disk.sqlite.DatabaseSync(place.path)
    assert.equal(check.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok')
    check.close()
  })

  it('takes no step of a migration where the disk is full, and all of it later', () => {
    const old = place.open()
    chain(old, old.conversations.create({ title: 'Chat' }).id, 2)
    old.close()
    const disk = new SmallDisk()
    const migrations = [...MIGRATIONS, 'CREATE TABLE more (a)', 'INSERT INTO more SELECT zeroblob(1000000)']
    const original = disk.sqlite.DatabaseSync.prototype.exec
    disk.sqlite.DatabaseSync.prototype.exec = function (sql) {
      if (sql.startsWith('CREATE TABLE more')) original.call(this, 'PRAGMA max_page_count = 1')
      original.call(this, sql)
    }
    const { store, notices } = place.tryOpen({ migrations, sqlite: disk.sqlite })
    assert.equal(store.durable, false)
    assert.match(notices.at(-1)?.text ?? '', /full/)
    assert.equal(place.tryOpen({ migrations }).store.conversations.list()[0]?.title, 'Chat')
  })

  const onWindows = process.platform === 'win32' ? ' (pending: Windows has other rights of folders)' : ''
  const unlessOnWindows = onWindows ? it.skip : it
  unlessOnWindows(
    `goes on in memory and says why where its folder can only be read, and changes nothing there${onWindows}`,
    () => {
      const store = place.open()
      chain(store, store.conversations.create({ title: 'Chat' }).id, 2)
      store.close()
      const before = readFileSync(place.path)
      const files = readdirSync(place.folder)
      chmodSync(place.path, 0o444)
      chmodSync(place.folder, 0o555)
      const script = fileURLToPath(new URL('unprivileged.ts', import.meta.url))
      const { stdout, stderr } = spawnSync(process.execPath, [script, place.path], { encoding: 'utf8' })
      chmodSync(place.folder, 0o700)
      const { durable, notices, made } = JSON.parse(stdout || `{"notices":${JSON.stringify(stderr)}}`) as {
        durable: boolean
        notices: { text: string }[]
        made: string
      }
      assert.equal(durable, false)
      assert.match(notices[0]?.text ?? '', /could not be opened .*read-?only|unable to open/i)
      assert.equal(made, 'T')
      assert.deepEqual(readFileSync(place.path), before)
      assert.deepEqual(readdirSync(place.folder), files)
    },
  )
})
