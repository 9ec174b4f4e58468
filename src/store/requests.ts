import type { RequestRecord } from '../shared/usage-record.ts'
import type { Context } from './context.ts'
import type { RequestLog } from './store.ts'

export const REQUEST_LIMIT = 100

/** Column of each field: the compiler sees to it that none is forgotten. */
const COLUMNS: Record<keyof RequestRecord, string> = {
  id: 'id',
  provider: 'provider',
  model: 'model',
  keyProfile: 'key_profile',
  agent: 'agent',
  conversation: 'conversation',
  workspace: 'workspace',
  startedAt: 'started_at',
  firstTokenMs: 'first_token_ms',
  durationMs: 'duration_ms',
  input: 'input',
  output: 'output',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  reasoning: 'reasoning',
  cost: 'cost',
  attempt: 'attempt',
  failoverFrom: 'failover_from',
  outcome: 'outcome',
  failureCode: 'failure_code',
  httpStatus: 'http_status',
  requestId: 'request_id',
}
const FIELDS = Object.keys(COLUMNS) as (keyof RequestRecord)[]

export function createRequestLog({ database, reading }: Context): RequestLog {
  const columns = FIELDS.map((field) => COLUMNS[field]).join(', ')
  const insert = database.prepare(`INSERT INTO request (${columns}) VALUES (${FIELDS.map(() => '?').join(', ')})`)
  const select = `SELECT ${FIELDS.map((field) => `${COLUMNS[field]} AS ${field}`).join(', ')} FROM request`
  const order = 'ORDER BY started_at DESC, rowid DESC LIMIT ?'
  const newest = database.prepare(`${select} ${order}`)
  const newestOf = database.prepare(`${select} WHERE conversation = ? ${order}`)
  return {
    insert: (record) => void insert.run(...FIELDS.map((field) => record[field] ?? null)),
    list({ conversation, limit = REQUEST_LIMIT } = {}) {
      const rows = reading.rows('Part of the request log', () =>
        conversation === undefined ? newest.iterate(limit) : newestOf.iterate(conversation, limit),
      )
      return rows.map(withoutNulls)
    },
  }
}

/** An absent field is NULL in its column. */
function withoutNulls(row: Record<string, unknown>): RequestRecord {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as RequestRecord
}
