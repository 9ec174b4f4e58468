/** Brings the index up to the messages: after an upgrade, after damage, and after a window that could not keep it. */
import type { MessageId } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage } from './codec.ts'
import type { Context } from './context.ts'
import type { SearchIndex } from './store.ts'

/** Milliseconds that one step may block the host. */
const BUDGET = 20
/** Messages of one transaction: another window waits for as long as these take. */
const BATCH = 25

export function createIndexKeeper({ database, index, reading, report }: Context): SearchIndex {
  const behind = database.prepare("SELECT count(*) AS rows FROM message WHERE indexed < ? AND state <> 'streaming'")
  const next = database.prepare("SELECT * FROM message WHERE indexed < ? AND state <> 'streaming' LIMIT ?")
  const settle = database.prepare('UPDATE message SET indexed = ? WHERE id = ?')
  const derive = database.prepare(
    `UPDATE message SET role = :role, provider = :provider, model = :model, preview = :preview, doc = :doc,
     indexed = :indexed WHERE id = :id`,
  )
  /** Nothing can be made that could be searched. */
  let hopeless = false

  const enter = (row: MessageRow): void => {
    const message = decodeMessage(row)
    // A damaged row has nothing to be found by. It is told of where it is read.
    if (!message) return void settle.run(index.generation(), row.id)
    const derived = index.enter(message, row.doc)
    if (row.removal !== null && derived.doc !== null) index.drop([derived.doc])
    derive.run({ ...derived, id: row.id })
  }
  const batch = (): MessageId[] =>
    index.write(() => {
      const generation = index.generation()
      const rows = generation === 0 ? [] : (next.all(generation, BATCH) as MessageRow[])
      rows.forEach(enter)
      return rows.map(({ id }) => id)
    })

  return {
    behind: () => reading.one('The messages', 0, () => Number(behind.get(index.generation() || 1)?.rows)),
    step(budget = BUDGET) {
      const end = performance.now() + budget
      try {
        if (index.generation() === 0) hopeless ||= !index.renew()
        if (hopeless) return false
        while (batch().length === BATCH) if (performance.now() >= end) return true
        return index.generation() === 0
      } catch (error) {
        report(`The index could not be brought up to date (${error instanceof Error ? error.message : String(error)}).`)
        return false
      }
    },
  }
}
