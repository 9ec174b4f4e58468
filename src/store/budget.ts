import type { Cap, Entry, Spent } from '../shared/ledger.ts'
import { shortOf } from '../shared/ledger.ts'
import type { Budget } from './contract/budget.ts'
import type { Context } from './context.ts'
import type { Interrupted } from './interrupted.ts'
import { transaction } from './sqlite.ts'

/** Entries that are carried at a time. */
const PIECE = 500

/** By what a cap is of, so that each sum is read from one index. */
const SUMS: Record<Cap['of'], string> = {
  all: sumOf('amount', 'at >= :since'),
  conversation: sumOf('amount', 'conversation = :key AND at >= :since'),
  agent: sumOf('amount', 'agent = :key AND at >= :since'),
  workspace: sumOf('amount', 'workspace = :key AND at >= :since'),
  pool: sumOf('credits', 'pool = :key AND at >= :since'),
}

function sumOf(column: 'amount' | 'credits', where: string): string {
  return `SELECT TOTAL(${column}) FILTER (WHERE state = 'settle') AS used,
    TOTAL(${column}) FILTER (WHERE state = 'reserve') AS reserved FROM budget_entry WHERE ${where}`
}

export function createBudget({ database, owners, reading }: Context, interrupted: Interrupted): Budget {
  const sums = Object.fromEntries(Object.entries(SUMS).map(([of, sql]) => [of, database.prepare(sql)]))
  const insert = database.prepare(
    `INSERT INTO budget_entry (id, state, owner, at, amount, credits, pool, conversation, agent, workspace)
     VALUES (:id, 'reserve', :owner, :at, :amount, :credits, :pool, :conversation, :agent, :workspace)`,
  )
  const settle = database.prepare(
    "UPDATE budget_entry SET state = 'settle', owner = NULL, amount = ?, credits = ? WHERE id = ? AND (state != 'settle' OR owner IS NOT NULL)",
  )
  const refund = database.prepare(
    "UPDATE budget_entry SET state = 'refund', owner = NULL, amount = 0, credits = 0 WHERE id = ? AND (state = 'reserve' OR owner IS NOT NULL)",
  )
  const old = database.prepare(
    `SELECT id, state, amount, credits, pool, conversation, agent, workspace FROM budget_entry
     WHERE at > 0 AND at < ? AND state != 'reserve' ORDER BY at LIMIT ${PIECE}`,
  )
  const remove = database.prepare('DELETE FROM budget_entry WHERE id = ?')
  // What is carried has no time: it counts in sums of all time alone.
  const carry = database.prepare(
    `INSERT INTO budget_entry (id, state, at, amount, credits, pool, conversation, agent, workspace)
     VALUES (:id, 'settle', 0, :amount, :credits, :pool, :conversation, :agent, :workspace)
     ON CONFLICT (id) DO UPDATE SET amount = amount + excluded.amount, credits = credits + excluded.credits`,
  )
  const holders = database.prepare("SELECT DISTINCT owner FROM budget_entry WHERE state = 'reserve'")
  const heldBy = database.prepare("SELECT id FROM budget_entry WHERE state = 'reserve' AND owner IS ?")

  const agents = database.prepare(
    `SELECT agent FROM budget_entry WHERE agent IS NOT NULL AND at >= ? AND state = 'settle' AND amount > 0
     GROUP BY agent ORDER BY sum(amount) DESC, agent`,
  )

  const sum = ({ of, key, since }: Cap): Spent => {
    const row = sums[of]?.get(key === undefined ? { since } : { since, key })
    return { used: Number(row?.['used'] ?? 0), reserved: Number(row?.['reserved'] ?? 0) }
  }
  const settleDead = (): void => {
    for (const { owner } of holders.all() as { owner: string | null }[])
      if (!owners.isAlive(owner)) for (const { id } of heldBy.all(owner)) interrupted.settleEntry(String(id))
  }

  return {
    reserve: (entry, caps) =>
      transaction(database, () => {
        settleDead()
        const spent = caps.map(sum)
        const short = shortOf(entry, caps, spent)
        if (short.length > 0) return { held: false, spent, short }
        // Others take what is held for that of a dead window, unless this one says that it lives.
        owners.heartbeat()
        insert.run(columnsOf(entry, owners.id))
        return { held: true, spent }
      }),
    settle: (id, { amount, credits }) => void settle.run(amount, credits, id),
    refund: (id) => void refund.run(id),
    carry: (before) =>
      transaction(database, () => {
        const entries = old.all(before)
        for (const { id, state, ...entry } of entries) {
          const { pool, conversation, agent, workspace } = entry
          remove.run(String(id))
          if (state === 'settle')
            carry.run({ ...entry, id: `carried ${JSON.stringify([pool, conversation, agent, workspace])}` })
        }
        return entries.length === PIECE
      }),
    spent: (caps) => reading.one('What was spent', caps.map(nothing), () => caps.map(sum)),
    agents: (since) => reading.rows('What was spent', () => agents.iterate(since)).map(({ agent }) => String(agent)),
  }
}

const nothing = (): Spent => ({ used: 0, reserved: 0 })

function columnsOf({ id, at, amount, credits, pool, conversation, agent, workspace }: Entry, owner: string) {
  return {
    id,
    owner,
    at,
    amount,
    credits,
    pool: pool ?? null,
    conversation: conversation ?? null,
    agent: agent ?? null,
    workspace: workspace ?? null,
  }
}
