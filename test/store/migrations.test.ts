import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { FIXTURES } from './fixtures.ts'
import { Place, chain } from './support.ts'

describe('migration', () => {
  let place: Place
  beforeEach(() => (place = new Place()))
  afterEach(() => place.dispose())

  const raw = (path = place.path) => {
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    return new sqlite.DatabaseSync(path)
  }
  const versionOf = (path: string) => {
    const database = raw(path)
    const row = database.prepare('PRAGMA user_version').get()
    database.close()
    return row?.user_version
  }
  const backups = () => readdirSync(place.folder).filter((file) => file.includes('-backup-'))

  for (const [version, fixture] of Object.entries(FIXTURES)) {
    it(`brings a database of version ${version} to the newest, with everything in it, and all of it is found`, () => {
      const database = raw()
      database.exec(fixture)
      database.close()
      const { store } = place.tryOpen()
      assert.equal(store.durable, true)
      assert.equal(store.conversations.list()[0]?.messages, 2)
      assert.equal(store.conversations.get('c')?.choice?.model, 'gpt')
      const [recovered] = store.journal.recover()
      assert.deepEqual(recovered?.message.content, [{ type: 'text', text: 'Hello' }])
      assert.equal(recovered?.keyProfile, version >= '2' ? 'work' : undefined)
      assert.deepEqual(
        store.messages.branch('c', 'm2').map(({ id }) => id),
        ['m1', 'm2'],
      )
      assert.equal(store.requests.list()[0]?.cacheWrite, 8)
      assert.equal(store.modelCache.get('openai')?.fetchedAt, 3)
      const ledger = store.budget.spent([{ of: 'conversation', key: 'c', since: 2, limit: 1 }])
      assert.deepEqual(ledger, [{ used: 0.5, reserved: 0 }], 'what was paid before the ledger is forgotten')

      assert.equal(store.index.behind(), 1, 'the answer was found as it was settled')
      while (store.index.step());
      const [found] = store.conversations.list({ search: 'there' })
      assert.deepEqual([found?.found?.message, found?.models], ['m1', [{ provider: 'openai', model: 'gpt' }]])
      assert.equal(store.conversations.list({ search: 'hello' }).length, 1)
      store.close()
      assert.equal(versionOf(place.path), MIGRATIONS.length)
      assert.equal(backups().length, 1)
    })
  }

  const next = [
    ...MIGRATIONS,
    "ALTER TABLE conversation ADD COLUMN colour TEXT NOT NULL DEFAULT 'none'",
    "UPDATE conversation SET title = title || ' moved'",
  ]

  it('takes a backup first where there is something to lose, and tells of it', () => {
    const old = place.open()
    chain(old, old.conversations.create({ title: 'Chat' }).id, 2)
    old.close()
    const { store, notices } = place.tryOpen({ migrations: next })
    assert.equal(store.conversations.list()[0]?.title, 'Chat moved')
    const [backup = '', ...others] = backups()
    assert.deepEqual(others, [])
    assert.ok(backup.startsWith(`panelist.db.v${MIGRATIONS.length}-backup-`), backup)
    assert.ok(notices[0]?.text.includes(backup))
    assert.equal(versionOf(join(place.folder, backup)), MIGRATIONS.length)
    const before = place.open({ path: join(place.folder, backup) })
    assert.equal(before.conversations.list()[0]?.title, 'Chat')
    before.close()
    store.close()
    place.open({ migrations: next })
    assert.equal(backups().length, 1, 'a second start took a second backup')
  })

  it('takes no backup of a new file', () => {
    place.open({ migrations: next })
    assert.deepEqual(backups(), [])
    assert.equal(versionOf(place.path), next.length)
  })

  it('is undone as a whole where a step fails, and the chats stay where they are', () => {
    const old = place.open()
    chain(old, old.conversations.create({ title: 'Chat' }).id, 2)
    old.close()
    const { store, notices } = place.tryOpen({ migrations: [...next, 'INSERT INTO nowhere VALUES (1)'] })
    assert.equal(store.durable, false)
    assert.match(notices.at(-1)?.text ?? '', /could not be opened/)
    assert.equal(versionOf(place.path), MIGRATIONS.length)
    assert.equal(place.open().conversations.list()[0]?.title, 'Chat')
  })
})
