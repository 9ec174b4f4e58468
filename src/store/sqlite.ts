/** The thin layer over `node:sqlite`: loading it, telling its errors apart, transactions. */
import type { DatabaseSync } from 'node:sqlite'

export type { DatabaseSync } from 'node:sqlite'
export type Sqlite = typeof import('node:sqlite')

/** Longest wait for another window's lock, in milliseconds. It blocks the host, so it is far above what a write takes. */
export const BUSY_TIMEOUT = 2_000

/** Loaded on first use, and past the bundler. Undefined where the runtime has none (before Node 22.13) or cannot load it. */
export function loadSqlite(): Sqlite | undefined {
  try {
    return process.getBuiltinModule('node:sqlite')
  } catch {
    return undefined
  }
}

/** The database file holds something that is not, or no longer, a sound database. */
export class DamagedDatabase extends Error {}

/** The database is sound but not for us: newer than this version of Panelist. */
export class NewerDatabase extends Error {}

// Primary result codes, https://www.sqlite.org/rescode.html
const GENERIC = 1
const BUSY = 5
const LOCKED = 6
const IO_ERROR = 10
const CORRUPT = 11
const NOT_A_DATABASE = 26

/** True only for errors that say the file itself is damaged, never for locks, permissions or a full disk. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error)
  return error instanceof DamagedDatabase || code === CORRUPT || code === NOT_A_DATABASE
}

/** An open file fails to give what was asked of it: it is damaged, its medium fails, or a number in it cannot be one. */
export function isUnreadable(error: unknown): boolean {
  const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE'
  return isDamage(error) || resultCode(error) === IO_ERROR || tooLarge
}

/** What an index that is damaged, or is not there, fails with. A damaged database does so too: then all else fails as well. */
export function isOfIndex(error: unknown): boolean {
  return isDamage(error) || (resultCode(error) === GENERIC && /no such (table|module)|fts5/i.test(String(error)))
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === BUSY || code === LOCKED
}

/** The low byte: extended codes keep the primary one there. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

/** All of `work` or nothing. Takes the write lock first, so that it cannot fail half-way for another window's write. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // Some errors (a full disk) have rolled back already: then there is nothing to end, and the first error counts.
    try {
      database.exec('ROLLBACK')
    } catch {
      // See above.
    }
    throw error
  }
}

/** Blocks for some milliseconds: for the few statements that the busy timeout does not cover. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
