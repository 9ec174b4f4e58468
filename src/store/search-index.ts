/**
 * What is searched of the messages: FTS5 where the runtime has it, else a table of their words that is read with LIKE. Both
 * hold words as `words.ts` spells them, so that both find the same.
 *
 * The index is derived and may be lost: writes of messages never fail for it. What is wrong with it is mended by a new
 * generation, a fresh table that is filled in steps. Every window reads in each transaction which generation counts.
 */
import type { ConversationId, StoredMessage } from '../shared/conversation.ts'
import type { DatabaseSync } from './sqlite.ts'
import { isOfIndex, transaction } from './sqlite.ts'
import { searchableText, traitsOf } from './searchable.ts'
import type { Phrase } from './words.ts'
import { pattern, spelled } from './words.ts'

/** Another way to spell words needs another name. */
const FULL_TEXT = 'fts5-1'
const PLAIN = 'like-1'

/** The number of a conversation stands above these bits of a `doc`. Below, what tools gave comes before all else. */
const BITS = 24
const SPAN = 2 ** BITS
const TOOLS = 2 ** (BITS - 1)

/** The derived columns of a message's row, as named parameters. */
export type Derived = {
  role: string
  provider: string | null
  model: string | null
  preview: string
  doc: number | null
  indexed: number
}

export interface Index {
  /** In the transaction that writes the message: what its row holds beside it. `doc`: the one it has. */
  enter(message: StoredMessage, doc: number | null): Derived
  /** These are found no more. */
  drop(docs: readonly number[]): void
  /** By the conversation's number: its newest message that holds all phrases, by its `doc`; text before what tools gave. */
  hits(phrases: readonly Phrase[]): Map<number, number>
  /** The generation that rows must have, or 0 where nothing can be searched. */
  generation(): number
  /** Begins a new generation. False where that cannot be done. */
  renew(): boolean
  /** All writes that end in the index: once more without it where it is what fails. */
  write<T>(work: () => T): T
}

type Shape = { generation: number; fullText: boolean; table: string }

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

export function createIndex(database: DatabaseSync, fullText: boolean, report: (problem: string) => void): Index {
  const state = database.prepare('SELECT generation, kind FROM search_state')
  const setState = database.prepare('INSERT OR REPLACE INTO search_state VALUES (1, ?, ?)')
  const highest = database.prepare('SELECT max(indexed) AS indexed FROM message')
  const tables = database.prepare(
    String.raw`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'search\__%' ESCAPE '\'`,
  )
  const number = database.prepare('SELECT number FROM conversation WHERE id = ?')
  const setNumber = database.prepare(
    'UPDATE conversation SET number = (SELECT coalesce(max(number), 0) + 1 FROM conversation) WHERE id = ?',
  )
  const newest = database.prepare('SELECT max(doc) AS doc FROM message WHERE doc >= ? AND doc < ?')
  let shape: Shape | undefined
  let statements: ReturnType<typeof prepare> | undefined
  /** Set while the index is what fails. */
  let broken = false

  const prepare = ({ table, fullText }: Shape) => {
    const doc = fullText ? 'rowid' : 'doc'
    return {
      insert: database.prepare(`INSERT INTO ${table} (${doc}, text) VALUES (?, ?)`),
      remove: database.prepare(`DELETE FROM ${table} WHERE ${doc} = ?`),
    }
  }
  const distrust = (): void => {
    broken = true
    shape = undefined
  }
  /** The index as it is now, which another window may have changed; undefined where there is none. */
  const current = (): Shape | undefined => {
    if (broken) return undefined
    const row = state.get()
    const generation = Number(row?.generation ?? 0)
    if (shape?.generation === generation) return shape
    const kind = String(row?.kind)
    const known = kind === PLAIN || (kind === FULL_TEXT && fullText)
    try {
      shape = known ? { generation, fullText: kind === FULL_TEXT, table: `search_${generation}` } : undefined
      statements = shape && prepare(shape)
    } catch (error) {
      // Its table is gone.
      if (!isOfIndex(error)) throw error
      distrust()
    }
    return shape
  }
  const numberOf = (conversation: ConversationId): number => {
    const row = number.get(conversation)
    if (typeof row?.number === 'number') return row.number
    setNumber.run(conversation)
    return Number(number.get(conversation)?.number)
  }
  const nextDoc = ({ conversation, message }: StoredMessage): number => {
    const start = numberOf(conversation) * SPAN + (message.role === 'tool' ? 0 : TOOLS)
    const last = newest.get(start, start + TOOLS)?.doc
    return typeof last === 'number' ? last + 1 : start
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
      current()?.table,
    )
    return true
  }

  return {
    enter(stored, doc) {
      const { role, preview, model } = traitsOf(stored.message)
      const traits = { role, preview, provider: model?.provider ?? null, model: model?.model ?? null }
      const index = current()
      if (!index || stored.state === 'streaming') return { ...traits, doc, indexed: 0 }
      if (doc !== null) statements?.remove.run(doc)
      const place = doc ?? nextDoc(stored)
      const words = spelled(searchableText(stored.message))
      if (words !== '') statements?.insert.run(place, index.fullText ? words : ` ${words} `)
      return { ...traits, doc: place, indexed: index.generation }
    },
    drop(docs) {
      if (current()) for (const doc of docs) statements?.remove.run(doc)
    },
    hits(phrases) {
      const hits = new Map<number, number>()
      const index = current()
      if (!index || phrases.length === 0 || phrases.some(({ words }) => words.length === 0)) return hits
      try {
        const [sql, values] = queryOf(index, phrases)
        const rows = database.prepare(sql).iterate(...values)
        for (const { doc } of rows) hits.set(Math.floor(Number(doc) / SPAN), Number(doc))
      } catch (error) {
        if (!isOfIndex(error)) throw error
        report('The index of the chats is damaged and is made anew.')
        distrust()
      }
      return hits
    },
    generation: () => current()?.generation ?? 0,
    renew,
    write(work) {
      try {
        return transaction(database, work)
      } catch (error) {
        if (broken || !isOfIndex(error)) throw error
        distrust()
        return transaction(database, work)
      }
    },
  }
}

function queryOf({ table, fullText }: Shape, phrases: readonly Phrase[]): [sql: string, values: string[]] {
  if (fullText) {
    return [
      `SELECT max(rowid) AS doc FROM ${table} WHERE ${table} MATCH ? GROUP BY rowid >> ${BITS}`,
      [matchOf(phrases)],
    ]
  }
  const all = phrases.map(() => 'text LIKE ?').join(' AND ')
  return [
    `SELECT max(doc) AS doc FROM ${table} WHERE ${all} GROUP BY doc >> ${BITS}`,
    phrases.map((phrase) => `%${pattern(phrase)}%`),
  ]
}

/** In the language of FTS5. Words are letters and digits alone, so that nothing in them means anything there. */
function matchOf(phrases: readonly Phrase[]): string {
  return phrases.map(({ words, begun }) => `"${words.join(' ')}"${begun ? '*' : ''}`).join(' AND ')
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
