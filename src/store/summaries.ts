import type { ModelRef, Summary } from '../shared/conversation.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Context } from './context.ts'
import type { Summaries } from './store.ts'

type SummaryRow = {
  id: string
  conversation: string
  through: string
  text: string
  origin: string | null
  created_at: number
  tokens: number | null
  cost: number | null
}

export function createSummaries({ database, reading }: Context): Summaries {
  const put = database.prepare(
    `INSERT OR REPLACE INTO summary VALUES (:id, :conversation, :through, :text, :origin, :createdAt, :tokens, :cost)`,
  )
  const list = database.prepare(
    `SELECT * FROM summary WHERE conversation = :id
     AND NOT EXISTS (SELECT 1 FROM conversation WHERE id = :id AND deleted_at IS NOT NULL) ORDER BY created_at, rowid`,
  )
  const remove = database.prepare('DELETE FROM summary WHERE id = ?')
  return {
    put({ origin, tokens = null, cost = null, ...summary }) {
      put.run({ ...summary, origin: origin ? JSON.stringify(origin) : null, tokens, cost })
    },
    list(id) {
      const rows = reading.rows(`The summaries of conversation ${id}`, () => list.iterate({ id })) as SummaryRow[]
      return rows.map(toSummary)
    },
    remove: (id) => void remove.run(id),
  }
}

function toSummary({ id, conversation, through, text, created_at, ...row }: SummaryRow): Summary {
  const origin = row.origin === null ? undefined : parseJson(row.origin)
  return {
    id,
    conversation,
    through,
    text,
    createdAt: created_at,
    ...(isObject(origin) && { origin: origin as ModelRef }),
    ...(row.tokens !== null && { tokens: row.tokens }),
    ...(row.cost !== null && { cost: row.cost }),
  }
}
