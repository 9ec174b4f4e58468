/** What a request is recorded with, and cost, whose window died before its end. */
import { requestRecord } from '../../agent/record.ts'
import type { AssistantMessage } from '../../shared/message.ts'
import type { RequestBegun } from '../../shared/usage-record.ts'
import type { Interruption } from '../../store/contract/interrupted.ts'
import { costOf } from '../../usage/cost.ts'
import { usageOfBroken } from '../../usage/estimate.ts'

/**
 * Where the answer had its end, as that says; else by what was written and what was sent: it went out, so that may be paid for
 * although nobody was told. What failed draws no credits.
 */
export function interruption({ record, inputTokens, price }: RequestBegun, answer: AssistantMessage): Interruption {
  const { failureCode: _, cost: __, ...begun } = record
  const failed = answer.stop.kind === 'failed'
  const broken = failed || answer.stop.kind === 'aborted'
  const usage = (broken && usageOfBroken(inputTokens, answer.content, answer.usage, true)) || answer.usage
  const cost = costOf(usage, price)
  const row = {
    timing: { startedAt: record.startedAt, durationMs: record.durationMs },
    ...(cost !== undefined && { cost }),
  }
  const ended = requestRecord({}, row, { ...answer, usage }, record.model)
  // For how much of a credit a whole answer counts is not kept: it is what was held then.
  const drawn = record.paidBy === 'credits' ? failed && { amount: 0, credits: 0 } : { amount: cost ?? 0, credits: 0 }
  const named = { id: record.id, provider: record.provider, attempt: record.attempt }
  return { record: { ...begun, ...ended, ...named }, usage, ...(drawn && { amount: drawn }) }
}
