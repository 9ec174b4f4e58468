import type { RateChange, RateHold, RateHoldKind, RateState, RateTarget, RateTicket } from '../../shared/rate.ts'
import { MINUTE } from '../../shared/rate.ts'
import type { Context } from '../context.ts'
import type { Rates } from '../contract/rates.ts'
import type { DatabaseSync } from '../sqlite.ts'
import { BUSY_TIMEOUT, transaction } from '../sqlite.ts'

type TicketRow = TargetRow & {
  id: string
  owner: string
  sequence: number
  sent_at: number | null
  tokens: number
  anyway: number
}
type HoldRow = TargetRow & { kind: RateHoldKind; until: number; remaining: number | null; most: number | null }
type TargetRow = { provider: string; model: string; key_profile: string }

/** A window that waits says this often (milliseconds) that it lives. */
const BEAT = 5_000

/** Longest wait for another window's lock, in milliseconds: whoever sends can do without the others. It blocks the host. */
const PATIENCE = 1_000

function soon<T>(database: DatabaseSync, work: () => T): T {
  database.exec(`PRAGMA busy_timeout = ${PATIENCE}`)
  try {
    return transaction(database, work)
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`)
  }
}

export function createRates({ database, owners, clock: time }: Context): Rates {
  const table = createTable(database)
  const version = database.prepare('PRAGMA data_version')
  const holders = database.prepare("SELECT DISTINCT owner FROM rate_ticket WHERE state = 'waiting'")
  const removeDead = database.prepare("DELETE FROM rate_ticket WHERE state = 'waiting' AND owner = ?")
  let known: { version: unknown; holds: RateHold[] } | undefined
  let beatAt = -Infinity

  /** Others take what waits here for that of a dead window, unless this one says that it lives. */
  const live = (): void => {
    if (Math.abs(time() - beatAt) < BEAT) return
    owners.heartbeat()
    beatAt = time()
  }
  return {
    turn: (provider, clock, work) =>
      soon(database, () => {
        const now = Math.floor(clock())
        table.removeOld(now)
        const waiting = (holders.all() as { owner: string }[]).map(({ owner }) => owner)
        for (const owner of waiting) if (!owners.isAlive(owner)) removeDead.run(owner)
        const { change, result } = work(table.state(provider, owners.id, now))
        table.apply(change, owners.id)
        if (waiting.includes(owners.id) || change.put?.some(({ sentAt }) => sentAt === undefined)) live()
        if (change.hold?.length || change.release?.length) known = undefined
        return result
      }),
    holds(provider) {
      const current = version.get()?.data_version
      if (known?.version !== current) known = { version: current, holds: table.holds() }
      return known?.holds.filter(({ target }) => target.provider === provider) ?? []
    },
  }
}

function createTable(database: DatabaseSync) {
  const old = database.prepare('DELETE FROM rate_ticket WHERE sent_at <= :past OR sent_at > :future')
  const over = database.prepare('DELETE FROM rate_hold WHERE until <= :now OR until > :future')
  const tickets = database.prepare('SELECT * FROM rate_ticket WHERE provider = ? ORDER BY sequence')
  const holds = database.prepare('SELECT * FROM rate_hold')
  const put = database.prepare(
    `INSERT INTO rate_ticket (id, owner, state, provider, model, key_profile, sequence, sent_at, tokens, anyway)
     VALUES (:id, :owner, :state, :provider, :model, :key_profile, :sequence, :sent_at, :tokens, :anyway)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, sequence = excluded.sequence, sent_at = excluded.sent_at,
       tokens = excluded.tokens, anyway = excluded.anyway`,
  )
  const remove = database.prepare('DELETE FROM rate_ticket WHERE id = ?')
  const hold = database.prepare(
    `INSERT OR REPLACE INTO rate_hold (provider, model, key_profile, kind, until, remaining, most)
     VALUES (:provider, :model, :key_profile, :kind, :until, :remaining, :most)`,
  )
  const release = database.prepare(
    'DELETE FROM rate_hold WHERE provider = :provider AND model = :model AND key_profile = :key_profile AND kind = :kind',
  )
  return {
    removeOld(now: number): void {
      old.run({ past: now - MINUTE, future: now + MINUTE })
      over.run({ now, future: now + MINUTE })
    },
    state(provider: string, owner: string, now: number): RateState {
      const rows = tickets.all(provider) as TicketRow[]
      return {
        now,
        tickets: rows.map((row) => ({ ...ticketOf(row), ...(row.owner !== owner && { elsewhere: true as const }) })),
        holds: (holds.all() as HoldRow[]).map(holdOf).filter(({ target }) => target.provider === provider),
      }
    },
    holds: (): RateHold[] => (holds.all() as HoldRow[]).map(holdOf),
    apply(change: RateChange, owner: string): void {
      for (const ticket of change.put ?? []) put.run(rowOf(ticket, owner))
      for (const id of change.remove ?? []) remove.run(id)
      for (const { target, kind } of change.release ?? []) release.run({ ...targetRow(target), kind })
      for (const { target, kind, until, remaining, limit } of change.hold ?? [])
        hold.run({
          ...targetRow(target),
          kind,
          until: Math.ceil(until),
          remaining: remaining === undefined ? null : Math.round(remaining),
          most: limit ?? null,
        })
    },
  }
}

const targetRow = ({ provider, model, keyProfile }: RateTarget): TargetRow => {
  return { provider, model, key_profile: keyProfile ?? '' }
}

const targetOf = ({ provider, model, key_profile }: TargetRow): RateTarget => {
  return { provider, model, ...(key_profile !== '' && { keyProfile: key_profile }) }
}

const rowOf = (
  { id, target, sequence, tokens, sentAt, anyway }: RateTicket,
  owner: string,
): TicketRow & { state: string } => {
  return {
    ...targetRow(target),
    id,
    owner,
    state: sentAt === undefined ? 'waiting' : 'sent',
    sequence,
    sent_at: sentAt ?? null,
    tokens: Math.round(tokens),
    anyway: anyway ? 1 : 0,
  }
}

const ticketOf = ({ id, sequence, sent_at, tokens, anyway, ...target }: TicketRow): RateTicket => {
  return {
    id,
    target: targetOf(target),
    sequence,
    tokens,
    ...(sent_at !== null && { sentAt: sent_at }),
    ...(anyway === 1 && { anyway: true as const }),
  }
}

const holdOf = ({ kind, until, remaining, most, ...target }: HoldRow): RateHold => {
  return {
    target: targetOf(target),
    kind,
    until,
    ...(remaining !== null && { remaining }),
    ...(most !== null && { limit: most }),
  }
}
