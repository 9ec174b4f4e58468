/** Brings a database forward to the newest schema, from every version that was released. */
import { VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6 } from './schema.ts'
import type { DatabaseSync } from './sqlite.ts'
import { NewerDatabase, transaction } from './sqlite.ts'

/** Step n (from 0) makes version n + 1. Steps that have shipped never change. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6]

export type MigrateOptions = {
  /** Where a copy of a database that has something to lose goes before it is changed. Must not exist. */
  backupPath: (version: number) => string
  migrations?: readonly string[]
}

export function schemaVersion(database: DatabaseSync): number {
  const row = database.prepare('PRAGMA user_version').get()
  return Number(row?.user_version ?? 0)
}

/**
 * All steps or none. Returns the path of the backup where one was taken. Throws `NewerDatabase` for a version this
 * program does not know, and what the database throws; the database is then as it was.
 */
export function migrate(database: DatabaseSync, options: MigrateOptions): string | undefined {
  const steps = options.migrations ?? MIGRATIONS
  const version = schemaVersion(database)
  if (version > steps.length) throw new NewerDatabase(`The database has version ${version}.`)
  if (version === steps.length) return undefined
  const backup = version > 0 ? options.backupPath(version) : undefined
  if (backup !== undefined) database.prepare('VACUUM INTO ?').run(backup)
  transaction(database, () => {
    // Read again under the lock: another window may have migrated in the meantime, even further than we know.
    const current = schemaVersion(database)
    if (current > steps.length) throw new NewerDatabase(`The database has version ${current}.`)
    for (const step of steps.slice(current)) database.exec(step)
    database.exec(`PRAGMA user_version = ${steps.length}`)
  })
  return backup
}
