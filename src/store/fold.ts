/** The journal of an answer: stream events as rows of JSON, and their way back into a message. */
import type { StoredMessage } from '../shared/conversation.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Json } from '../shared/json.ts'
import type { Stop, StreamEvent } from '../shared/message.ts'
import { newDraft, reduce, settle } from '../shared/reduce.ts'

export type JournalRow = { seq: number; events: string }
export type Folded = { message: StoredMessage; ended: boolean; torn: boolean }

/** The provider did not end this answer: the host that wrote it is gone. */
export const EDITOR_CLOSED: Stop = {
  kind: 'failed',
  failure: {
    code: 'truncated',
    message: 'The editor closed while this answer was being written. Continue from what arrived, or try again.',
  },
}

/** One journal row. Neighbouring deltas of one block become one: the reduced message is the same. */
export function encodeEvents(events: readonly StreamEvent[]): string {
  const merged: StreamEvent[] = []
  for (const event of events) {
    const last = merged.at(-1)
    if (event.type === 'block-delta' && last?.type === 'block-delta' && last.index === event.index) {
      merged[merged.length - 1] = { ...last, text: last.text + event.text }
    } else {
      merged.push(event)
    }
  }
  return JSON.stringify(merged)
}

/**
 * The message as it stood at `begin`, grown by its journal. Events count up to the first thing that cannot be read: a
 * row that is missing, a row that is not JSON, an event that is none. The state is left as it was.
 */
export function foldJournal(begun: StoredMessage, rows: Iterable<JournalRow>): Folded {
  if (begun.message.role !== 'assistant') return { message: begun, ended: false, torn: false }
  const { origin, content, usage } = begun.message
  const draft = { ...newDraft(origin), content: [...content], usage }
  let torn = false
  for (const event of readable(rows, () => (torn = true))) reduce(draft, event)
  return { message: { ...begun, message: settle(draft) }, ended: draft.ended, torn }
}

/** What a folded message becomes once nobody streams it any more. */
export function settleFolded({ message, ended }: Folded): StoredMessage {
  if (message.message.role !== 'assistant') return { ...message, state: 'interrupted' }
  if (!ended) return { ...message, state: 'interrupted', message: { ...message.message, stop: EDITOR_CLOSED } }
  const { kind } = message.message.stop
  return { ...message, state: kind === 'failed' || kind === 'aborted' ? 'interrupted' : 'done' }
}

function* readable(rows: Iterable<JournalRow>, onTorn: () => void): Generator<StreamEvent> {
  let expected = 0
  for (const row of rows) {
    const events = row.seq === expected++ ? parseJson(row.events) : undefined
    if (!Array.isArray(events)) return onTorn()
    for (const event of events) {
      if (!isStreamEvent(event)) return onTorn()
      yield event
    }
  }
}

/** Checks what `reduce` relies on, not every field. */
function isStreamEvent(value: Json): value is Json & StreamEvent {
  if (!isObject(value)) return false
  switch (value.type) {
    case 'start':
      return isObject(value.origin)
    case 'block-start':
    case 'block-replace':
    case 'block-end':
      return typeof value.index === 'number' && isObject(value.block) && typeof value.block.type === 'string'
    case 'block-delta':
      return typeof value.index === 'number' && typeof value.text === 'string'
    case 'usage':
      return isObject(value.usage)
    case 'end':
      return isObject(value.stop) && typeof value.stop.kind === 'string'
    default:
      return false
  }
}
