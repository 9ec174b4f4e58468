import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mergeDeltas } from '../../src/shared/merge.ts'
import type { AssistantMessage, StreamEvent } from '../../src/shared/message.ts'
import { newDraft, reduce, reduceAll, resume, settle } from '../../src/shared/reduce.ts'
import { unseal, unsealEvent } from '../../src/shared/view.ts'
import { chunked, origin, streams } from './events.ts'

const cuts = fc.array(fc.nat(), { maxLength: 20 })

describe('reducing a stream', () => {
  it('gives the same message however the stream is cut and merged into batches', () => {
    fc.assert(
      fc.property(streams, cuts, (events, where) => {
        const batches = chunked(events, where).map((batch) => mergeDeltas(batch))
        assert.deepEqual(reduceAll(origin, batches.flat()), reduceAll(origin, events))
      }),
    )
  })

  it('is no longer for a server that tells after each token what was used', () => {
    const events = Array.from({ length: 500 }, (_, at): StreamEvent[] => [
      { type: 'block-delta', index: 0, text: 'word ' },
      { type: 'usage', usage: { input: 9, output: at, cacheRead: 0, cacheWrite: 0 } },
    ]).flat()
    const merged = mergeDeltas(events)
    assert.deepEqual(merged, [{ type: 'block-delta', index: 0, text: 'word '.repeat(500) }, events.at(-1)])
  })

  it('gives the webview, which sees no wire, the same message without its wire', () => {
    fc.assert(
      fc.property(streams, cuts, (events, where) => {
        const overTheWire = chunked(events, where)
          .flatMap((batch) => mergeDeltas(batch.map(unsealEvent)))
          .map((event) => JSON.parse(JSON.stringify(event)) as StreamEvent)
        assert.deepEqual(reduceAll(origin, overTheWire), unseal(reduceAll(origin, events)))
      }),
    )
  })

  it('goes on from any point of a stream after the page was loaded anew', () => {
    fc.assert(
      fc.property(streams, fc.nat(), (events, where) => {
        const at = 1 + (where % (events.length - 1))
        const before = newDraft(origin)
        for (const event of events.slice(0, at)) reduce(before, event)
        const after = resume(JSON.parse(JSON.stringify(settle(before))) as AssistantMessage)
        for (const event of events.slice(at)) reduce(after, event)
        assert.deepEqual(settle(after), reduceAll(origin, events))
      }),
    )
  })

  it('keeps what had come of a stream that is cut off, marked as interrupted', () => {
    fc.assert(
      fc.property(streams, fc.nat(), (events, where) => {
        const cut = events.slice(0, where % events.length)
        const message = reduceAll(origin, cut)
        assert.equal(message.stop.kind, 'failed')
        const deltas = cut.filter((event) => event.type === 'block-delta').map((event) => event.text)
        const text = JSON.stringify(message.content)
        for (const delta of deltas) assert.ok(text.includes(JSON.stringify(delta).slice(1, -1)))
      }),
    )
  })

  it('takes nothing after the end', () => {
    fc.assert(
      fc.property(streams, streams, (events, more) => {
        assert.deepEqual(reduceAll(origin, [...events, ...more]), reduceAll(origin, events))
      }),
    )
  })

  it('ignores deltas of blocks that never started or are over', () => {
    const events: StreamEvent[] = [
      { type: 'block-delta', index: 3, text: 'lost' },
      { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
      { type: 'block-end', index: 0, block: { type: 'text', text: 'kept' } },
      { type: 'block-delta', index: 0, text: 'late' },
    ]
    assert.deepEqual(reduceAll(origin, events).content, [{ type: 'text', text: 'kept' }])
  })

  it('does not change the events it is given', () => {
    fc.assert(
      fc.property(streams, (events) => {
        const before = structuredClone(events)
        reduceAll(origin, events)
        assert.deepEqual(events, before)
      }),
    )
  })
})

describe('taking the seal off', () => {
  it('leaves no wire at any depth, and a tool call’s own arguments whole', () => {
    const block = {
      type: 'tool-call' as const,
      id: '1',
      name: 'n',
      ranBy: 'provider' as const,
      json: '{}',
      input: { wire: 'the model said this' },
      wire: { secret: 1 },
      output: [{ type: 'text' as const, text: 'o', wire: { secret: 2 } }],
    }
    assert.deepEqual(unseal(block), {
      type: 'tool-call',
      id: '1',
      name: 'n',
      ranBy: 'provider',
      json: '{}',
      input: { wire: 'the model said this' },
      output: [{ type: 'text', text: 'o' }],
    })
  })
})
