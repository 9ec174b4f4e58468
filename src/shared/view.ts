/**
 * What the webview may see of the model: everything but `wire`. The types make the seal a compile error to break, the
 * functions take it off.
 */
import type { MessageId, StoredMessage } from './conversation.ts'
import type { Block, Message, StreamEvent } from './message.ts'

/** `T` without any `wire`, at every depth of the model. */
export type Unsealed<T> = T extends readonly (infer Item)[]
  ? Unsealed<Item>[]
  : T extends object
    ? { [Key in keyof T as Key extends 'wire' ? never : Key]: Key extends 'input' ? T[Key] : Unsealed<T[Key]> }
    : T

export type BlockView = Unsealed<Block>
export type MessageContentView = Unsealed<Message>
export type StreamEventView = Unsealed<StreamEvent>
/** `siblings`: where others stand in its place, all of them in the order they were written, and its own place among them. */
export type MessageView = Unsealed<StoredMessage> & { siblings?: { at: number; ids: MessageId[] } }

/** A copy of a block, message, event or stored message without `wire`. A tool call's `input` is the model's own JSON and stays whole. */
export function unseal<T>(value: T): Unsealed<T> {
  if (Array.isArray(value)) return value.map((item: unknown) => unseal(item)) as Unsealed<T>
  if (typeof value !== 'object' || value === null) return value as Unsealed<T>
  const copy: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) {
    if (key === 'wire') continue
    copy[key] = key === 'input' ? field : unseal(field)
  }
  return copy as Unsealed<T>
}

/** The event as the webview gets it. Deltas, the many, hold no seal and pass as they are. */
export function unsealEvent(event: StreamEvent): StreamEventView {
  return event.type === 'block-delta' ? event : unseal<StreamEvent>(event)
}
