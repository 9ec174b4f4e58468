/** Which suggestions fit the letters that were typed, best first, and where the letters are. */
import fuzzysort from 'fuzzysort'
import type { Suggestion } from '../../shared/protocol.ts'
import type { Search } from './suggestions.ts'

/** What is worse than this is chance. From 0 to 1. */
const THRESHOLD = 0.3
/** A fit beside the label counts less than one in it. */
const BESIDE = 0.8

/** Ties keep the order of the sources. Without letters everything fits, in its order. */
export function rank(query: string, items: readonly Suggestion[], most: number, search: Search): Suggestion[] {
  const wanted = query.trim()
  if (wanted === '') return items.slice(0, most)
  const fitting = items.flatMap((item, place) => {
    const beside = search(item.id)
    const found = fuzzysort.single(wanted, item.label)
    if (beside?.score !== undefined) return { item: marked(item, found?.indexes ?? []), score: beside.score, place }
    if (found && found.score >= THRESHOLD) return { item: marked(item, found.indexes), score: found.score, place }
    const other = beside?.search === undefined ? null : fuzzysort.single(wanted, beside.search)
    if (other && other.score * BESIDE >= THRESHOLD) return { item, score: other.score * BESIDE, place }
    return []
  })
  return fitting
    .toSorted((one, other) => other.score - one.score || one.place - other.place)
    .slice(0, most)
    .map(({ item }) => item)
}

/** Neighbouring letters as one stretch. */
function marked(item: Suggestion, indexes: readonly number[]): Suggestion {
  const marks: [number, number][] = []
  for (const at of indexes.toSorted((one, other) => one - other)) {
    const last = marks.at(-1)
    if (last && last[1] === at) last[1] = at + 1
    else marks.push([at, at + 1])
  }
  return marks.length > 0 ? { ...item, marks } : item
}
