/** Reads that survive a file whose pages are damaged, or whose medium fails, while it is open. */
import { isUnreadable } from './sqlite.ts'

export interface Reading {
  /** What `read` gives, or `otherwise` where the file cannot be read. `what` begins the sentence that tells of it. */
  one<T>(what: string, otherwise: T, read: () => T): T
  /** The rows that `read` gives, up to the first that cannot be read. */
  rows<T>(what: string, read: () => Iterable<T>): T[]
}

/** Throws what is no damage: a lock, or a mistake of ours. */
export function createReading(report: (problem: string) => void): Reading {
  const one = <T>(what: string, otherwise: T, read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (!isUnreadable(error)) throw error
      report(`${what} could not be read: the database file is damaged.`)
      return otherwise
    }
  }
  return {
    one,
    rows<T>(what: string, read: () => Iterable<T>): T[] {
      const rows: T[] = []
      one(what, undefined, () => {
        for (const row of read()) rows.push(row)
      })
      return rows
    },
  }
}
