/** What happens to a database file that is damaged: it is moved aside whole, so that nothing is ever written over it. */
import { existsSync, renameSync, statSync } from 'node:fs'

/** Identity of the file at `path`, to notice that another window has put a fresh one there. */
export function fileId(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/**
 * Renames the database with its write-ahead log to `<path>.damaged-<time>` and returns that path. Throws what the file
 * system throws; the files then still exist, under one name or the other.
 *
 * The log goes first: beside a fresh database an old log would be replayed into it.
 */
export function setAside(path: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  const target = freePath(`${path}.damaged-${stamp}`)
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix)
  }
  return target
}

/** A rename would silently replace what is there. */
export function freePath(wanted: string): string {
  let path = wanted
  for (let count = 2; existsSync(path); count++) path = `${wanted}-${count}`
  return path
}
