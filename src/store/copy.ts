/** A copy of the whole database, as it is at one moment, while windows go on writing to it. */
import { renameSync, rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { DatabaseSync, Sqlite } from './sqlite.ts'

/** Pages of one step: the host is free between two. */
const PAGES = 500

/**
 * Writes to a name beside `path` first, so that what stands at `path` is always whole. Rejects with what the database or
 * the file system throws, and leaves nothing behind then.
 */
export async function copyTo(sqlite: Sqlite, database: DatabaseSync, path: string): Promise<void> {
  const part = `${path}.part-${process.pid}`
  try {
    removeDatabase(part)
    // Runtimes before Node 22.16 have no `backup`.
    if ('backup' in sqlite) await inSteps(sqlite, database, part)
    else (database as DatabaseSync).prepare('VACUUM INTO ?').run(part)
    makeOneFile(sqlite, part)
    renameSync(part, path)
  } catch (error) {
    removeDatabase(part)
    throw error
  }
}

/** Tries of a copy, and the time between two in milliseconds. */
const TRIES = 8
const AGAIN_AFTER = 50

/**
 * A step is made in a thread of its own. Where it meets a write of this very connection it fails, and Node gives the last
 * error of the copy, which is none: the copy is begun anew then.
 */
async function inSteps(sqlite: Sqlite, database: DatabaseSync, part: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await sqlite.backup(database, part, { rate: PAGES })
      return
    } catch (error) {
      if (tried === TRIES || !isBusy(error)) throw error
      removeDatabase(part)
      await setTimeout(tried * AGAIN_AFTER)
    }
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && /not an error|database is locked|database table is locked/.test(error.message)

/**
 * A copy of a database with a write-ahead log asks for such a log too, which a file that is carried about does not have. Who
 * waits for a provider just now is nobody's concern later.
 */
function makeOneFile(sqlite: Sqlite, path: string): void {
  const database = new sqlite.DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = DELETE; DELETE FROM rate_ticket; DELETE FROM rate_hold')
  } finally {
    database.close()
  }
}

export function removeDatabase(path: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}
