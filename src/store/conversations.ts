import type { Context } from './context.ts'
import type { ConversationRow } from './conversation-codec.ts'
import { newConversation, readChoice, rowOf, toConversation, writeChoice } from './conversation-codec.ts'
import type { Family } from './family.ts'
import { createListing } from './listing.ts'
import { createPurge } from './purge.ts'
import type { MessageReader } from './message-reader.ts'
import { transaction } from './sqlite.ts'
import type { Conversations } from './store.ts'

export function createConversations(context: Context, reader: MessageReader, family: Family): Conversations {
  const { database, clock, report, reading } = context
  const insert = database.prepare(
    `INSERT INTO conversation (id, title, created_at, updated_at, workspace, choice, leaf, pinned, archived, agent, titled_by)
     VALUES (:id, :title, :createdAt, :updatedAt, :workspace, :choice, :leaf, :pinned, :archived, :agent, :titledBy)`,
  )
  const find = database.prepare('SELECT * FROM conversation WHERE id = ? AND deleted_at IS NULL')
  const findChoice = database.prepare('SELECT choice FROM conversation WHERE id = ?')
  const setChoice = database.prepare('UPDATE conversation SET choice = ? WHERE id = ?')
  const setLeaf = database.prepare('UPDATE conversation SET leaf = ? WHERE id = ?')
  const touch = database.prepare('UPDATE conversation SET updated_at = ? WHERE id = ?')
  const remove = database.prepare('UPDATE conversation SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL')
  const restore = database.prepare('UPDATE conversation SET deleted_at = NULL WHERE id = ?')
  const update = database.prepare(
    `UPDATE conversation SET title = coalesce(:title, title), titled_by = coalesce(:titledBy, titled_by),
       pinned = coalesce(:pinned, pinned), archived = coalesce(:archived, archived),
       agent = CASE WHEN :setsAgent THEN :agent ELSE agent END,
       workspace = CASE WHEN :setsWorkspace THEN :workspace ELSE workspace END
     WHERE id = :id`,
  )
  const flag = (value: boolean | undefined): number | null => (value === undefined ? null : value ? 1 : 0)

  /** In one transaction: what another window forbids meanwhile is not lost. */
  const change = (id: string, to: (now: ReturnType<typeof readChoice>) => string | null): void =>
    transaction(database, () => {
      const row = findChoice.get(id) as Pick<ConversationRow, 'choice'> | undefined
      if (row) setChoice.run(to(readChoice(row.choice)), id)
    })

  return {
    create(fields) {
      const conversation = newConversation(fields, clock())
      insert.run(rowOf(conversation))
      return conversation
    },
    get(id) {
      const row = reading.one(`Conversation ${id}`, undefined, () => find.get(id)) as ConversationRow | undefined
      return row && toConversation({ ...row, leaf: family.endNear(id, row.leaf) }, report)
    },
    ...createListing(context),
    update(id, { title, titledBy, pinned, archived, agent, workspace, neverSendTo }) {
      if (neverSendTo) change(id, ({ choice }) => writeChoice(choice, neverSendTo))
      update.run({
        id,
        title: title ?? null,
        titledBy: titledBy ?? null,
        pinned: flag(pinned),
        archived: flag(archived),
        setsAgent: agent === undefined ? 0 : 1,
        agent: agent ?? null,
        setsWorkspace: workspace === undefined ? 0 : 1,
        workspace: workspace ?? null,
      })
    },
    setChoice: (id, choice) => change(id, ({ neverSendTo }) => writeChoice(choice, neverSendTo)),
    setLeaf: (id, leaf) => void setLeaf.run(leaf ?? null, id),
    touch: (id) => void touch.run(clock(), id),
    delete: (ids) => transaction(database, () => [ids].flat().forEach((id) => remove.run(clock(), id))),
    restore: (ids) => transaction(database, () => [ids].flat().forEach((id) => restore.run(id))),
    ...createPurge(context, reader, family),
  }
}
