/** The door of the store: opens the database file, or says why this window has to do without. */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileId, freePath, setAside } from './damage.ts'
import type { SettleInterrupted } from './contract/interrupted.ts'
import { createMemoryStore } from './memory.ts'
import { MIGRATIONS, migrate, schemaVersion } from './migrations.ts'
import { createOwners } from './owners.ts'
import { createReading } from './reading.ts'
import { hasFullText } from './search-generation.ts'
import { createIndex } from './search-index.ts'
import type { DatabaseSync, Sqlite } from './sqlite.ts'
import { BUSY_TIMEOUT, DamagedDatabase, NewerDatabase, isBusy, isDamage, loadSqlite, pause } from './sqlite.ts'
import { createSqliteStore } from './sqlite-store.ts'
import type { OpenedStore, Store, StoreNotice } from './store.ts'

export type OpenOptions = {
  /** Of the database file. Its folder is made where it is missing. */
  path: string
  /** Epoch milliseconds. */
  clock?: () => number
  /** Damage that was found and survived while the store is used: sentences for the log, each once. */
  onProblem?: (problem: string) => void
  /** What a request of a dead window is recorded with, and cost: without it they are not recorded, and cost what was held for them. */
  interrupted?: SettleInterrupted
  /** `node:sqlite`, or undefined to go without. */
  sqlite?: Sqlite | undefined
  /** Whether FTS5 is used; as the runtime has it where absent. */
  fullText?: boolean
  /** For tests of migration. */
  migrations?: readonly string[]
}

/** A full check reads the whole file, about 0.5 ms a megabyte: larger files are checked only after a crash. Bytes. */
const CHECK_ALWAYS_BELOW = 32 * 1024 * 1024
/** Another window may put a fresh file in place, or damage it again, while this one opens it. */
const ATTEMPTS = 3

/** Opens the database, or a store in memory where that cannot be done; `notices` say which and why. Never throws. */
export function openStore(options: OpenOptions): OpenedStore {
  const { path, clock = Date.now } = options
  const notices: StoreNotice[] = []
  const inMemory = (text: string): OpenedStore => {
    const consequence = 'Chats of this window are kept in memory only and are lost when it closes.'
    notices.push({ level: 'warning', text: `${text} ${consequence}` })
    return { store: createMemoryStore(clock), notices }
  }
  const sqlite = 'sqlite' in options ? options.sqlite : loadSqlite()
  if (!sqlite) return inMemory('This version of VS Code has no SQLite, which Panelist keeps its chats in.')
  for (let attempt = 1; ; attempt++) {
    let opened: number | undefined
    try {
      createPrivately(path)
      opened = fileId(path)
      return { store: openFile(sqlite, { ...options, clock }, notices), notices }
    } catch (error) {
      if (!isDamage(error) || attempt === ATTEMPTS) return inMemory(explain(error, path))
      try {
        if (fileId(path) !== opened) continue
        const aside = setAside(path, clock())
        const text = `The chat database was damaged. It was set aside as ${aside}, and Panelist started a new one.`
        notices.push({ level: 'error', text })
      } catch (failure) {
        return inMemory(`The chat database ${path} is damaged and could not be set aside (${messageOf(failure)}).`)
      }
    }
  }
}

function openFile(sqlite: Sqlite, options: OpenOptions & { clock: () => number }, notices: StoreNotice[]): Store {
  const { path, clock, migrations = MIGRATIONS } = options
  const indexIsSound = inspect(sqlite, path, migrations.length, clock)
  const database = new sqlite.DatabaseSync(path)
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
    useWriteAheadLog(database)
    const stamp = new Date(clock()).toISOString().replaceAll(/[:.]/g, '-')
    const backupPath = (version: number): string => freePath(`${path}.v${version}-backup-${stamp}`)
    const backup = migrate(database, { backupPath, migrations })
    if (backup)
      notices.push({ level: 'info', text: `The chat database was upgraded. A copy of the old one is ${backup}.` })
    // A file that can be read but not written is found out now, not in the middle of an answer.
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    const report = once(options.onProblem)
    const reading = createReading(report)
    const fullText = options.fullText ?? hasFullText(database)
    const index = createIndex(database, fullText, report)
    if (index.generation() === 0 || !indexIsSound) index.renew()
    return createSqliteStore({
      path,
      sqlite,
      database,
      clock,
      owners: createOwners(database, clock),
      index,
      interrupted: options.interrupted,
      report,
      reading,
    })
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Looks at the file without writing to it: even closing a writable connection would move the log into the database.
 * Throws `DamagedDatabase`, `NewerDatabase` and what the database throws. False where only the index of words is damaged.
 */
function inspect(sqlite: Sqlite, path: string, newest: number, clock: () => number): boolean {
  const database = new sqlite.DatabaseSync(path, { readOnly: true })
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
    const version = schemaVersion(database)
    if (version > newest) throw new NewerDatabase()
    if (version === newest) checkTables(database)
    const small = statSync(path).size <= CHECK_ALWAYS_BELOW
    const check = small || (version > 0 && createOwners(database, clock).anyDead())
    return !check || checkPages(database)
  } finally {
    database.close()
  }
}

/**
 * For this person's eyes only: SQLite gives its log the permissions of the database. A file that exists is not opened,
 * because closing it again would drop the locks that SQLite holds on it in this process.
 */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

/**
 * Readers and one writer at the same time, and commits that survive a killed host (though the last of them not a power
 * cut). The busy timeout does not always cover the switch, which two windows may try at once. Where the file system cannot do
 * it (some network drives), SQLite stays with its older journal, which works too.
 */
function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = Date.now() + BUSY_TIMEOUT
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error
      pause(20)
    }
  }
}

export const TABLES = [
  'conversation',
  'message',
  'stream_journal',
  'owner',
  'blob',
  'request',
  'model_cache',
  'removal',
  'summary',
  'search_state',
  'budget_entry',
  'usage_slice',
  'usage_day',
  'usage_series',
  'usage_chat',
  'rate_ticket',
  'rate_hold',
]

function checkTables(database: DatabaseSync): void {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const missing = TABLES.filter((table) => !names.some((row) => row.name === table))
  if (missing.length > 0) throw new DamagedDatabase(`Tables are missing: ${missing.join(', ')}.`)
}

/** True where all is sound, false where only what can be made again is not. */
function checkPages(database: DatabaseSync): boolean {
  const verdict = verdictOn(database)
  if (verdict === 'ok') return true
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const bad = tables.map(({ name }) => String(name)).filter((name) => verdictOn(database, name) !== 'ok')
  const words = /^search_\d+(_[a-z]+)?$/
  if (bad.length === 0 || !bad.every((name) => words.test(name))) throw new DamagedDatabase(verdict)
  const current = database.prepare('SELECT generation FROM search_state').get()?.generation
  return !bad.some((name) => name.split('_')[1] === String(current))
}

function verdictOn(database: DatabaseSync, table?: string): string {
  const scope = table === undefined ? '1' : `"${table}"`
  try {
    return String(database.prepare(`PRAGMA quick_check(${scope})`).get()?.quick_check)
  } catch (error) {
    // A virtual table of a module that this runtime does not have cannot be looked at.
    if (table === undefined || isDamage(error)) throw error
    return 'ok'
  }
}

function explain(error: unknown, path: string): string {
  if (error instanceof NewerDatabase) {
    return `The chat database ${path} was written by a newer version of Panelist. Update Panelist to see its chats.`
  }
  if (isBusy(error)) return `Another program has locked the chat database ${path}. Reload the window once it is done.`
  if (isDamage(error)) return `The chat database ${path} is damaged.`
  return `The chat database ${path} could not be opened (${messageOf(error)}).`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A damaged row is met at every read, and told once. */
function once(tell: (problem: string) => void = () => undefined): (problem: string) => void {
  const told = new Set<string>()
  return (problem) => {
    if (told.has(problem)) return
    told.add(problem)
    tell(problem)
  }
}
