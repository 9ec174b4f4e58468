/** Which conversations hold what is searched for: in the title, in one message, or partly in each. */
import type { Phrase } from './words.ts'
import { fold, holds, spelled } from './words.ts'

type Candidate = { title: string; number: number | null }
/** `doc`: the message that was found, where the title alone is not all there is to show. */
type Match<Row> = { row: Row; doc?: number }

/** By the conversation's number, a message that holds all of these phrases. */
export type Hits = (phrases: readonly Phrase[]) => Map<number, number>

/** Titles differ less often than they are searched. */
const MOST_TITLES = 20_000
/** Ways to divide the phrases between title and message that are looked at. */
const MOST_DIVISIONS = 30

export function createMatcher({ hits }: { hits: Hits }) {
  const titles = new Map<string, string>()
  const folded = (title: string): string => {
    const known = titles.get(title)
    if (known !== undefined) return known
    if (titles.size >= MOST_TITLES) titles.clear()
    const made = `${fold(title)}\n ${spelled(title)} `
    titles.set(title, made)
    return made
  }

  return <Row extends Candidate>(rows: readonly Row[], phrases: readonly Phrase[]): Match<Row>[] => {
    const divisions = new Map<string, Map<number, number>>()
    const hitsOf = (wanted: readonly Phrase[]): Map<number, number> | undefined => {
      const key = wanted.map((phrase) => phrases.indexOf(phrase)).join()
      if (!divisions.has(key) && divisions.size < MOST_DIVISIONS) divisions.set(key, hits(wanted))
      return divisions.get(key)
    }
    // First, so that it is never one of those that are too many.
    const whole = hitsOf(phrases)
    return rows.flatMap((row): Match<Row>[] => {
      const title = folded(row.title)
      const doc = row.number === null ? undefined : whole?.get(row.number)
      if (doc !== undefined) return [{ row, doc }]
      const missing = phrases.filter((phrase) => !inTitle(title, phrase))
      if (missing.length === 0) return [{ row }]
      if (missing.length === phrases.length || row.number === null) return []
      const rest = hitsOf(missing)?.get(row.number)
      return rest === undefined ? [] : [{ row, doc: rest }]
    })
  }
}

/** In titles any part counts: they are short, and people remember parts of them. */
function inTitle(title: string, phrase: Phrase): boolean {
  return title.includes(phrase.raw) || holds(title, phrase)
}
