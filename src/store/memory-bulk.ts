import type { RequestRecord } from '../shared/usage-record.ts'
import type { Bulk } from './bulk.ts'
import { settled, withSummaries } from './bulk.ts'
import type { Tables } from './memory-tables.ts'
import { insert, messagesOf } from './memory-tables.ts'
import type { Conversations, Messages, Summaries } from './store.ts'

export function createMemoryBulk(
  tables: Tables,
  log: RequestRecord[],
  conversations: Conversations,
  messages: Messages,
  summaries: Summaries,
  clock: () => number,
): Bulk {
  return {
    ids: () => [...tables.conversations.keys()].filter((id) => messagesOf(tables, id).length > 0),
    read(id) {
      const conversation = conversations.get(id)
      if (!conversation) return undefined
      const written = [...tables.messages.values()].filter(({ stored }) => stored.conversation === id)
      const whole = {
        conversation,
        messages: written.flatMap(({ stored }) => messages.get(stored.id) ?? []).map(settled),
      }
      return withSummaries(whole, summaries.list(id))
    },
    isTaken: (id) => tables.conversations.has(id) || tables.messages.has(id) || tables.summaries.has(id),
    requests({ conversation, from = 0, limit }) {
      const places = [...log.keys()].slice(from)
      const wanted = places.filter((at) => conversation === undefined || log[at]?.conversation === conversation)
      const page = wanted.slice(0, limit)
      const last = page.length === limit ? page.at(-1) : undefined
      return { records: page.map((at) => ({ ...log[at]! })), ...(last !== undefined && { next: last + 1 }) }
    },
    insert(wholes) {
      for (const { conversation, messages } of wholes) {
        if (tables.conversations.has(conversation.id)) throw new Error(`Conversation ${conversation.id} exists.`)
        const clash = messages.find(({ id }) => tables.messages.has(id))
        if (clash) throw new Error(`Message ${clash.id} exists.`)
      }
      for (const { conversation, messages, summaries: own = [] } of wholes) {
        tables.conversations.set(conversation.id, { ...structuredClone(conversation), deletedAt: clock() })
        for (const message of messages) insert(tables, message)
        for (const summary of own) summaries.put(summary)
      }
    },
    reveal(ids, records) {
      conversations.restore(ids)
      const known = new Set(log.map(({ id }) => id))
      for (const record of records) {
        if (known.has(record.id)) continue
        known.add(record.id)
        log.push({ ...record })
      }
    },
    discard(ids) {
      conversations.delete(ids)
      conversations.purge(ids)
    },
  }
}
