/** Copies of the database: made, put back as a whole, and taken in where they hold what is missing here. */
import { copyFileSync, existsSync, statSync } from 'node:fs'
import type { Context } from './context.ts'
import { copyTo, removeDatabase } from './copy.ts'
import { freePath } from './damage.ts'
import { MIGRATIONS, migrate, schemaVersion } from './migrations.ts'
import type { DatabaseSync, Sqlite } from './sqlite.ts'
import { transaction } from './sqlite.ts'
import type { Store } from './store.ts'

/** Parents before their children. Windows that are open, the index and limits of rate stay as they are. */
const COPIED = [
  'conversation',
  'message',
  'stream_journal',
  'removal',
  'summary',
  'blob',
  'request',
  'model_cache',
  'benchmark_run',
]

/** Longer than any budget counts, and shorter than single entries of the ledger are kept. Milliseconds. */
const COUNTS_FOR = 32 * 86_400_000

export function createCopies(context: Context): Pick<Store, 'backup' | 'restore' | 'missingFrom' | 'bringFrom'> {
  const { path, sqlite, database, clock, index } = context
  return {
    async backup(target) {
      if (isSame(path, target)) throw new Error('This is the database itself. Choose another file.')
      await copyTo(sqlite, database, target)
    },
    async restore(source) {
      const work = prepare(sqlite, source, path)
      try {
        const stamp = new Date(clock()).toISOString().replaceAll(/[:.]/g, '-')
        const aside = freePath(`${path}.replaced-${stamp}`)
        await copyTo(sqlite, database, aside)
        attached(database, work, () => replaceAll(database, clock()))
        index.renew()
        return aside
      } finally {
        removeDatabase(work)
      }
    },
    missingFrom(source) {
      if (isSame(path, source) || !existsSync(source)) return 0
      try {
        return attached(database, source, () => countMissing(database))
      } catch {
        // Of another version, or damaged: `bringFrom` says why.
        return 0
      }
    },
    bringFrom(source) {
      const work = prepare(sqlite, source, path)
      try {
        attached(database, work, () => bring(database, clock()))
      } finally {
        removeDatabase(work)
      }
    },
  }
}

/**
 * A copy of the copy beside the database, checked and brought to the newest schema: the file itself is left as it is. Throws a
 * sentence for the person.
 */
function prepare(sqlite: Sqlite, source: string, path: string): string {
  if (isSame(path, source)) throw new Error('This is the database itself. Choose a copy of it.')
  const work = freePath(`${path}.restoring-${process.pid}`)
  try {
    copyFileSync(source, work)
    if (existsSync(`${source}-wal`)) copyFileSync(`${source}-wal`, `${work}-wal`)
    check(sqlite, work)
    return work
  } catch (error) {
    removeDatabase(work)
    throw error
  }
}

function check(sqlite: Sqlite, path: string): void {
  const database = new sqlite.DatabaseSync(path)
  try {
    const version = versionOf(database)
    if (version > MIGRATIONS.length)
      throw new Error('This copy was made by a newer version of Panelist. Update Panelist first.')
    if (version === 0) throw new Error('This file is no copy of Panelist’s chats.')
    if (!isSound(database)) throw new Error('This copy is damaged. Nothing was changed.')
    const backup = `${path}.before`
    migrate(database, { backupPath: () => backup })
    removeDatabase(backup)
    database.exec('PRAGMA journal_mode = DELETE')
  } finally {
    database.close()
  }
}

function versionOf(database: DatabaseSync): number {
  try {
    const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'stream_journal'").get()
    return known ? schemaVersion(database) : 0
  } catch {
    return 0
  }
}

/** Tables alone: an index of words can be made again. */
function isSound(database: DatabaseSync): boolean {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const names = tables.map(({ name }) => String(name)).filter((name) => /^[a-z_]+$/.test(name))
  return names.every((name) => {
    const verdict = database.prepare(`PRAGMA integrity_check(${name})`).get()?.integrity_check
    return verdict === 'ok'
  })
}

/** An attachment cannot begin within a transaction, so the work begins its own. */
function attached<T>(database: DatabaseSync, path: string, work: () => T): T {
  database.prepare('ATTACH ? AS other').run(path)
  try {
    return work()
  } finally {
    database.exec('DETACH other')
  }
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  return database
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => String(name))
}

function replaceAll(database: DatabaseSync, now: number): void {
  transaction(database, () => {
    database.exec('PRAGMA defer_foreign_keys = ON')
    // What requests come to is counted anew as they are written.
    for (const table of ['usage_day', 'usage_series', 'usage_chat']) database.exec(`DELETE FROM main.${table}`)
    for (const table of COPIED.toReversed()) database.exec(`DELETE FROM main.${table}`)
    for (const table of COPIED) {
      const columns = columnsOf(database, table).join(', ')
      // Lists keep the order rows were made in.
      const order = table === 'stream_journal' ? '' : 'ORDER BY rowid'
      database.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM other.${table} ${order}`)
    }
    database.exec('UPDATE main.message SET indexed = 0')
    bringSpent(database, now)
  })
}

const MISSING = `
  FROM other.message JOIN other.conversation ON other.conversation.id = other.message.conversation
  WHERE other.conversation.deleted_at IS NULL AND other.message.removal IS NULL
    AND NOT EXISTS (SELECT 1 FROM main.message WHERE main.message.id = other.message.id)`

function countMissing(database: DatabaseSync): number {
  return Number(database.prepare(`SELECT count(DISTINCT other.conversation.id) AS chats ${MISSING}`).get()?.chats)
}

/** What belongs to this database alone is left behind: numbers of the index, and who streams. */
function bring(database: DatabaseSync, now: number): void {
  const own: Record<string, string> = {
    number: 'NULL',
    doc: 'NULL',
    indexed: '0',
    owner: 'NULL',
    deleted_at: 'NULL',
  }
  const take = (table: string, where: string): void => {
    const columns = columnsOf(database, table)
    const values = columns.map((column) => own[column] ?? `taken.${column}`)
    database.exec(
      `INSERT OR IGNORE INTO main.${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM other.${table} AS taken WHERE ${where}`,
    )
  }
  transaction(database, () => {
    const kept = 'SELECT id FROM other.conversation WHERE deleted_at IS NULL'
    take('conversation', `taken.id IN (${kept})`)
    take('message', `taken.conversation IN (${kept})`)
    take('removal', `taken.conversation IN (${kept})`)
    take('stream_journal', "EXISTS (SELECT 1 FROM main.message WHERE id = taken.message_id AND state = 'streaming')")
    take('summary', `taken.conversation IN (${kept})`)
    take('blob', 'true')
    take('request', 'true')
    take('benchmark_run', 'true')
    bringSpent(database, now)
  })
}

/**
 * What was spent is spent, whichever chats are there: nothing is taken from the ledger, and what only the copy knows counts on,
 * so that no budget begins anew because a database was damaged or lies on another machine now.
 */
function bringSpent(database: DatabaseSync, now: number): void {
  const columns = 'id, state, at, amount, credits, pool, conversation, agent, workspace'
  database
    .prepare(
      `INSERT OR IGNORE INTO main.budget_entry (${columns})
       SELECT ${columns} FROM other.budget_entry WHERE state = 'settle' AND at >= ?`,
    )
    .run(now - COUNTS_FOR)
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev
}
