/** The store where SQLite cannot work: the same contract, until the window closes. Values are copied in and out. */
import type { RequestRecord } from '../shared/usage-record.ts'
import { createMemoryBenchmarks } from './benchmark/memory.ts'
import { hashOf } from './blobs.ts'
import { createMemoryBudget } from './memory-budget.ts'
import { createMemoryBulk } from './memory-bulk.ts'
import { createConversations } from './memory-conversations.ts'
import { createJournal, createMessages } from './memory-messages.ts'
import type { Tables } from './memory-tables.ts'
import { emptyTables, liveConversation } from './memory-tables.ts'
import { createMemoryRates } from './rates/memory.ts'
import { REQUEST_LIMIT } from './requests.ts'
import type { Blobs, CachedModels, RequestLog, Store, Summaries } from './store.ts'
import { createMemoryUsage } from './usage-sums/memory.ts'

const NO_DATABASE = 'The chats of this window are in memory only: there is no database.'

export function createMemoryStore(clock: () => number): Store {
  const tables = emptyTables()
  const requests: RequestRecord[] = []
  const models = new Map<string, CachedModels>()
  const conversations = createConversations(tables, clock)
  const messages = createMessages(tables, clock)
  const summaries = createSummaries(tables)
  return {
    durable: false,
    conversations,
    messages,
    journal: createJournal(tables),
    blobs: createBlobs(tables),
    requests: createRequests(requests),
    usage: createMemoryUsage(tables, requests, clock),
    benchmarks: createMemoryBenchmarks(),
    budget: createMemoryBudget(),
    rates: createMemoryRates(),
    modelCache: {
      get: (key) => structuredClone(models.get(key)),
      set: (key, cached) => void models.set(key, structuredClone(cached)),
    },
    bulk: createMemoryBulk(tables, requests, conversations, messages, summaries, clock),
    summaries,
    index: { behind: () => 0, step: () => false },
    heartbeat: () => undefined,
    dataVersion: () => 0,
    backup: () => Promise.reject(new Error(NO_DATABASE)),
    restore: () => Promise.reject(new Error(NO_DATABASE)),
    missingFrom: () => 0,
    bringFrom() {
      throw new Error(NO_DATABASE)
    },
    close: () => undefined,
  }
}

function createBlobs({ blobs }: Tables): Blobs {
  return {
    put(bytes, mediaType) {
      const hash = hashOf(bytes)
      if (!blobs.has(hash)) blobs.set(hash, { bytes: bytes.slice(), mediaType })
      return hash
    },
    get: (hash) => structuredClone(blobs.get(hash)),
  }
}

function createRequests(requests: RequestRecord[]): RequestLog {
  return {
    insert(record) {
      if (!requests.some(({ id }) => id === record.id)) requests.push({ ...record })
    },
    list: ({ conversation, limit = REQUEST_LIMIT } = {}) =>
      requests
        .filter((record) => conversation === undefined || record.conversation === conversation)
        .toReversed()
        .sort((a, b) => b.startedAt - a.startedAt)
        .slice(0, limit)
        .map((record) => ({ ...record })),
  }
}

function createSummaries(tables: Tables): Summaries {
  const { summaries } = tables
  return {
    put(summary) {
      if (!tables.conversations.has(summary.conversation)) throw new Error(`No conversation ${summary.conversation}.`)
      // The one that is replaced gives up its place.
      summaries.delete(summary.id)
      summaries.set(summary.id, structuredClone(summary))
    },
    list: (id) =>
      [...summaries.values()]
        .filter(({ conversation }) => conversation === id && liveConversation(tables, id))
        .sort((a, b) => a.createdAt - b.createdAt)
        .map((summary) => structuredClone(summary)),
    remove: (id) => void summaries.delete(id),
  }
}
