/** Between rows and values. A decoder gives undefined for what is damaged, and never throws. */
import type { Guidance } from '../shared/agent.ts'
import type { Fitted, MessageState, StoredMessage, Timing } from '../shared/conversation.ts'
import type { JsonObject } from '../shared/json.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Message } from '../shared/message.ts'

export type MessageRow = {
  id: string
  conversation: string
  parent_id: string | null
  created_at: number
  state: MessageState
  owner: string | null
  body: string
  timing: string | null
  cost: number | null
  key_profile: string | null
  paid_by: string | null
  pinned: number
  fitted: string | null
  guidance: string | null
  removal: string | null
  role: Message['role'] | null
  provider: string | null
  model: string | null
  preview: string | null
  doc: number | null
  indexed: number
}

/** What a message row's content columns hold, as named parameters. */
export function encodeContent(stored: StoredMessage) {
  const { id, state, message, timing, cost, keyProfile, paidBy, fitted, guidance } = stored
  return {
    id,
    state,
    body: JSON.stringify(message),
    timing: timing ? JSON.stringify(timing) : null,
    cost: cost ?? null,
    keyProfile: keyProfile ?? null,
    paidBy: paidBy ?? null,
    fitted: fitted ? JSON.stringify(fitted) : null,
    guidance: guidance ? JSON.stringify(guidance) : null,
  }
}

export function decodeMessage(row: MessageRow): StoredMessage | undefined {
  const message = parseJson(row.body)
  if (!isMessage(message)) return undefined
  const timing = objectIn(row.timing)
  const fitted = objectIn(row.fitted)
  const guidance = objectIn(row.guidance)
  return {
    id: row.id,
    conversation: row.conversation,
    parent: row.parent_id,
    createdAt: row.created_at,
    state: row.state,
    message,
    ...(timing && { timing: timing as unknown as Timing }),
    ...(row.cost !== null && { cost: row.cost }),
    ...(row.key_profile !== null && { keyProfile: row.key_profile }),
    ...((row.paid_by === 'credits' || row.paid_by === 'key') && { paidBy: row.paid_by }),
    ...(row.pinned === 1 && { pinned: true as const }),
    ...(fitted && { fitted: fitted as unknown as Fitted }),
    ...(guidance && { guidance: guidance as unknown as Guidance }),
  }
}

function objectIn(text: string | null): JsonObject | undefined {
  const value = text === null ? undefined : parseJson(text)
  return isObject(value) ? value : undefined
}

function isMessage(value: unknown): value is Message {
  if (!isObject(value) || !Array.isArray(value.content) || !value.content.every(isObject)) return false
  if (value.role === 'assistant') return isObject(value.origin) && isObject(value.stop) && isObject(value.usage)
  return value.role === 'user' || value.role === 'tool'
}
