/** The contract of a stream as assertions, and a stream gathered under it. */
import assert from 'node:assert/strict'
import type { AssistantMessage, Stop, StreamEvent } from '../../src/shared/message.ts'
import { newDraft, reduce, settle } from '../../src/shared/reduce.ts'

/** Fails unless the events keep every promise of `StreamEvent`. */
export function assertContract(events: readonly StreamEvent[]): void {
  assert.equal(events[0]?.type, 'start', 'the first event is start')
  assert.equal(events.filter((event) => event.type === 'start').length, 1, 'there is one start')
  assert.equal(events.at(-1)?.type, 'end', 'the last event is end')
  assert.equal(events.filter((event) => event.type === 'end').length, 1, 'there is one end')
  const open = new Set<number>()
  const known = new Set<number>()
  for (const event of events) {
    if (!('index' in event)) continue
    if (event.type === 'block-start') {
      assert.equal(event.index, known.size, 'a block’s index is its place in the message')
      known.add(event.index)
      open.add(event.index)
    }
    assert.ok(open.has(event.index), `${event.type} is for block ${event.index}, which is open`)
    if (event.type === 'block-end') open.delete(event.index)
  }
  assert.deepEqual([...open], [], 'every block that started has ended')
  assert.deepEqual(JSON.parse(JSON.stringify(events)), events, 'events are plain JSON')
}

export type Gathered = { events: StreamEvent[]; message: AssistantMessage; stop: Stop }

/** Reads a stream to its end and holds it to the contract. `onEvent` sees each event as it comes. */
export async function gather(
  stream: AsyncIterable<StreamEvent>,
  onEvent?: (event: StreamEvent) => void,
): Promise<Gathered> {
  const events: StreamEvent[] = []
  for await (const event of stream) {
    events.push(event)
    onEvent?.(event)
  }
  assertContract(events)
  const draft = newDraft({ provider: '', dialect: '', model: '' })
  for (const event of events) reduce(draft, event)
  const message = settle(draft)
  return { events, message, stop: message.stop }
}
