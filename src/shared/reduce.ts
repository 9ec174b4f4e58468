/**
 * Stream events to message: the only place that builds an assistant message, on the host and in the webview alike.
 *
 * The draft is changed in place, so that one event costs the same however long the answer already is (and so that a
 * reactive proxy of a draft updates only what changed). Nothing else is read or written: the same events give the same
 * draft everywhere.
 */
import type { AssistantMessage, Block, Origin, StreamEvent } from './message.ts'
import { noUsage } from './message.ts'

/** An assistant message that may still grow. `slots` maps the stream's block index to the place in `content`. */
export type Draft = AssistantMessage & { open: number[]; slots: Record<number, number>; ended: boolean }

export function newDraft(origin: Origin): Draft {
  const message = 'The answer was interrupted. Continue from what arrived, or try again.'
  const stop = { kind: 'failed', failure: { code: 'truncated', message } } as const
  return { role: 'assistant', content: [], origin, stop, usage: noUsage(), open: [], slots: {}, ended: false }
}

/** A draft that goes on from what had come so far: a page that loads while an answer is being written. */
export function resume(message: AssistantMessage): Draft {
  const places = message.content.map((_, place) => place)
  return { ...message, open: places, slots: Object.fromEntries(places.map((place) => [place, place])), ended: false }
}

/** Applies one event. Events after `end`, and events for blocks that are not open, change nothing. */
export function reduce(draft: Draft, event: StreamEvent): void {
  if (draft.ended) return
  switch (event.type) {
    case 'start':
      return begin(draft, event)
    case 'block-start':
      return startBlock(draft, event.index, event.block)
    case 'block-delta':
      return grow(draft, event.index, event.text)
    case 'block-replace':
      return setBlock(draft, event.index, event.block)
    case 'block-end':
      setBlock(draft, event.index, event.block)
      draft.open = draft.open.filter((index) => index !== event.index)
      return
    case 'usage':
      draft.usage = event.usage
      return
    case 'end':
      draft.stop = event.stop
      draft.open = []
      draft.ended = true
  }
}

/** The finished message: the draft without its scaffolding. Shares the draft's blocks. */
export function settle(draft: Draft): AssistantMessage {
  const { role, content, origin, stop, usage, goesOn } = draft
  return { role, content, origin, stop, usage, ...(goesOn && { goesOn }) }
}

/** Reduces a whole stream at once. */
export function reduceAll(origin: Origin, events: Iterable<StreamEvent>): AssistantMessage {
  const draft = newDraft(origin)
  for (const event of events) reduce(draft, event)
  return settle(draft)
}

/** A second start begins the answer anew: nothing of what an attempt before it brought was worth keeping. */
function begin(draft: Draft, { origin, prefilled }: Extract<StreamEvent, { type: 'start' }>): void {
  draft.origin = origin
  if (draft.content.length > 0) {
    draft.content = []
    draft.open = []
    draft.slots = {}
  }
  if (prefilled) draft.goesOn = 'prefilled'
  else if (draft.goesOn) draft.goesOn = 'asked'
}

function startBlock(draft: Draft, index: number, block: Block): void {
  if (draft.slots[index] !== undefined) return
  draft.slots[index] = draft.content.length
  // A copy, because deltas grow the block in place and the event belongs to its sender.
  draft.content.push({ ...block })
  draft.open.push(index)
}

function setBlock(draft: Draft, index: number, block: Block): void {
  const slot = openSlot(draft, index)
  if (slot !== undefined) draft.content[slot] = { ...block }
}

function grow(draft: Draft, index: number, text: string): void {
  const slot = openSlot(draft, index)
  if (slot === undefined) return
  const block = draft.content[slot]
  if (block?.type === 'text' || block?.type === 'thinking') block.text += text
  else if (block?.type === 'tool-call') block.json += text
}

function openSlot(draft: Draft, index: number): number | undefined {
  return draft.open.includes(index) ? draft.slots[index] : undefined
}
