/** The store over an open database of the newest schema: one repository a table. */
import { createBenchmarks } from './benchmark/sqlite.ts'
import { createBlobs } from './blobs.ts'
import { createBudget } from './budget.ts'
import { createBulk } from './sqlite-bulk.ts'
import { createCopies } from './copies.ts'
import type { Context } from './context.ts'
import { createConversations } from './conversations.ts'
import { createFamily } from './family.ts'
import { createIndexKeeper } from './index-keeper.ts'
import { createInterrupted } from './interrupted.ts'
import { createJournal } from './journal.ts'
import { createMessageReader } from './message-reader.ts'
import { createMessageWriter } from './message-writer.ts'
import { createMessages } from './messages.ts'
import { createModelCache } from './model-cache.ts'
import { createRates } from './rates/sqlite.ts'
import { createRequestLog } from './requests.ts'
import type { Store } from './store.ts'
import { createSummaries } from './summaries.ts'
import { createUsage } from './usage-sums/sqlite.ts'

export function createSqliteStore(context: Context): Store {
  const { database, owners, reading } = context
  const reader = createMessageReader(context)
  const writer = createMessageWriter(context)
  const family = createFamily(context, reader)
  const interrupted = createInterrupted(context, reader)
  const dataVersion = database.prepare('PRAGMA data_version')
  const conversations = createConversations(context, reader, family)
  const summaries = createSummaries(context)
  let open = true
  return {
    durable: true,
    conversations,
    bulk: createBulk(context, reader, writer, conversations, summaries),
    messages: createMessages(context, reader, writer, family),
    journal: createJournal(context, reader, writer, interrupted),
    blobs: createBlobs(context),
    requests: createRequestLog(context),
    usage: createUsage(context),
    benchmarks: createBenchmarks(context),
    budget: createBudget(context, interrupted),
    rates: createRates(context),
    modelCache: createModelCache(context),
    summaries,
    index: createIndexKeeper(context),
    heartbeat: () => owners.heartbeat(),
    dataVersion: () => reading.one('The version of the data', 0, () => Number(dataVersion.get()?.data_version)),
    ...createCopies(context),
    close() {
      if (!open) return
      open = false
      try {
        reading.one('The list of open windows', undefined, () => owners.resign())
      } catch {
        // It counts as dead once its heartbeat is old: whatever kept it from signing off keeps nobody from closing.
      }
      database.close()
    },
  }
}
