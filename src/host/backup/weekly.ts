/** A copy of the chats once a week, beside the database; the last three are kept. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../store/store.ts'

const WEEK = 7 * 24 * 3_600_000
const KEPT = 3
const NAME = /^panelist-(\d{4}-\d\d-\d\d)\.db$/

export const BACKUPS = 'backups'

/** The name of a copy made at this moment: epoch milliseconds. */
export const nameOf = (now: number): string => `panelist-${new Date(now).toISOString().slice(0, 10)}.db`

/**
 * Makes the copy where the last one is a week old. Gives its path, or undefined where none is due, where nothing is kept on
 * disk, and where there is no chat: an empty database must not push out the copies of a full one. Rejects like `backup`.
 */
export async function backUpWeekly(store: Store, folder: string, now: number): Promise<string | undefined> {
  if (!store.durable || !hasChats(store)) return undefined
  const backups = join(folder, BACKUPS)
  mkdirSync(backups, { recursive: true, mode: 0o700 })
  const newest = copiesIn(backups).at(-1)
  if (newest !== undefined && now - newest.day < WEEK) return undefined
  const path = join(backups, nameOf(now))
  await store.backup(path)
  for (const { name } of copiesIn(backups).slice(0, -KEPT)) rmSync(join(backups, name), { force: true })
  return path
}

function hasChats({ conversations }: Store): boolean {
  return [false, true].some((archived) => conversations.list({ limit: 1, archived }).length > 0)
}

/** Oldest first. A day that has not come yet is that of a clock that was wrong. */
function copiesIn(folder: string): { name: string; day: number }[] {
  const names = readdirSync(folder).filter((name) => NAME.test(name))
  return names.sort().map((name) => ({ name, day: Math.min(Date.parse(NAME.exec(name)?.[1] ?? ''), Date.now()) }))
}
