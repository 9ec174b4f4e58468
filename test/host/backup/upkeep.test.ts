import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { placeOf } from '../../../src/host/backup/place.ts'
import { Upkeep } from '../../../src/host/backup/upkeep.ts'
import { backUpWeekly } from '../../../src/host/backup/weekly.ts'
import { loadSqlite } from '../../../src/store/sqlite.ts'
import { Place, chain } from '../../store/support.ts'

const DAY = 24 * 3_600_000
const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

describe('the folder of the chats', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  it('is the usual one, or the one that is named, which is made where it is missing', () => {
    assert.deepEqual(placeOf('  ', '/usual'), { folder: '/usual' })
    const named = join(place.folder, 'a', 'b')
    assert.deepEqual(placeOf(named, '/usual'), { folder: named })
    assert.ok(existsSync(named))
    if (process.platform !== 'win32') assert.equal(statSync(named).mode & 0o077, 0)
    assert.deepEqual(readdirSync(named), [])
    assert.deepEqual(placeOf('~/chats', '/usual', place.folder), { folder: join(place.folder, 'chats') })
    assert.deepEqual(placeOf('~', '/usual', place.folder), { folder: place.folder })
  })

  it('is the usual one where the named one cannot be used, and it is said why', () => {
    const file = join(place.folder, 'file')
    writeFileSync(file, '')
    for (const [named, why] of [
      ['chats', /needs an absolute path, not “chats”/],
      ['../chats', /absolute/],
      ['~other/chats', /absolute/],
      [join(file, 'chats'), /cannot be used \(ENOTDIR/],
    ] as const) {
      const { folder, problem } = placeOf(named, '/usual', place.folder)
      assert.equal(folder, '/usual')
      assert.match(problem ?? '', why)
      assert.match(problem ?? '', /kept in \/usual/)
    }
  })
})

describe('the upkeep of the chats', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())
  const copies = () => readdirSync(join(place.folder, 'backups'))

  it('copies them once a week, keeps the last three, and touches nothing else there', async () => {
    const store = place.open()
    const start = Date.UTC(2026, 0, 1)
    assert.equal(await backUpWeekly(store, place.folder, start), undefined, 'there is nothing to copy')
    chain(store, store.conversations.create({ title: 'Chat' }).id, 1)
    mkdirSync(join(place.folder, 'backups'), { recursive: true })
    writeFileSync(join(place.folder, 'backups', 'mine.db'), '')
    for (let day = 0; day < 40; day++) await backUpWeekly(store, place.folder, start + day * DAY)
    assert.deepEqual(copies().sort(), [
      'mine.db',
      'panelist-2026-01-22.db',
      'panelist-2026-01-29.db',
      'panelist-2026-02-05.db',
    ])
    const copy = place.open({ path: join(place.folder, 'backups', 'panelist-2026-02-05.db') })
    assert.equal(copy.conversations.list().length, 1)
  })

  it('never pushes out the copies of what was by those of nothing', async () => {
    const store = place.open()
    const id = store.conversations.create({ title: 'Chat', archived: true }).id
    chain(store, id, 1)
    const start = Date.UTC(2026, 0, 1)
    await backUpWeekly(store, place.folder, start)
    store.conversations.delete(id)
    for (let day = 0; day < 100; day++) await backUpWeekly(store, place.folder, start + day * DAY)
    assert.deepEqual(copies(), ['panelist-2026-01-01.db'])
    assert.equal(await backUpWeekly(place.tryOpen({ sqlite: undefined }).store, place.folder, start), undefined)
  })

  it('fills the index behind the panel, and tells when more is found', async () => {
    const store = place.open()
    chain(store, store.conversations.create({ title: 'Chat' }).id, 60, 'needle')
    const database = new (loadSqlite()!.DatabaseSync)(place.path)
    database.exec('UPDATE message SET indexed = 0')
    database.close()
    let told = 0
    const upkeep = new Upkeep({ store, folder: place.folder, log, indexed: () => told++ })
    assert.equal(store.index.behind(), 60, 'it did not wait')
    upkeep.index(0)
    for (let wait = 0; wait < 3_000 && told === 0; wait++) await pause(10)
    assert.equal(store.index.behind(), 0)
    upkeep.index(0)
    await pause(50)
    upkeep.dispose()
    assert.equal(told, 1)
  })

  it('removes for good what was deleted the day before, and goes on where something fails', async () => {
    let now = Date.now()
    const store = place.open({ clock: () => now })
    const id = store.conversations.create({ title: 'Chat' }).id
    chain(store, id, 1)
    store.conversations.delete(id)
    const warned: string[] = []
    const parts = { store, folder: place.folder, log: { ...log, warn: (text: string) => void warned.push(text) } }
    const upkeep = new Upkeep({ ...parts, indexed: () => undefined, now: () => now })
    await upkeep.hourly()
    store.conversations.restore(id)
    assert.ok(store.conversations.get(id), 'it was gone before its day was over')
    store.conversations.delete(id)
    now += DAY + 1
    await upkeep.hourly()
    store.conversations.restore(id)
    assert.equal(store.conversations.get(id), undefined)
    store.close()
    await upkeep.hourly()
    assert.equal(warned.length, 1)
    upkeep.dispose()
  })
})
