/** Which model an answer is of. */
import type { AssistantMessage, Message } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'

export function modelKey({ provider, model }: Pick<Chosen, 'provider' | 'model'>): string {
  return `${provider}/${model}`
}

/** The provider may name a dated snapshot of what was asked for. */
export function isBy(
  message: Message,
  { provider, model, info }: Pick<Chosen, 'provider' | 'model' | 'info'>,
): message is AssistantMessage {
  if (message.role !== 'assistant' || message.origin.provider !== provider) return false
  const { origin } = message
  return origin.model === info?.snapshot || origin.model.startsWith(info?.requestAs ?? model)
}
