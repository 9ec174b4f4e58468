/** Removes for good what was deleted. */
import type { ConversationId } from '../shared/conversation.ts'
import type { Context } from './context.ts'
import type { Family } from './family.ts'
import type { MessageReader } from './message-reader.ts'
import { createRemovalPurge } from './purge-removal.ts'
import type { Conversations } from './store.ts'

/** How long what is deleted can be had back. Milliseconds. */
export const KEPT_FOR = 24 * 3_600_000

/** What is purged at a time where nobody is to feel it: whole conversations, with so many messages together. */
const PIECE = { conversations: 30, messages: 100 }

const HASH = /"blob":"([0-9a-f]{64})"/g

export function createPurge(
  { database, clock, index }: Context,
  reader: MessageReader,
  family: Family,
): Pick<Conversations, 'purge' | 'purgeSome'> {
  const oldConversations = database.prepare('SELECT id FROM conversation WHERE deleted_at < ?')
  const plain = database.prepare(
    `SELECT id, (SELECT count(*) FROM message WHERE conversation = conversation.id) AS size
     FROM conversation WHERE deleted_at < ? AND NOT EXISTS (
       SELECT 1 FROM message WHERE conversation = conversation.id AND instr(body, '"blob":"')) LIMIT ${PIECE.conversations}`,
  )
  const deleted = database.prepare('SELECT id FROM conversation WHERE id = ? AND deleted_at IS NOT NULL')
  const oldRemovals = database.prepare('SELECT token, conversation FROM removal WHERE removed_at < ?')
  const docs = database.prepare('SELECT doc FROM message WHERE conversation = ? AND doc IS NOT NULL')
  const bodies = database.prepare('SELECT body FROM message WHERE conversation = ?')
  const removedBodies = database.prepare('SELECT body FROM message WHERE removal = ?')
  const allBodies = database.prepare(`SELECT body FROM message WHERE instr(body, '"blob":"')`)
  const removeConversation = database.prepare('DELETE FROM conversation WHERE id = ?')
  const removeBlob = database.prepare('DELETE FROM blob WHERE hash = ?')

  const removeTogether = createRemovalPurge({ database }, reader, family)

  const purgeConversation = (id: ConversationId): Set<string> => {
    const row = deleted.get(id)
    if (!row) return new Set()
    const hashes = hashesIn(bodies.iterate(id))
    index.drop(docs.all(id).map(({ doc }) => Number(doc)))
    removeConversation.run(id)
    return hashes
  }
  const purgeRemoval = (token: string, conversation: ConversationId): Set<string> => {
    const hashes = hashesIn(removedBodies.iterate(token))
    removeTogether(token, conversation)
    return hashes
  }
  /** Reads every message, but once, and only where there were any. */
  const sweep = (candidates: Set<string>): void => {
    if (candidates.size === 0) return
    const used = hashesIn(allBodies.iterate())
    for (const hash of candidates) if (!used.has(hash)) removeBlob.run(hash)
  }

  const purge: Conversations['purge'] = (ids) =>
    index.write(() => {
      const candidates = new Set<string>()
      const add = (hashes: Set<string>): void => hashes.forEach((hash) => candidates.add(hash))
      const before = clock() - KEPT_FOR
      const conversations = ids === undefined ? oldConversations.all(before).map(({ id }) => String(id)) : [ids].flat()
      const removals = ids === undefined ? oldRemovals.all(before) : []
      for (const id of conversations) add(purgeConversation(id))
      for (const { token, conversation } of removals) add(purgeRemoval(String(token), String(conversation)))
      sweep(candidates)
    })

  return {
    purge,
    purgeSome() {
      const some = piece(plain.all(clock() - KEPT_FOR) as { id: string; size: number }[])
      // What names attachments goes in the end and at once: for all of it together the others are read, to see what is theirs.
      purge(some.length > 0 ? some : undefined)
      return some.length > 0
    },
  }
}

/** At least one conversation. */
function piece(conversations: readonly { id: string; size: number }[]): string[] {
  let messages = 0
  return conversations.flatMap(({ id, size }, at) => {
    messages += size
    return at === 0 || messages <= PIECE.messages ? [id] : []
  })
}

function hashesIn(rows: Iterable<Record<string, unknown>>): Set<string> {
  const hashes = new Set<string>()
  for (const { body } of rows) for (const [, hash = ''] of String(body).matchAll(HASH)) hashes.add(hash)
  return hashes
}
