/**
 * Requests whose window died before their end. What went out may have been paid for, whether or not anybody lives to hear of
 * it: it is recorded and settled by what the journal holds of it, once, by whichever window comes first.
 */
import type { MessageId, StoredMessage } from '../shared/conversation.ts'
import type { MessageRow } from './codec.ts'
import type { Context } from './context.ts'
import type { Folded } from './fold.ts'
import { settleFolded } from './fold.ts'
import type { MessageReader } from './message-reader.ts'
import { FIELDS, recordFields, recordOf, recordValues, selectRecords } from './requests.ts'

/** Both stand in a transaction. */
export interface Interrupted {
  /** Of an answer that nobody streams any more: the message, with what it cost. */
  settle(folded: Folded): StoredMessage
  /** Of an entry that a dead window held. */
  settleEntry(id: string): void
}

type Payment = { cost: number; paidBy?: string | null | undefined }

/** Sums of money are compared to a billionth. */
const ROUNDING = 1e-9

/** The answer that an entry of the ledger, and a record, are of: it is named first in their id. */
export const requestIdOf = (message: MessageId, request: string): string => `${message}/${request}`

const messageOf = (id: string): MessageId | undefined => (id.includes('/') ? id.slice(0, id.indexOf('/')) : undefined)

export function createInterrupted({ database, interrupted }: Context, reader: MessageReader): Interrupted {
  const insert = database.prepare(
    `INSERT OR IGNORE INTO request (${recordFields}) VALUES (${FIELDS.map(() => '?').join(', ')})`,
  )
  const find = database.prepare(`SELECT ${selectRecords} FROM request WHERE id = ?`)
  // Their ids begin with the answer's and a slash, whose next character is 0.
  const recorded = database.prepare('SELECT total(cost) AS cost FROM request WHERE id > ? AND id < ?')
  // An owner that is still named tells that this was assumed: where the window was only asleep, what it says counts.
  const assume = database.prepare(
    "UPDATE budget_entry SET state = 'settle', amount = ?, credits = ? WHERE id = ? AND state = 'reserve'",
  )
  const keep = database.prepare("UPDATE budget_entry SET state = 'settle' WHERE id = ? AND state = 'reserve'")
  const refund = database.prepare(
    "UPDATE budget_entry SET state = 'refund', owner = NULL, amount = 0, credits = 0 WHERE id = ? AND state = 'reserve'",
  )

  const settle = (folded: Folded): StoredMessage => {
    const stored = settleFolded(folded)
    const { asked, ended } = folded
    const found = asked && interrupted?.(asked.request, asked.message)
    if (!found || stored.message.role !== 'assistant') return stored
    const { usage, amount } = found
    insert.run(...recordValues(found.record))
    // As it is written, be it by a window that came before this one, or by the one that died, for an attempt that had ended.
    const record = recordOf(find.get(found.record.id) ?? {})
    const isAssumed = record.input === found.record.input && record.output === found.record.output
    if (amount) assume.run(amount.amount, amount.credits, found.record.id)
    else keep.run(found.record.id)
    const { cost, keyProfile, paidBy } = record
    return {
      ...stored,
      message: ended || !isAssumed ? stored.message : { ...stored.message, usage },
      ...(cost !== undefined && { cost: (stored.cost ?? 0) + cost }),
      ...(keyProfile !== undefined && { keyProfile }),
      ...(paidBy && { paidBy }),
    }
  }

  /** As it is recorded; else what the answer cost beyond what is recorded of its other attempts. */
  const costOf = (id: string, message: MessageId, row: MessageRow | undefined): Payment => {
    const record = find.get(id)
    if (record) return { cost: 0, ...recordOf(record) }
    const known = Number(recorded.get(requestIdOf(message, ''), `${message}0`)?.['cost'])
    const rest = (row?.cost ?? 0) - known
    return { cost: rest > ROUNDING ? rest : 0, paidBy: row?.paid_by }
  }

  return {
    settle,
    settleEntry(id) {
      const message = messageOf(id)
      // Nothing tells how far it had come: rather too much than a budget that a crash resets.
      if (message === undefined) return void keep.run(id)
      const row = reader.row(message)
      // It had its end, which was not settled any more.
      if (row?.state !== 'streaming') {
        const { cost, paidBy } = costOf(id, message, row)
        if (cost > 0 && paidBy !== 'credits') assume.run(cost, 0, id)
        else if (cost > 0) keep.run(id)
        return void refund.run(id)
      }
      const folded = reader.folded(row)
      // It was still waiting to go out.
      if (folded?.asked?.request.record.id !== id) return void refund.run(id)
      settle(folded)
      keep.run(id)
    },
  }
}
