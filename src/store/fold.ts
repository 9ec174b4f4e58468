/** The journal of an answer: stream events as rows of JSON, and their way back into a message. */
import type { StoredMessage } from '../shared/conversation.ts'
import { isObject, parseJson } from '../shared/json.ts'
import type { Json } from '../shared/json.ts'
import type { AssistantMessage, Stop, StreamEvent } from '../shared/message.ts'
import { newDraft, reduce, settle } from '../shared/reduce.ts'
import type { RequestBegun } from '../shared/usage-record.ts'

export type JournalRow = { seq: number; events: string }
/** `asked`: a request has gone out. What follows, up to the next one, is its answer. */
export type JournalEvent = StreamEvent | { type: 'asked'; request: RequestBegun }
/** `asked`: the last request, and what came of it. */
export type Folded = { message: StoredMessage; ended: boolean; torn: boolean; asked?: Asked }
export type Asked = { request: RequestBegun; message: AssistantMessage }

/** The provider did not end this answer: the host that wrote it is gone. */
export const EDITOR_CLOSED: Stop = {
  kind: 'failed',
  failure: {
    code: 'truncated',
    message: 'The editor closed while this answer was being written. Continue from what arrived, or try again.',
  },
}

/** One journal row. Neighbouring deltas of one block become one: the reduced message is the same. */
export function encodeEvents(events: readonly JournalEvent[]): string {
  const merged: JournalEvent[] = []
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
  let asked: { request: RequestBegun; events: StreamEvent[] } | undefined
  for (const event of readable(rows, () => (torn = true))) {
    if (event.type === 'asked') asked = { request: event.request, events: [] }
    else {
      asked?.events.push(event)
      reduce(draft, event)
    }
  }
  const folded = { message: { ...begun, message: settle(draft) }, ended: draft.ended, torn }
  return asked ? { ...folded, asked: { request: asked.request, message: answerOf(asked.events, origin) } } : folded
}

function answerOf(events: readonly StreamEvent[], origin: AssistantMessage['origin']): AssistantMessage {
  const draft = newDraft(origin)
  for (const event of events) reduce(draft, event)
  return settle(draft.ended ? draft : { ...draft, stop: EDITOR_CLOSED })
}

/** What a folded message becomes once nobody streams it any more. */
export function settleFolded({ message, ended }: Folded): StoredMessage {
  if (message.message.role !== 'assistant') return { ...message, state: 'interrupted' }
  if (!ended) return { ...message, state: 'interrupted', message: { ...message.message, stop: EDITOR_CLOSED } }
  const { kind } = message.message.stop
  return { ...message, state: kind === 'failed' || kind === 'aborted' ? 'interrupted' : 'done' }
}

function* readable(rows: Iterable<JournalRow>, onTorn: () => void): Generator<JournalEvent> {
  let expected = 0
  for (const row of rows) {
    const events = row.seq === expected++ ? parseJson(row.events) : undefined
    if (!Array.isArray(events)) return onTorn()
    for (const event of events) {
      if (!isJournalEvent(event)) return onTorn()
      yield event
    }
  }
}

/** Checks what `reduce` relies on, not every field. */
function isJournalEvent(value: Json): value is Json & JournalEvent {
  if (!isObject(value)) return false
  switch (value.type) {
    case 'asked':
      return isObject(value.request) && isObject(value.request.record)
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
