import type { SettleInterrupted } from './contract/interrupted.ts'
import type { Index } from './search-index.ts'
import type { Owners } from './owners.ts'
import type { Reading } from './reading.ts'
import type { DatabaseSync, Sqlite } from './sqlite.ts'

/** What every repository is made from. */
export type Context = {
  /** Of the database file. */
  path: string
  sqlite: Sqlite
  database: DatabaseSync
  /** Epoch milliseconds. */
  clock: () => number
  owners: Owners
  index: Index
  /** What a request of a dead window is recorded with, and cost. */
  interrupted?: SettleInterrupted | undefined
  /** Tells about damage that was found and survived: a whole sentence without any content of the row. */
  report: (problem: string) => void
  /** Every read of a repository goes through this. */
  reading: Reading
}
