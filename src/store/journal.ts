import type { MessageId, StoredMessage } from '../shared/conversation.ts'
import type { Context } from './context.ts'
import type { JournalEvent } from './fold.ts'
import { encodeEvents } from './fold.ts'
import type { Interrupted } from './interrupted.ts'
import { createRecovery } from './journal-recovery.ts'
import type { MessageReader } from './message-reader.ts'
import type { MessageWriter } from './message-writer.ts'
import { BUSY_TIMEOUT, isBusy, transaction } from './sqlite.ts'
import type { Journal } from './store.ts'

/** What can be appended later need not block the host for long. Milliseconds. */
const APPEND_TIMEOUT = 100
/** Every `append` is a heartbeat too, but not every one needs to be written. Milliseconds. */
const HEARTBEAT_EVERY = 5_000

export function createJournal(
  context: Context,
  reader: MessageReader,
  writer: MessageWriter,
  interrupted: Interrupted,
): Journal {
  const { database, clock, owners, index } = context
  // No row where the message is gone, settled, or another window's. The last number is one step in the key's index,
  // however long the answer is.
  const append = database.prepare(
    `INSERT INTO stream_journal (message_id, seq, events)
     SELECT id, (SELECT coalesce(max(seq) + 1, 0) FROM stream_journal WHERE message_id = :id), :events
     FROM message WHERE id = :id AND state = 'streaming' AND owner = :owner`,
  )
  const clear = database.prepare('DELETE FROM stream_journal WHERE message_id = ?')

  /** Events that wait for another window's lock. */
  const waiting = new Map<MessageId, JournalEvent[]>()
  let lastBeat = 0

  const beat = (): void => {
    if (clock() - lastBeat < HEARTBEAT_EVERY) return
    owners.heartbeat()
    lastBeat = clock()
  }
  const store = (message: StoredMessage): void => {
    writer.replace(message)
    clear.run(message.id)
  }

  return {
    begin: (message) =>
      index.write(() => {
        owners.heartbeat()
        lastBeat = clock()
        reader.mustNotBeDeleted(message.conversation)
        writer.insert({ ...message, state: 'streaming' }, owners.id)
      }),
    append(message, events) {
      const all = [...(waiting.get(message) ?? []), ...events]
      if (all.length === 0) return true
      try {
        database.exec(`PRAGMA busy_timeout = ${APPEND_TIMEOUT}`)
        transaction(database, () => {
          beat()
          append.run({ id: message, events: encodeEvents(all), owner: owners.id })
        })
        waiting.delete(message)
        return true
      } catch (error) {
        if (!isBusy(error)) throw error
        waiting.set(message, all)
        return false
      } finally {
        database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
      }
    },
    finish(message) {
      index.write(() => store(message))
      waiting.delete(message.id)
    },
    recover: createRecovery(context, reader, interrupted, store),
  }
}
