/** Settles the answers that a window left unfinished which is gone. */
import type { MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import type { Context } from './context.ts'
import type { Interrupted } from './interrupted.ts'
import type { MessageReader } from './message-reader.ts'
import type { Journal } from './store.ts'

/** `store` writes a settled message in the place of its journal. */
export function createRecovery(
  { database, owners, report, reading, index }: Context,
  reader: MessageReader,
  interrupted: Interrupted,
  store: (message: StoredMessage) => void,
): Journal['recover'] {
  const streaming = database.prepare("SELECT * FROM message WHERE state = 'streaming' ORDER BY created_at, rowid")
  const orphans = (): MessageRow[] => {
    const rows = reading.rows('Part of the unfinished answers', () => streaming.iterate()) as MessageRow[]
    return rows.filter((row) => !reader.isStreamed(row))
  }
  /** One answer, under the lock: another window may have settled it meanwhile. */
  const recoverOne = (id: MessageId): StoredMessage | undefined =>
    index.write(() => {
      const row = reader.row(id)
      if (row?.state !== 'streaming' || reader.isStreamed(row)) return undefined
      const folded = reader.folded(row)
      if (!folded) return undefined
      const settled = interrupted.settle(folded)
      store(settled)
      return settled
    })

  return () => {
    const settled: StoredMessage[] = []
    try {
      // Most starts find nothing: they take no lock.
      const found = orphans()
      for (const { id } of found) {
        const message = reading.one(`Answer ${id}`, undefined, () => recoverOne(id))
        if (message) settled.push(message)
      }
      if (found.length > 0) owners.forgetDead()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      report(`Unfinished answers of another window could not be settled (${reason}). The next start tries again.`)
    }
    return settled
  }
}
