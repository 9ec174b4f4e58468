/** Arbitrary streams that keep the contract of `StreamEvent`. */
import fc from 'fast-check'
import type { Block, Origin, StreamEvent } from '../../src/shared/message.ts'

export const origin: Origin = { provider: 'anthropic', dialect: 'anthropic', model: 'm' }

const pieces = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 6 })

type Planned = { events: (index: number) => StreamEvent[] }

function growing(make: (text: string) => Block): fc.Arbitrary<Planned> {
  return pieces.map((texts) => ({
    events: (index) => [
      { type: 'block-start', index, block: make('') },
      ...texts.map((text): StreamEvent => ({ type: 'block-delta', index, text })),
      { type: 'block-end', index, block: make(texts.join('')) },
    ],
  }))
}

const whole: fc.Arbitrary<Planned> = fc.string().map((kind) => ({
  events: (index) => {
    const block: Block = { type: 'other', kind, wire: { type: kind } }
    return [
      { type: 'block-start', index, block },
      { type: 'block-replace', index, block: { ...block, kind: `${kind}!` } },
      { type: 'block-end', index, block: { ...block, kind: `${kind}!` } },
    ]
  },
}))

const block: fc.Arbitrary<Planned> = fc.oneof(
  growing((text) => ({ type: 'text', text })),
  growing((text) => ({ type: 'thinking', text, wire: { signature: 's' } })),
  growing((json) => ({ type: 'tool-call', id: 'c', name: 'n', ranBy: 'host', json })),
  whole,
)

/** Whole streams: blocks one after another or, by `interleave`, side by side. */
export const streams: fc.Arbitrary<StreamEvent[]> = fc
  .record({
    blocks: fc.array(block, { maxLength: 5 }),
    order: fc.infiniteStream(fc.nat()),
    usage: fc.nat(),
    interleave: fc.boolean(),
  })
  .map(({ blocks, order, usage, interleave }) => {
    const queues = blocks.map((planned, index) => planned.events(index))
    const body: StreamEvent[] = []
    // A block may start only when those before it have, because its index is its place.
    const started = (index: number): boolean =>
      index === 0 || queues[index - 1]!.length < blocks[index - 1]!.events(0).length
    while (queues.some((queue) => queue.length > 0)) {
      const ready = queues.flatMap((queue, index) => (queue.length > 0 && started(index) ? [index] : []))
      const pick = interleave ? ready[(order.next().value as number) % ready.length]! : ready[0]!
      body.push(queues[pick]!.shift()!)
    }
    return [
      { type: 'start', origin },
      ...body,
      { type: 'usage', usage: { input: usage, output: 1, cacheRead: 0, cacheWrite: 0 } },
      { type: 'end', stop: { kind: 'done', raw: 'end_turn' } },
    ]
  })

/** Cuts a list into consecutive chunks at arbitrary places. */
export function chunked<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const chunks: T[][] = []
  let rest = [...items]
  for (const cut of cuts) {
    const size = cut % (rest.length + 1)
    chunks.push(rest.slice(0, size))
    rest = rest.slice(size)
  }
  return [...chunks, rest]
}
