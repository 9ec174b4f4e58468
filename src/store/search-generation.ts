/**
 * Which table is searched now. Every window reads in each transaction which generation counts; what is wrong with one is
 * mended by the next, a fresh table.
 */
import type { DatabaseSync } from './sqlite.ts'
import { isOfIndex, transaction } from './sqlite.ts'

/** Another way to spell words needs another name. */
const FULL_TEXT = 'fts5-1'
const PLAIN = 'like-1'

/** The table of a generation, and what writes it. */
export type SearchTable = ReturnType<typeof prepared>

export interface Generations {
  /** As it is now, which another window may have changed; undefined where there is none. */
  current(): SearchTable | undefined
  /** Begins a new one. False where that cannot be done. */
  renew(): boolean
  /** The index is what fails: from now on there is none, until it is renewed. */
  distrust(): void
  readonly distrusted: boolean
}

/** Whether this runtime has the FTS5 that we need: one that can forget what it does not store. */
export function hasFullText(database: DatabaseSync): boolean {
  try {
    database.exec(`${fullTextTable('temp.full_text_probe')}; DROP TABLE temp.full_text_probe`)
    return true
  } catch {
    return false
  }
}

const fullTextTable = (name: string): string =>
  `CREATE VIRTUAL TABLE ${name} USING fts5(text, content='', contentless_delete=1, tokenize='ascii', prefix='2 3')`

export function createGenerations(
  database: DatabaseSync,
  fullText: boolean,
  report: (problem: string) => void,
): Generations {
  const state = database.prepare('SELECT generation, kind FROM search_state')
  const setState = database.prepare('INSERT OR REPLACE INTO search_state VALUES (1, ?, ?)')
  const highest = database.prepare('SELECT max(indexed) AS indexed FROM message')
  const tables = database.prepare(
    String.raw`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'search\__%' ESCAPE '\'`,
  )
  let table: SearchTable | undefined
  let broken = false

  const distrust = (): void => {
    broken = true
    table = undefined
  }
  const current = (): SearchTable | undefined => {
    if (broken) return undefined
    const row = state.get()
    const generation = Number(row?.generation ?? 0)
    if (table?.generation === generation) return table
    const kind = String(row?.kind)
    const known = kind === PLAIN || (kind === FULL_TEXT && fullText)
    try {
      table = known ? prepared(database, generation, kind === FULL_TEXT) : undefined
    } catch (error) {
      // Its table is gone.
      if (!isOfIndex(error)) throw error
      distrust()
    }
    return table
  }
  const renew = (): boolean => {
    try {
      transaction(database, () => {
        // Above all that was, also where the state is lost: rows of an earlier index must count as behind.
        const generation = Math.max(Number(state.get()?.generation ?? 0), Number(highest.get()?.indexed ?? 0)) + 1
        const name = `search_${generation}`
        database.exec(
          fullText ? fullTextTable(name) : `CREATE TABLE ${name} (doc INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`,
        )
        setState.run(generation, fullText ? FULL_TEXT : PLAIN)
      })
    } catch (error) {
      report(
        `Chats cannot be searched for the words in them (${error instanceof Error ? error.message : String(error)}).`,
      )
      return false
    }
    broken = false
    forgetOthers(
      database,
      tables.all().map(({ name }) => String(name)),
      current()?.name,
    )
    return true
  }

  return {
    current,
    renew,
    distrust,
    get distrusted() {
      return broken
    },
  }
}

function prepared(database: DatabaseSync, generation: number, fullText: boolean) {
  const name = `search_${generation}`
  const doc = fullText ? 'rowid' : 'doc'
  return {
    generation,
    fullText,
    name,
    insert: database.prepare(`INSERT INTO ${name} (${doc}, text) VALUES (?, ?)`),
    remove: database.prepare(`DELETE FROM ${name} WHERE ${doc} = ?`),
  }
}

/** What is damaged cannot always be dropped: then it stays, and nobody reads it. */
function forgetOthers(database: DatabaseSync, names: readonly string[], kept: string | undefined): void {
  for (const name of names) {
    if (!/^search_\d+$/.test(name) || name === kept) continue
    try {
      database.exec(`DROP TABLE ${name}`)
    } catch {
      // See above.
    }
  }
}
