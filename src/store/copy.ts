/** A copy of the whole database, as it is at one moment, while windows go on writing to it. */
import { renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from './sqlite.ts'
import { loadSqlite } from './sqlite.ts'

/** Pages of one step: the host is free between two. */
const PAGES = 500

/**
 * Writes to a name beside `path` first, so that what stands at `path` is always whole. Rejects with what the database or
 * the file system throws, and leaves nothing behind then.
 */
export async function copyTo(database: DatabaseSync, path: string): Promise<void> {
  const part = `${path}.part`
  try {
    rmSync(part, { force: true })
    const backup = loadSqlite()?.backup
    if (backup) await backup(database, part, { rate: PAGES })
    else database.prepare('VACUUM INTO ?').run(part)
    renameSync(part, path)
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(part + suffix, { force: true })
    throw error
  }
}
