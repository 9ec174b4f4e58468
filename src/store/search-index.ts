/**
 * What is searched of the messages: FTS5 where the runtime has it, else a table of their words that is read with LIKE. Both
 * hold words as `words.ts` spells them, so that both find the same.
 *
 * The index is derived and may be lost: writes of messages never fail for it. What is wrong with it is mended by a new
 * generation, a fresh table that is filled in steps. Every window reads in each transaction which generation counts.
 */
import type { StoredMessage } from '../shared/conversation.ts'
import type { DatabaseSync } from './sqlite.ts'
import { isOfIndex, transaction } from './sqlite.ts'
import { BITS, conversationIn, createDocs } from './search-docs.ts'
import type { SearchTable } from './search-generation.ts'
import { createGenerations } from './search-generation.ts'
import { searchableText, traitsOf } from './searchable.ts'
import type { Phrase } from './words.ts'
import { pattern, spelled } from './words.ts'

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

export function createIndex(database: DatabaseSync, fullText: boolean, report: (problem: string) => void): Index {
  const generations = createGenerations(database, fullText, report)
  const nextDoc = createDocs(database)

  return {
    enter(stored, doc) {
      const { role, preview, model } = traitsOf(stored.message)
      const traits = { role, preview, provider: model?.provider ?? null, model: model?.model ?? null }
      const index = generations.current()
      if (!index || stored.state === 'streaming') return { ...traits, doc, indexed: 0 }
      if (doc !== null) index.remove.run(doc)
      const place = doc ?? nextDoc(stored)
      const words = spelled(searchableText(stored.message))
      if (words !== '') index.insert.run(place, index.fullText ? words : ` ${words} `)
      return { ...traits, doc: place, indexed: index.generation }
    },
    drop(docs) {
      const index = generations.current()
      if (index) for (const doc of docs) index.remove.run(doc)
    },
    hits(phrases) {
      const hits = new Map<number, number>()
      const index = generations.current()
      if (!index || phrases.length === 0 || phrases.some(({ words }) => words.length === 0)) return hits
      try {
        const [sql, values] = queryOf(index, phrases)
        const rows = database.prepare(sql).iterate(...values)
        for (const { doc } of rows) hits.set(conversationIn(Number(doc)), Number(doc))
      } catch (error) {
        if (!isOfIndex(error)) throw error
        report('The index of the chats is damaged and is made anew.')
        generations.distrust()
      }
      return hits
    },
    generation: () => generations.current()?.generation ?? 0,
    renew: () => generations.renew(),
    write(work) {
      try {
        return transaction(database, work)
      } catch (error) {
        if (generations.distrusted || !isOfIndex(error)) throw error
        generations.distrust()
        return transaction(database, work)
      }
    },
  }
}

function queryOf({ name: table, fullText }: SearchTable, phrases: readonly Phrase[]): [sql: string, values: string[]] {
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
