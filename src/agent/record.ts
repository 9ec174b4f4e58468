/** From an answer to the row that usage, speed and budgets are computed from. */
import { randomUUID } from 'node:crypto'
import type { Conversation, StoredMessage } from '../shared/conversation.ts'
import type { AssistantMessage, Stop } from '../shared/message.ts'
import type { RequestOutcome, RequestRecord } from '../shared/usage-record.ts'

/**
 * `model` is the id that was asked for. The answer must have been sent: it has a timing. What a server asked a model for
 * belongs to no conversation.
 */
export function requestRecord(
  { id: conversation, workspace }: Partial<Pick<Conversation, 'id'>> & Pick<Conversation, 'workspace'>,
  {
    timing,
    cost,
    keyProfile,
    paidBy,
    guidance,
  }: Pick<StoredMessage, 'timing' | 'cost' | 'keyProfile' | 'paidBy' | 'guidance'>,
  { origin, stop, usage }: AssistantMessage,
  model: string,
): RequestRecord {
  const failure = stop.kind === 'failed' ? stop.failure : undefined
  return {
    id: randomUUID(),
    provider: origin.provider,
    model,
    ...(conversation !== undefined && { conversation }),
    startedAt: timing?.startedAt ?? Date.now(),
    durationMs: timing?.durationMs ?? 0,
    input: usage.input,
    output: usage.output,
    cacheRead: usage.cacheRead,
    cacheWrite: usage.cacheWrite,
    reasoning: usage.reasoning ?? 0,
    attempt: 1,
    outcome: outcomeOf(stop),
    ...(timing?.firstTokenMs !== undefined && { firstTokenMs: timing.firstTokenMs }),
    ...(cost !== undefined && { cost }),
    ...(workspace && { workspace }),
    ...(keyProfile !== undefined && { keyProfile }),
    ...(paidBy && { paidBy }),
    ...(guidance?.agent && { agent: guidance.agent.id }),
    ...(failure && { failureCode: failure.code }),
    ...(failure?.status !== undefined && { httpStatus: failure.status }),
    ...(failure?.requestId && { requestId: failure.requestId }),
  }
}

function outcomeOf(stop: Stop): RequestOutcome {
  switch (stop.kind) {
    case 'done':
    case 'tools':
    case 'paused':
      return 'done'
    default:
      return stop.kind
  }
}
