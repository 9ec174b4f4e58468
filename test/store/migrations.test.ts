import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { VERSION_1 } from '../../src/store/schema.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { Place, chain } from './support.ts'

/** A database as version 1 wrote it, in the words of then: it must open for ever. */
const FIXTURE_1 = `
${VERSION_1}
PRAGMA user_version = 1;
INSERT INTO conversation VALUES ('c', 'Old', 1, 2, 'file:///w', '{"provider":"openai","model":"gpt"}', 'm2');
INSERT INTO message VALUES
  ('m1', 'c', NULL, 1, 'done', NULL, '{"role":"user","content":[{"type":"text","text":"Hi"}]}', NULL, NULL),
  ('m2', 'c', 'm1', 2, 'streaming', 'gone', '{"role":"assistant","content":[],"origin":{"provider":"openai",
   "dialect":"openai-responses","model":"gpt"},"stop":{"kind":"done"},"usage":{"input":0,"output":0,"cacheRead":0,
   "cacheWrite":0}}', '{"startedAt":2}', 0.5);
INSERT INTO stream_journal VALUES ('m2', 0, '[{"type":"block-start","index":0,"block":{"type":"text","text":"Hel"}}]');
INSERT INTO stream_journal VALUES ('m2', 1, '[{"type":"block-delta","index":0,"text":"lo"}]');
INSERT INTO owner VALUES ('gone', 'elsewhere', 1, 0);
INSERT INTO request VALUES ('r', 'openai', 'gpt', NULL, NULL, 'c', NULL, 2, 3, 4, 5, 6, 7, 8, 9, 0.5, 1, NULL, 'done',
  NULL, 200, 'req');
INSERT INTO model_cache VALUES ('openai', '[]', 3);
`

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

  it('brings a database of version 1 to the newest, with everything in it', () => {
    const database = raw()
    database.exec(FIXTURE_1)
    database.close()
    const { store } = place.tryOpen()
    assert.equal(store.durable, true)
    assert.equal(store.conversations.list()[0]?.messages, 2)
    assert.equal(store.conversations.get('c')?.choice?.model, 'gpt')
    const [recovered] = store.journal.recover()
    assert.deepEqual(recovered?.message.content, [{ type: 'text', text: 'Hello' }])
    assert.deepEqual(
      store.messages.branch('c', 'm2').map(({ id }) => id),
      ['m1', 'm2'],
    )
    assert.equal(store.requests.list()[0]?.cacheWrite, 8)
    assert.equal(store.modelCache.get('openai')?.fetchedAt, 3)
    store.close()
    assert.equal(versionOf(place.path), MIGRATIONS.length)
  })

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
