/** Between rows and values. A decoder gives undefined for what is damaged, and never throws. */
import type { MessageState, StoredMessage, Timing } from '../shared/conversation.ts'
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
}

/** What a message row's content columns hold, as named parameters. */
export function encodeContent({ id, state, message, timing, cost, keyProfile }: StoredMessage) {
  return {
    id,
    state,
    body: JSON.stringify(message),
    timing: timing ? JSON.stringify(timing) : null,
    cost: cost ?? null,
    keyProfile: keyProfile ?? null,
  }
}

export function decodeMessage(row: MessageRow): StoredMessage | undefined {
  const message = parseJson(row.body)
  if (!isMessage(message)) return undefined
  const timing = row.timing === null ? undefined : parseJson(row.timing)
  return {
    id: row.id,
    conversation: row.conversation,
    parent: row.parent_id,
    createdAt: row.created_at,
    state: row.state,
    message,
    ...(isObject(timing) && { timing: timing as unknown as Timing }),
    ...(row.cost !== null && { cost: row.cost }),
    ...(row.key_profile !== null && { keyProfile: row.key_profile }),
  }
}

function isMessage(value: unknown): value is Message {
  if (!isObject(value) || !Array.isArray(value.content) || !value.content.every(isObject)) return false
  if (value.role === 'assistant') return isObject(value.origin) && isObject(value.stop) && isObject(value.usage)
  return value.role === 'user' || value.role === 'tool'
}
