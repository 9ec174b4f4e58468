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
  paidBy: 'paid_by',
}
export const FIELDS = Object.keys(COLUMNS) as (keyof RequestRecord)[]

/** The columns of a record, by name, for an INSERT; and as its fields, for a SELECT. */
export const recordFields = FIELDS.map((field) => COLUMNS[field]).join(', ')
export const selectRecords = FIELDS.map((field) => `${COLUMNS[field]} AS ${field}`).join(', ')

/** In the order of `recordFields`. */
export const recordValues = (record: RequestRecord) => FIELDS.map((field) => record[field] ?? null)

export function createRequestLog({ database, reading }: Context): RequestLog {
  const insert = database.prepare(
    `INSERT INTO request (${recordFields}) VALUES (${FIELDS.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`,
  )
  const select = `SELECT ${selectRecords} FROM request`
  const order = 'ORDER BY started_at DESC, rowid DESC LIMIT ?'
  const newest = database.prepare(`${select} ${order}`)
  const newestOf = database.prepare(`${select} WHERE conversation = ? ${order}`)
  return {
    insert: (record) => void insert.run(...recordValues(record)),
    list({ conversation, limit = REQUEST_LIMIT } = {}) {
      const rows = reading.rows('Part of the request log', () =>
        conversation === undefined ? newest.iterate(limit) : newestOf.iterate(conversation, limit),
      )
      return rows.map(recordOf)
    },
  }
}

/** An absent field is NULL in its column. */
export function recordOf(row: Record<string, unknown>): RequestRecord {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as RequestRecord
}
