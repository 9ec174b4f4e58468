/** The store over an open database of the newest schema: one repository a table. */
import { createBlobs } from './blobs.ts'
import { createBulk } from './sqlite-bulk.ts'
import type { Context } from './context.ts'
import { createConversations } from './conversations.ts'
import { createJournal } from './journal.ts'
import { createMessageReader, createMessages } from './messages.ts'
import { createModelCache } from './model-cache.ts'
import { createRequestLog } from './requests.ts'
import type { Store } from './store.ts'

export function createSqliteStore(context: Context): Store {
  const { database, owners, reading } = context
  const reader = createMessageReader(context)
  const dataVersion = database.prepare('PRAGMA data_version')
  const conversations = createConversations(context)
  let open = true
  return {
    durable: true,
    conversations,
    bulk: createBulk(context, reader, conversations),
    messages: createMessages(context, reader),
    journal: createJournal(context, reader),
    blobs: createBlobs(context),
    requests: createRequestLog(context),
    modelCache: createModelCache(context),
    heartbeat: () => owners.heartbeat(),
    dataVersion: () => reading.one('The version of the data', 0, () => Number(dataVersion.get()?.data_version)),
    close() {
      if (!open) return
      open = false
      try {
        // A window that could not sign off counts as dead once its heartbeat is old.
        reading.one('The list of open windows', undefined, () => owners.resign())
      } finally {
        database.close()
      }
    },
  }
}
