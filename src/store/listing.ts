/** The list of conversations: filtered, searched, ordered. */
import type { ConversationSummary, Found, ModelRef } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import { decodeMessage } from './codec.ts'
import type { Context } from './context.ts'
import type { ConversationRow } from './conversation-codec.ts'
import { LIST_LIMIT, toSummary } from './conversation-codec.ts'
import { createMatcher } from './matching.ts'
import { searchableText } from './searchable.ts'
import { snippetOf } from './snippet.ts'
import type { Conversations, ListOptions } from './store.ts'
import type { Phrase } from './words.ts'
import { phrasesOf } from './words.ts'

/** `LISTED` are conversations with messages; filters that are null let everything pass. */
const LISTED = `
  FROM conversation AS listed
  WHERE deleted_at IS NULL AND archived = :archived
    AND EXISTS (SELECT 1 FROM message WHERE conversation = listed.id AND removal IS NULL)
    AND (:workspace IS NULL OR workspace = :workspace) AND (:agent IS NULL OR agent = :agent)
    AND (:since IS NULL OR updated_at >= :since) AND (:until IS NULL OR updated_at < :until)
    AND ((:provider IS NULL AND :model IS NULL) OR EXISTS (
      SELECT 1 FROM message WHERE conversation = listed.id AND removal IS NULL AND provider IS NOT NULL
      AND (:provider IS NULL OR provider = :provider) AND (:model IS NULL OR model = :model)))
  ORDER BY pinned DESC, updated_at DESC, rowid DESC`
const COLUMNS = 'id, title, created_at, updated_at, workspace, pinned, archived, agent, titled_by, number'

type ListedRow = Omit<ConversationRow, 'choice' | 'leaf' | 'deleted_at'>

export function createListing({ database, index, reading }: Context): Pick<Conversations, 'list' | 'facets'> {
  // Rows of one moment keep the order they were made in.
  const page = database.prepare(`SELECT ${COLUMNS} ${LISTED} LIMIT :limit OFFSET :offset`)
  const candidates = database.prepare(`SELECT id, title, number ${LISTED}`)
  const one = database.prepare(`SELECT ${COLUMNS} FROM conversation WHERE id = ?`)
  const count = database.prepare('SELECT count(*) AS messages FROM message WHERE conversation = ? AND removal IS NULL')
  const models = database.prepare(
    `SELECT DISTINCT provider, model FROM message
     WHERE conversation = ? AND provider IS NOT NULL AND removal IS NULL ORDER BY provider, model`,
  )
  const byDoc = database.prepare('SELECT * FROM message WHERE doc = ?')
  const workspaces = facet('workspace')
  const agents = facet('agent')
  const answered = database.prepare(
    `SELECT DISTINCT provider, model FROM message
     WHERE provider IS NOT NULL AND removal IS NULL
       AND conversation NOT IN (SELECT id FROM conversation WHERE deleted_at IS NOT NULL) ORDER BY provider, model`,
  )
  const matches = createMatcher(index)

  function facet(column: 'workspace' | 'agent') {
    return database.prepare(
      `SELECT DISTINCT ${column} AS value FROM conversation AS listed WHERE deleted_at IS NULL AND ${column} IS NOT NULL
       AND EXISTS (SELECT 1 FROM message WHERE conversation = listed.id AND removal IS NULL) ORDER BY value`,
    )
  }
  const LOST = 'Part of the list of chats'

  const found = (doc: number, phrases: readonly Phrase[]): Found | undefined => {
    const row = reading.one(LOST, undefined, () => byDoc.get(doc)) as MessageRow | undefined
    const message = row && decodeMessage(row)?.message
    const snippet = message && snippetOf(searchableText(message), phrases)
    return snippet && { message: row.id, role: message.role, ...snippet }
  }
  const summary = (row: ListedRow): ConversationSummary => ({
    ...toSummary(row),
    messages: reading.one(LOST, 0, () => Number(count.get(row.id)?.messages)),
    models: reading.rows(LOST, () => models.iterate(row.id)).map(toModel),
  })
  const search = (filters: Filters, phrases: Phrase[], offset: number, limit: number): ConversationSummary[] => {
    const rows = reading.rows(LOST, () => candidates.iterate(filters)) as Pick<ListedRow, 'id' | 'title' | 'number'>[]
    const shown = matches(rows, phrases).slice(offset, offset + limit)
    return shown.flatMap(({ row: { id }, doc }) => {
      const row = reading.one(LOST, undefined, () => one.get(id)) as ListedRow | undefined
      const where = doc === undefined ? undefined : found(doc, phrases)
      return row ? [{ ...summary(row), ...(where && { found: where }) }] : []
    })
  }

  return {
    list({ search: text = '', limit = LIST_LIMIT, offset = 0, ...options } = {}) {
      const phrases = phrasesOf(text)
      const filters = filtersOf(options)
      if (phrases.length > 0) return search(filters, phrases, offset, limit)
      const rows = reading.rows(LOST, () => page.iterate({ ...filters, limit, offset })) as ListedRow[]
      return rows.map(summary)
    },
    facets: () => ({
      workspaces: reading.rows(LOST, () => workspaces.iterate()).map(({ value }) => String(value)),
      models: reading.rows(LOST, () => answered.iterate()).map(toModel),
      agents: reading.rows(LOST, () => agents.iterate()).map(({ value }) => String(value)),
    }),
  }
}

type Filters = ReturnType<typeof filtersOf>

function filtersOf(options: ListOptions) {
  const { workspace = null, provider = null, model = null, agent = null, since = null, until = null } = options
  return { workspace, provider, model, agent, since, until, archived: options.archived ? 1 : 0 }
}

const toModel = ({ provider, model }: Record<string, unknown>): ModelRef => ({
  provider: String(provider),
  model: String(model),
})
